"""Breaker, chain id, the last one of all, and what a cancelled call leaves behind."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from app.clients.chains.rpc.calls import RpcCall
from app.clients.chains.rpc.faults import EndpointError
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import PoolTimings
from app.core.metrics import REGISTRY
from app.domain.ports import UnavailableError
from tests.clients.chains.rpc.conftest import OpenPool
from tests.clients.chains.rpc.node import Node, Nodes
from tests.support.stopped_clock import StoppedClock

ECHO = RpcCall("echo", ("7",))
DOWN = PlainTextResponse("down", 503)


def states(pool: RpcPool) -> list[str]:
    return [endpoint.state for endpoint in pool.list_endpoints()]


async def break_first(pool: RpcPool, first: Node) -> None:
    """Until its breaker opens."""
    pinned = await pool.pin()
    first.always = DOWN
    for _ in range(2):
        with pytest.raises(EndpointError):
            await pinned.call(ECHO)
    assert states(pool)[0] == "open"


async def test_five_failures_in_a_row_leave_it_alone_for_a_minute(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await break_first(pool, first)
    assert first.count("echo") == 5
    assert pool.list_endpoints()[0].failures == 5
    labels = {"name": "rpc_test 127.0.0.1#1"}
    assert REGISTRY.get_sample_value("tollgate_breaker_open", labels) == 1
    asked = len(first.requests)
    stopped.seconds += 59
    assert await pool.call(ECHO) == ["7"]
    assert len(first.requests) == asked
    stopped.seconds += 1
    assert states(pool)[0] == "half_open"
    first.always = None
    assert await pool.call(ECHO) == ["7"]
    assert first.requests[asked] == ["eth_chainId", "eth_blockNumber", "eth_syncing"]
    assert states(pool) == ["ok", "ok"]


async def test_a_failed_probe_leaves_it_alone_for_another_minute(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await break_first(pool, first)
    stopped.seconds += 60
    asked = len(first.requests)
    for _ in range(3):
        await pool.call(ECHO)
    assert len(first.requests) == asked + 2, "the probe, and its harmless part alone"
    assert states(pool)[0] == "open"


async def test_exactly_one_of_many_concurrent_calls_probes(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await break_first(pool, first)
    stopped.seconds += 60
    first.always = None
    before = first.count("eth_chainId")
    first.gate.clear()
    first.reached.clear()
    calls = [asyncio.ensure_future(pool.call(ECHO)) for _ in range(20)]
    await first.reached.wait()
    first.gate.set()
    assert await asyncio.gather(*calls) == [["7"]] * 20
    assert first.count("eth_chainId") == before + 1


async def test_many_first_calls_share_one_check_of_the_chain(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    assert await asyncio.gather(*(pool.call(ECHO) for _ in range(10))) == [["7"]] * 10
    assert node.count("eth_chainId") == 1


async def test_the_last_one_is_asked_though_its_breaker_is_open(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    await break_first(pool, node)
    with pytest.raises(UnavailableError, match="HTTP 503"):
        await pool.pin()
    node.always = None
    pinned = await pool.pin()
    assert await pinned.call(ECHO) == ["7"]
    assert states(pool) == ["ok"]


async def test_the_last_one_is_asked_though_it_cools_down(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    await pool.check()
    node.answers = [PlainTextResponse("no", 429, {"Retry-After": "60"})]
    with pytest.raises(UnavailableError, match="HTTP 429"):
        await pool.call(ECHO)
    assert node.count("echo") == 1  # once a call, and no more
    assert await pool.call(ECHO) == ["7"]
    assert states(pool) == ["cooling"]
    with pytest.raises(UnavailableError, match=r"test: 127\.0\.0\.1 cooling"):
        await pool.check()


async def test_of_many_that_are_out_the_least_bad_is_asked(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    quota, limited, broken = nodes.start(), nodes.start(), nodes.start()
    pool = open_pool(broken, quota, limited)
    await break_first(pool, broken)
    quota.answers = [PlainTextResponse("pay", 402)]
    limited.answers = [PlainTextResponse("no", 429)]
    with pytest.raises(UnavailableError):
        await pool.call(ECHO)
    assert states(pool) == ["open", "billing", "cooling"]
    assert (await pool.pin()).name == "127.0.0.1#3"


async def test_an_endpoint_of_another_chain_is_never_asked_for_data(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    first.chain_id = 1
    pool = open_pool(first, second)
    assert await pool.call(ECHO) == ["7"]
    second.always = DOWN
    with pytest.raises(UnavailableError):
        await pool.call(ECHO)
    assert first.count("echo") == 0
    [status, _] = pool.list_endpoints()
    assert (status.state, status.head, status.lag) == ("wrong_chain", None, None)
    assert status.last_error == "chain id 1 where 77 is meant"
    first.chain_id = 77
    stopped.seconds += 30
    assert await pool.call(ECHO) == ["7"]
    assert first.count("echo") == 1


async def test_without_an_endpoint_of_the_right_chain_nothing_is_asked(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    node.chain_id = 1
    pool = open_pool(node)
    with pytest.raises(UnavailableError, match="all are of another chain"):
        await pool.call(ECHO)
    with pytest.raises(UnavailableError, match=r"test: 127\.0\.0\.1 wrong_chain"):
        await pool.check()
    assert node.requests == [["eth_chainId", "eth_blockNumber", "eth_syncing"]]


async def test_the_chain_is_checked_again_when_it_comes_back(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await break_first(pool, first)
    stopped.seconds += 60
    first.always, first.chain_id = None, 1
    assert await pool.call(ECHO) == ["7"]
    assert states(pool) == ["wrong_chain", "ok"]
    assert second.count("echo") == 1


async def test_numbers_may_come_as_numbers(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    node.twist = lambda replies: [
        each | {"result": each["result"] and int(str(each["result"]), 16)} for each in replies
    ]
    pool = open_pool(node)
    await pool.check()
    assert pool.list_endpoints()[0].head == 1000


async def test_a_head_that_is_no_number_is_no_head(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    node.twist = lambda replies: [each | {"result": {}} for each in replies]
    pool = open_pool(node)
    with pytest.raises(UnavailableError, match="its head is no number"):
        await pool.pin()
    assert states(pool) == ["unknown"]


async def test_a_cancelled_call_leaves_nothing_behind(nodes: Nodes, open_pool: OpenPool) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    pinned = await pool.pin()
    before = pool.list_endpoints()
    first.gate.clear()
    first.reached.clear()
    call = asyncio.ensure_future(pinned.call(ECHO))
    await first.reached.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert pool.list_endpoints() == before
    first.gate.set()
    assert await pinned.call(ECHO) == ["7"]


async def test_a_cancelled_probe_leaves_its_place_to_the_next(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await break_first(pool, first)
    stopped.seconds += 60
    first.always = None
    first.gate.clear()
    first.reached.clear()
    call = asyncio.ensure_future(pool.call(ECHO))
    await first.reached.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert states(pool)[0] == "half_open"
    first.gate.set()
    await pool.check()
    assert states(pool)[0] == "ok"


async def test_a_slow_endpoint_is_given_up(
    nodes: Nodes, open_pool: OpenPool, brief_patience: PoolTimings
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second, timings=brief_patience)
    await pool.check()
    first.gate.clear()
    assert await pool.call(ECHO) == ["7"]
    assert pool.list_endpoints()[0].last_error == "no answer (TimeoutError)"
