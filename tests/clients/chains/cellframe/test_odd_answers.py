"""What a Cellframe node or the gateway before it may say, and what none of it breaks."""

import asyncio

import pytest
from structlog.testing import capture_logs

from app.clients.chains.cellframe.chain import CellframeChain
from app.domain.chain_ports import Inclusion, NodeTx, TxDetails
from app.domain.ports import UnavailableError
from tests.clients.chains.cellframe.odd_node import STATUS, OddNode, envelope, errors

TX = "0x" + "ab" * 32
ATOM = "0x" + "cd" * 32
ACCEPTED = {"status": "ACCEPTED", "hash": TX, "atom_hash": ATOM, "confirmations": 0}
NOT_FOUND = f"TX hash {TX} not found in chains and mempool"


async def look(chain: CellframeChain) -> NodeTx | None:
    return (await (await chain.pin()).get_node_txs([TX]))[TX]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>502 Bad Gateway</html>",
        envelope(ACCEPTED)[:-9],
        b"[" * 100_000,
        b'{"type":2,"result":null,"id":1}',
        b'{"type":2,"result":[],"id":1}',
        b'{"type":2,"result":["no"],"id":1}',
        envelope({}),
        envelope({"errors": []}),
        envelope({"errors": ["no"]}),
        envelope({**ACCEPTED, "hash": ATOM}),
        envelope({**ACCEPTED, "hash": None}),
        envelope({**ACCEPTED, "atom_hash": None}),
        envelope({**ACCEPTED, "atom_hash": "0xab"}),
        envelope({**ACCEPTED, "status": "PERHAPS"}),
        envelope({**ACCEPTED, "confirmations": "many"}),
        errors(-1, "the node is out of memory"),
        errors(-66, "no"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_none_and_breaks_nothing(
    odd: OddNode, odd_chain: CellframeChain, body: bytes
) -> None:
    odd.body = body
    with pytest.raises(UnavailableError) as raised:
        await look(odd_chain)
    assert "s3cr3t" not in str(raised.value)

    odd.body = envelope(ACCEPTED)
    assert await look(odd_chain) is not None


@pytest.mark.parametrize("status_code", [403, 429, 500, 502])
async def test_a_gateway_that_refuses_is_unavailable(
    odd: OddNode, odd_chain: CellframeChain, status_code: int
) -> None:
    odd.body, odd.status_code = envelope(ACCEPTED), status_code
    with pytest.raises(UnavailableError):
        await look(odd_chain)


@pytest.mark.parametrize(
    "status_body",
    [
        b"<html>Welcome</html>",
        envelope({}),
        envelope({"status": {"net": "Backbone"}}),
        envelope({"status": "Backbone"}),
        errors(2),
        errors(-1),
        errors(4),
        envelope({"status": {**STATUS["status"], "net": "KelVPN"}}),
    ],
)
async def test_without_a_status_that_makes_sense_nobody_is_asked(
    odd: OddNode, odd_chain: CellframeChain, status_body: bytes
) -> None:
    odd.body, odd.status_body = envelope(ACCEPTED), status_body
    with pytest.raises(UnavailableError):
        await odd_chain.pin()
    assert odd.asked == []


@pytest.mark.parametrize("code", [2, 3, 4, 11])
async def test_a_refusal_that_is_our_fault_is_logged_and_is_no_answer(
    odd: OddNode, odd_chain: CellframeChain, code: int
) -> None:
    odd.body = errors(code, "not as it should be")
    with capture_logs() as logs, pytest.raises(UnavailableError, match=f"refused with {code}"):
        await look(odd_chain)
    (logged,) = [log for log in logs if log["event"] == "cellframe_request_refused"]
    assert (logged["method"], logged["code"], logged["log_level"]) == ("tx_history", code, "error")


@pytest.mark.parametrize("status_code", [200, 400])
async def test_not_found_is_none_under_any_status(
    odd: OddNode, odd_chain: CellframeChain, status_code: int
) -> None:
    odd.body, odd.status_code = errors(-1, NOT_FOUND), status_code
    assert await look(odd_chain) is None
    assert [asked["method"] for asked in odd.asked] == ["tx_history", "mempool"]


async def test_other_keys_and_other_spellings_change_nothing(
    odd: OddNode, odd_chain: CellframeChain
) -> None:
    upper = {"hash": f"0x{TX[2:].upper()}", "atom_hash": f"0x{ATOM[2:].upper()}"}
    told = {**ACCEPTED, **upper, "action": "regular", "ITEMS": [{"x": 1}], "ret_code": 0}
    odd.body = envelope([[told]])
    inclusion = Inclusion(block_hash=ATOM, succeeded=True, confirmations=1)
    assert await look(odd_chain) == NodeTx(TxDetails(action="regular"), inclusion)


async def test_what_was_declined_may_stand_in_no_atom(
    odd: OddNode, odd_chain: CellframeChain
) -> None:
    odd.body = envelope({"status": "DECLINED", "hash": TX, "ret_code_str": "No error"})
    inclusion = Inclusion(block_hash="", succeeded=False)
    assert await look(odd_chain) == NodeTx(TxDetails(), inclusion)


async def test_no_more_than_two_things_are_asked_at_a_time(
    odd: OddNode, odd_chain: CellframeChain
) -> None:
    at_once: list[int] = []
    waiting = 0

    async def count() -> None:
        nonlocal waiting
        waiting += 1
        at_once.append(waiting)
        for _ in range(50):  # whatever else was sent comes meanwhile, in the same loop
            await asyncio.sleep(0)
        waiting -= 1

    odd.before, odd.body = count, errors(-1, NOT_FOUND)
    asked = [f"0x{number:064x}" for number in range(8)]
    found = await (await odd_chain.pin()).get_node_txs(asked)
    assert found == dict.fromkeys(asked)
    assert max(at_once) == 2


async def test_the_request_is_the_facts_first_form_with_a_length(
    odd: OddNode, odd_chain: CellframeChain
) -> None:
    odd.body = envelope(ACCEPTED)
    await look(odd_chain)
    line = f"tx_history;-tx;{TX};-net;Backbone;-chain;main"
    assert odd.asked == [{"method": "tx_history", "params": [line], "id": "1"}]
    assert all(int(headers["content-length"]) > 0 for headers in odd.headers)
