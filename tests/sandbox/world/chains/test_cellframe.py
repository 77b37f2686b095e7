"""The world's Cellframe node: what it answers in both of its dialects, and how it is turned."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from app.domain.addresses import parse_address
from app.domain.chains import ChainKind
from sandbox.world import WorldConfig, WorldServer, serve_world
from sandbox.world.chains.cellframe.chain import CellframeChain
from sandbox.world.clock import WorldClock
from tests.sandbox.world.peers import Api, Json
from tests.support.plain_http import NO_CERTIFICATES

UNKNOWN = "0x" + "ab" * 32
LINE = "tx_history;-tx;{};-net;Backbone;-chain;main"


def first_form(line: str) -> Json:
    return {"method": line.partition(";")[0], "params": [line], "id": "1"}


def second_form(method: str, subcommand: str | list[str], **arguments: str) -> Json:
    return {"method": method, "subcommand": subcommand, "arguments": arguments, "id": "1"}


def history(tx_hash: str) -> Json:
    return second_form("tx_history", "tx_history", tx=tx_hash, net="Backbone", chain="main")


def status() -> Json:
    return second_form("net", ["get", "status"], net="Backbone")


class Node:
    """The node as a client without any library would ask it, and the controls beside it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def ask(self, body: Json) -> Json:
        answer = await self._client.post("/chains/cf", json=body)
        assert answer.status_code == 200
        envelope: Json = answer.json()
        assert (envelope["type"], envelope["id"], len(envelope["result"])) == (2, 1, 1)
        result: Json = envelope["result"][0]
        return result

    async def error(self, body: Json) -> int:
        code: int = (await self.ask(body))["errors"][0]["code"]
        return code

    async def turn(self, **values: object) -> Json:
        answer = await self._client.patch("/world/chains/cf", json=values)
        view: Json = answer.json()
        return view

    async def control(self, verb: str, **values: object) -> Json:
        answer = await self._client.post(f"/world/chains/cf/{verb}", json=values)
        view: Json = answer.json()
        return view

    async def send(self, **values: object) -> str:
        tx_hash: str = (await self.control("send", **values))["hash"]
        return tx_hash


@pytest.fixture
def node(client: httpx.AsyncClient) -> Node:
    return Node(client)


async def test_a_transaction_goes_from_the_mempool_into_an_atom(node: Node) -> None:
    sent = await node.send()
    assert await node.ask(history(sent)) == {
        "status": "pending",
        "source": "mempool",
        "hash": f"0x{sent[2:].upper()}",
    }

    await node.control("mine")
    first = await node.ask(history(sent))
    await node.control("mine", blocks=4)
    later = await node.ask(history(sent.upper().replace("X", "x")))

    assert (first["status"], first["confirmations"], later["confirmations"]) == ("ACCEPTED", 0, 4)
    assert first["hash"].lower() == sent
    assert first["atom_hash"] == later["atom_hash"]


async def test_an_old_node_knows_the_mempool_by_another_command_only(node: Node) -> None:
    await node.turn(dialect="old", counts=False)
    sent = await node.send()
    check = f"mempool;check;-net;Backbone;-datum;{sent}"

    assert await node.error(first_form(LINE.format(sent))) == -1
    found = await node.ask(first_form(check))
    assert (found["find"], found["source"]) == (True, "mempool")

    await node.control("mine")
    accepted = await node.ask(first_form(LINE.format(sent)))
    assert accepted["status"] == "ACCEPTED"
    assert "confirmations" not in accepted
    assert (await node.ask(first_form(check.replace(sent, UNKNOWN))))["find"] is False


async def test_a_declined_transaction_says_why(node: Node) -> None:
    sent = await node.send(declined=True)
    view = await node.control("mine")
    told = await node.ask(history(sent))
    assert (told["status"], view["transactions"][0]["status"]) == ("DECLINED", "declined")
    assert told["ret_code"] != 0
    assert told["ret_code_str"] != "No error"


async def test_a_reorg_moves_it_to_another_atom_or_back_into_the_mempool(node: Node) -> None:
    sent = await node.send()
    await node.control("mine", blocks=3)
    before = await node.ask(history(sent))

    await node.control("reorg", hash=sent, kind="moved")
    moved = await node.ask(history(sent))
    assert moved["atom_hash"] != before["atom_hash"]
    assert moved["confirmations"] == before["confirmations"]

    view = await node.control("reorg", hash=sent, kind="lost")
    assert view["transactions"][0]["status"] == "lost"
    assert (await node.ask(history(sent)))["status"] == "pending"

    await node.control("mine")
    assert (await node.ask(history(sent)))["confirmations"] == 0

    await node.control("drop", hash=sent)
    assert await node.error(history(sent)) == -1


