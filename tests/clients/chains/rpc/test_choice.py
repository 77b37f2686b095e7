"""Whom a pass is pinned to: level with the others, healthy, preferred, and not much slower."""

import asyncio
from datetime import timedelta

import pytest

from app.clients.chains.rpc.calls import RpcCall
from app.clients.chains.rpc.choice import EndpointChoice
from app.clients.chains.rpc.faults import EndpointError
from app.clients.chains.rpc.pool import RpcPool
from app.core.metrics import REGISTRY
from app.domain.ports import UnavailableError
from tests.clients.chains.rpc.conftest import OpenPool
from tests.clients.chains.rpc.node import SECRET, Nodes
from tests.support.eventually import eventually
from tests.support.stopped_clock import StoppedClock

ECHO = RpcCall("echo", ("7",))
FIRST, SECOND, THIRD = (f"127.0.0.1#{number}" for number in (1, 2, 3))


def states(pool: RpcPool) -> list[str]:
    return [endpoint.state for endpoint in pool.list_endpoints()]


async def pinned_name(pool: RpcPool) -> str:
    return (await pool.pin()).name


async def test_among_equals_the_order_of_configuration_counts(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    pool = open_pool(nodes.start(), nodes.start(head=1001), nodes.start())
    assert await pinned_name(pool) == FIRST
    assert states(pool) == ["ok", "ok", "ok"]


async def test_a_lagging_endpoint_is_not_chosen_and_comes_back(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(head=995), nodes.start()
    pool = open_pool(first, second)
    pinned = await pool.pin()
    assert (pinned.name, states(pool)) == (SECOND, ["lagging", "ok"])
    assert [endpoint.lag for endpoint in pool.list_endpoints()] == [5, 0]
    labels = {"chain": "test", "endpoint": FIRST}
    assert REGISTRY.get_sample_value("tollgate_rpc_lag_blocks", labels) == 5
    assert REGISTRY.get_sample_value("tollgate_rpc_head", labels) == 995
    stopped.seconds += 30
    first.head, second.head = 1002, 1002
    assert await pinned_name(pool) == FIRST
    assert states(pool) == ["ok", "ok"]


async def test_one_liar_with_a_huge_head_pushes_nobody_out(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    pool = open_pool(nodes.start(head=2**63 - 1), nodes.start(), nodes.start(head=1001))
    assert await pinned_name(pool) == SECOND
    assert states(pool) == ["ok", "ok", "ok"]
    assert [endpoint.lag for endpoint in pool.list_endpoints()] == [0, 1, 0]


async def test_an_endpoint_whose_head_stands_still_is_not_chosen(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start(head=999)
    pool = open_pool(first, second)
    assert await pinned_name(pool) == FIRST
    for _ in range(3):
        stopped.seconds += 30
        second.head += 2
        first.head = max(first.head, second.head - 1)  # never far behind
    first.head = 1000
    assert await pinned_name(pool) == SECOND
    assert states(pool) == ["lagging", "ok"]


async def test_two_that_stand_still_do_not_outvote_one_that_goes_on(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second, third = nodes.start(), nodes.start(), nodes.start()
    pool = open_pool(first, second, third)
    await pool.check()
    for _ in range(3):
        stopped.seconds += 30
        third.head += 2
        name = await pinned_name(pool)
    assert name == THIRD


async def test_when_the_whole_chain_stands_still_it_is_read_all_the_same(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    pool = open_pool(nodes.start(), nodes.start())
    await pool.check()
    stopped.seconds += 3600
    assert await (await pool.pin()).call(ECHO) == ["7"]
    assert states(pool) == ["lagging", "lagging"]


async def test_an_endpoint_not_asked_since_is_no_laggard(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    """Blocks every 450 ms: a head read half a minute ago is 60 blocks behind."""
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second, block_time=timedelta(milliseconds=450))
    pinned = await pool.pin()
    stopped.seconds += 27
    pinned.note_head(1060)
    assert [endpoint.lag for endpoint in pool.list_endpoints()] == [0, 0]
    second.head = 1030
    with pytest.raises(UnavailableError, match="no second endpoint"):
        await pinned.other()
    second.head = 1056
    assert (await pinned.other()).name == SECOND


async def test_heads_are_asked_for_every_half_minute_and_not_in_between(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    for _ in range(6):
        await pool.pin()
        stopped.seconds += 10
    assert (first.count("eth_chainId"), second.count("eth_chainId")) == (2, 2)


async def test_a_clearly_slower_endpoint_yields(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)

    async def second_is_known() -> bool:
        return states(pool) == ["unknown", "ok"]

    first.gate.clear()
    pinning = asyncio.ensure_future(pool.pin())
    await eventually(second_is_known)
    stopped.seconds += 0.6
    first.gate.set()
    assert (await pinning).name == SECOND
    assert [endpoint.latency_ms for endpoint in pool.list_endpoints()] == [600, 0]
    for _ in range(6):  # quick again: the average follows
        stopped.seconds += 31
        first.head, second.head = first.head + 2, second.head + 2
        name = await pinned_name(pool)
    assert name == FIRST


async def test_the_next_pass_goes_to_another_endpoint_after_a_failed_one(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    first.errors = {"echo": {"code": -32000, "message": "header not found"}}
    with pytest.raises(EndpointError, match="header not found"):
        await (await pool.pin()).call(ECHO)
    assert first.count("echo") == 1
    assert await pinned_name(pool) == SECOND
    assert states(pool) == ["ok", "ok"]
    stopped.seconds += 31
    assert await pinned_name(pool) == FIRST
    assert second.count("echo") == 0


async def test_an_endpoint_that_reported_nonsense_yields_to_its_equals(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    pool = open_pool(nodes.start(), nodes.start())
    (await pool.pin()).record_invalid_answer(f"not a block: {SECRET}")
    assert await pinned_name(pool) == SECOND
    assert pool.list_endpoints()[0].last_error == "not a block: ***"


def test_blocks_that_come_faster_than_answers_may_be_missed() -> None:
    assert EndpointChoice(timedelta(seconds=12))._allowed_lag == 1
    assert EndpointChoice(timedelta(milliseconds=450))._allowed_lag == 5
