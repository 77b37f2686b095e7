"""A second witness for bad news: another endpoint that is level, or nobody."""

import pytest
from pydantic import JsonValue
from starlette.responses import PlainTextResponse

from app.clients.chains.rpc.calls import RpcCall
from app.domain.ports import UnavailableError
from tests.clients.chains.rpc.conftest import OpenPool
from tests.clients.chains.rpc.node import Nodes

ECHO = RpcCall("echo", ("7",))
SYNCING: dict[str, JsonValue] = {
    "in hex": {"startingBlock": "0x0", "currentBlock": "0x384", "highestBlock": "0x386"},
    "in decimals": {"startingBlock": 0, "currentBlock": 900, "highestBlock": 902.0},
    "without fields": {},
    "without most fields": {"currentBlock": None},
    "while it indexes": {"txIndexFinishedBlocks": "0x1", "txIndexRemainingBlocks": "0x2"},
    "in a word": True,
}


async def test_the_only_endpoint_is_its_own_witness(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    pinned = await open_pool(node).pin()
    other = await pinned.other()
    assert other.name == pinned.name == "127.0.0.1"
    assert await other.call(ECHO) == ["7"]


async def test_of_two_each_is_the_other_ones_witness(nodes: Nodes, open_pool: OpenPool) -> None:
    first, second = nodes.start(), nodes.start()
    pinned = await open_pool(first, second).pin()
    other = await pinned.other()
    assert (pinned.name, other.name) == ("127.0.0.1#1", "127.0.0.1#2")
    assert await other.call(ECHO) == ["7"]
    assert (first.count("echo"), second.count("echo")) == (0, 1)
    assert (await other.other()).name == pinned.name


@pytest.mark.parametrize("status", [429, 503])
async def test_a_witness_that_does_not_answer_is_none(
    status: int, nodes: Nodes, open_pool: OpenPool
) -> None:
    first, second = nodes.start(), nodes.start()
    pinned = await open_pool(first, second).pin()
    second.always = PlainTextResponse("no", status)
    for _ in range(7):
        with pytest.raises(UnavailableError, match="no second endpoint"):
            await pinned.other()
    # Left alone once it cools down, or once its breaker is open.
    assert len(second.requests) == {429: 2, 503: 11}[status]


async def test_a_lagging_endpoint_is_no_witness_until_it_has_caught_up(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    first, second = nodes.start(), nodes.start(head=900)
    pinned = await open_pool(first, second).pin()
    with pytest.raises(UnavailableError, match="no second endpoint"):
        await pinned.other()
    second.head = 1000
    assert (await pinned.other()).name == "127.0.0.1#2"


async def test_the_next_witness_is_asked_when_the_first_is_down(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    first, second, third = nodes.start(), nodes.start(), nodes.start()
    pinned = await open_pool(first, second, third).pin()
    second.always = PlainTextResponse("down", 503)
    assert (await pinned.other()).name == "127.0.0.1#3"


@pytest.mark.parametrize("said", SYNCING)
async def test_one_that_says_it_synchronises_is_no_witness_and_is_asked_last(
    said: str, nodes: Nodes, open_pool: OpenPool
) -> None:
    first, second = nodes.start(), nodes.start()
    first.syncing = SYNCING[said]
    pool = open_pool(first, second)
    pinned = await pool.pin()
    assert (pinned.name, pinned.is_ready) == ("127.0.0.1#2", True)
    with pytest.raises(UnavailableError, match="no second endpoint"):
        await pinned.other()
    assert await pinned.find_others() == []
    assert pool.list_endpoints()[0].state == "lagging"
    first.syncing = False
    assert (await pinned.other()).name == "127.0.0.1#1"


@pytest.mark.parametrize("said", [False, None, "false", 0, []])
async def test_one_that_does_not_say_that_it_synchronises_is_ready(
    said: JsonValue, nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    node.syncing = said
    pool = open_pool(node)
    assert (await pool.pin()).is_ready
    assert pool.list_endpoints()[0].state == "ok"