async def test_what_cannot_be_reorganised_is_refused_in_a_sentence(node: Node) -> None:
    sent = await node.send()
    assert (await node.control("reorg", hash=sent, kind="moved"))["error"].endswith("no block.")
    assert "error" in await node.control("reorg", hash=UNKNOWN, kind="lost")
    assert "error" in await node.control("send", person_id=77)
    assert "error" in await node.control("send", to="Rj7;-net;x")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (history(UNKNOWN), -1),
        (second_form("tx_history", "tx_history", net="Backbone", chain="main"), 2),
        (second_form("tx_history", "tx_history", tx=UNKNOWN, chain="main"), 2),
        (history("0xab"), 3),
        (history(f"{UNKNOWN}0"), 3),
        (second_form("tx_history", "tx_history", tx=UNKNOWN, net="Nowhere", chain="main"), 4),
        (second_form("tx_history", "tx_history", tx=UNKNOWN, net="Backbone", chain="side"), 11),
        (second_form("net", ["get", "fee"], net="Nowhere"), 4),
        (second_form("wallet", "list"), 2),
        (first_form(LINE.format(UNKNOWN)), 2),
        ({"method": "tx_history", "id": "1"}, 2),
        ({}, 2),
    ],
)
async def test_errors_stand_inside_the_result_under_http_200(
    node: Node, body: Json, code: int
) -> None:
    assert await node.error(body) == code


async def test_an_old_node_takes_the_first_form_only(node: Node) -> None:
    await node.turn(dialect="old")
    assert await node.error(history(UNKNOWN)) == 2
    assert await node.error(first_form(LINE.format(UNKNOWN))) == -1


async def test_a_semicolon_is_a_separator_in_both_forms(node: Node) -> None:
    """The injection that clients have to keep from happening."""
    assert await node.error(history(f"{UNKNOWN};-net;Nowhere")) == 4
    await node.turn(dialect="old")
    assert await node.error(first_form(LINE.format(f"{UNKNOWN};-net;Nowhere"))) == 4


async def test_the_answer_has_no_type_and_the_question_needs_a_length(
    client: httpx.AsyncClient,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"{}"

    answer = await client.post("/chains/cf", json=status())
    assert "content-type" not in answer.headers
    assert (await client.post("/chains/cf", content=chunks())).status_code == 411


async def test_fees_are_reported_in_the_smallest_unit(node: Node) -> None:
    fees = (await node.ask(second_form("net", ["get", "fee"], net="Backbone")))["fees"]
    assert fees["network"]["balance"] == "2000000000000000"
    assert fees["validators"]["median"]["balance"] == "50000000000000000"


async def test_a_lagging_node_says_so_and_knows_nothing_newer(node: Node) -> None:
    await node.turn(node="lagging")
    sent = await node.send()
    await node.control("mine", blocks=7)
    main = (await node.ask(status()))["status"]["processed"]["main"]
    assert main["in_network"] - main["current"] == 7
    assert (await node.ask(history(sent)))["status"] == "pending"

    await node.turn(node="ok", dialect="old")
    line = "net;-net;Backbone;get;status"
    main = (await node.ask(first_form(line)))["status"]["processed"]["main"]
    assert main["in network"] == main["current"]


async def test_a_node_that_is_down_answers_with_a_page(
    node: Node, client: httpx.AsyncClient
) -> None:
    await node.turn(node="down")
    answer = await client.post("/chains/cf", json=status())
    assert (answer.status_code, answer.text[:6]) == (502, "<html>")


async def test_the_state_shows_the_chain_and_everybodys_address(node: Node, control: Api) -> None:
    sent = await node.send(person_id=1002, value="12.5")
    await node.control("mine", blocks=2)
    state = await control.get("state")
    view = state["chains"]["cf"]
    assert {key: view[key] for key in ("key", "kind", "dialect", "node", "counts")} == {
        "key": "cf",
        "kind": "cellframe",
        "dialect": "new",
        "node": "ok",
        "counts": True,
    }
    (shown,) = view["transactions"]
    assert (shown["hash"], shown["value"], shown["token"]) == (sent, "12.5", "CELL")
    assert (shown["status"], shown["confirmations"]) == ("accepted", 1)
    addresses = [person["addresses"]["cf"] for person in state["people"]]
    assert len(set(addresses)) == len(addresses) == 3
    for address in addresses:
        assert parse_address(address, ChainKind.CELLFRAME, "Backbone").text == address
    assert shown["to"] in addresses


async def test_a_hash_can_be_given_so_that_two_chains_have_the_same(node: Node) -> None:
    wanted = f"0x{hashlib.sha256(b'both').hexdigest()}"
    assert await node.send(hash=wanted) == wanted


async def test_a_snapshot_keeps_the_chain(node: Node, server: WorldServer) -> None:
    sent = await node.send()
    view = await node.control("mine", blocks=3)
    config = WorldConfig(bot_token="4242:bot", cryptobot_token="77:crypto", panel_key="panel")
    async with (
        serve_world(config, snapshot=server.world.snapshot()) as again,
        httpx.AsyncClient(base_url=again.url, trust_env=False, verify=NO_CERTIFICATES) as client,
    ):
        kept = (await client.get("/world/state")).json()["chains"]["cf"]
    assert kept["tip"] == view["tip"]
    assert kept["transactions"][0]["hash"] == sent


def test_blocks_come_by_themselves_and_a_lost_one_waits_a_while() -> None:
    clock = WorldClock()
    chain = CellframeChain(clock, None, mines=True)
    chain.set_pace(0.001)
    sent = chain.send(1001, "somebody", "1", declined=False)

    def after_a_block() -> str:
        before = chain.state.tip
        while chain.state.tip == before:
            chain.tick()
        return chain.require(sent.hash).status

    assert after_a_block() == "accepted"
    chain.lose(sent.hash)
    assert after_a_block() == "lost"
    clock.offset_seconds += int(timedelta(minutes=2).total_seconds())
    assert after_a_block() == "accepted"
