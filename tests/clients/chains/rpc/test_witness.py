"""A second witness for bad news: another endpoint that is level, or nobody."""

import pytest
from starlette.responses import PlainTextResponse

from app.clients.chains.rpc.calls import Call
from app.domain.ports import UnavailableError
from tests.clients.chains.rpc.conftest import OpenPool
from tests.clients.chains.rpc.node import Nodes

ECHO = Call("echo", ("7",))


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
    assert len(second.requests) == {429: 2, 503: 6}[status]


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
