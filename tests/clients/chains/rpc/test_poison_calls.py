"""One call that makes a node refuse the whole batch costs the others, and the endpoint, nothing."""

from collections.abc import Callable

import pytest
from pydantic import JsonValue
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from app.clients.chains.rpc.calls import RpcCall
from app.clients.chains.rpc.faults import EndpointError
from app.domain.ports import UnavailableError
from tests.clients.chains.rpc.conftest import OpenPool
from tests.clients.chains.rpc.node import PASS, Nodes, error, reply
from tests.support.stopped_clock import StoppedClock

CALLS = [RpcCall("echo", (str(number),), is_side=True) for number in range(40)]
ANSWERS: dict[int, JsonValue] = {number: [str(number)] for number in range(40)}
SPOILS: dict[str, Callable[[], Response | None]] = {
    "HTTP 500": lambda: PlainTextResponse("panic", 500),
    "HTTP 502": lambda: HTMLResponse("<h1>Bad gateway</h1>", 502),
    "HTTP 413": lambda: PlainTextResponse("big", 413),
    "HTTP 403": lambda: PlainTextResponse("no", 403),
    "HTTP 400": lambda: PlainTextResponse("bad request", 400),
    "a page": lambda: HTMLResponse("<h1>Oops</h1>"),
    "half an answer": lambda: Response('[{"id":0,"result":'),
    "nothing": Response,
    "an empty array": lambda: reply([]),
    "one error": lambda: error(-32603, "internal error"),
    "one error of ours": lambda: error(-32602, "invalid argument 0"),
    "one unknown error": lambda: error(-32000, "runtime error: index out of range"),
    "no reply to it": lambda: None,
}
MOST_REQUESTS = 16  # the whole, a harmless one, and about two for each of six halves


def spoil(*numbers: int, by: Callable[[], Response | None]) -> Callable[..., Response | None]:
    spoiling = [[str(number)] for number in numbers]
    return lambda call: by() if call["params"] in spoiling else PASS


@pytest.mark.parametrize("number", [0, 17, 39])
@pytest.mark.parametrize("name", SPOILS)
async def test_one_call_that_spoils_a_batch_is_found_by_halves_and_then_left_alone(
    name: str, number: int, nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    pinned = await pool.pin()
    node.spoils = spoil(number, by=SPOILS[name])
    answers = await pinned.call_each(CALLS)
    answered = {key: value for key, value in ANSWERS.items() if key != number}
    assert {key: answers[key] for key in answered} == answered
    assert len(node.requests) <= 1 + MOST_REQUESTS
    node.requests.clear()
    answers = await pinned.call_each(CALLS)
    assert {key: answers[key] for key in answered} == answered
    assert node.sizes == [39]
    (status,) = pool.list_endpoints()
    assert (status.failures, status.state) == (0, "ok")
    assert status.batch == 40


async def test_it_is_tried_again_alone_after_a_minute_then_two_and_forgotten_when_it_answers(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    node = nodes.start()
    pinned = await open_pool(node).pin()
    node.spoils = spoil(7, by=SPOILS["HTTP 500"])
    asked_at = []
    for minute in range(8):
        node.requests.clear()
        await pinned.call_each(CALLS)
        asked_at += [minute] if 1 in node.sizes else []
        stopped.seconds += 60
    assert asked_at == [0, 1, 3, 7]
    node.spoils = lambda _: PASS
    stopped.seconds += 8 * 60
    assert await pinned.call_each(CALLS) == ANSWERS
    node.requests.clear()
    assert await pinned.call_each(CALLS) == ANSWERS
    assert node.sizes == [40]


async def test_three_that_spoil_are_found_too(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    pool = open_pool(node)
    pinned = await pool.pin()
    node.spoils = spoil(3, 19, 30, by=SPOILS["a page"])
    answers = await pinned.call_each(CALLS)
    assert answers == {key: one for key, one in ANSWERS.items() if key not in {3, 19, 30}}
    assert pool.list_endpoints()[0].failures == 0


async def test_a_node_that_takes_no_batches_at_all_is_asked_one_by_one(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    pinned = await pool.pin()
    node.batches_get = HTMLResponse("<h1>Oops</h1>", 500)
    assert await pinned.call_each(CALLS[:3]) == {0: ["0"], 1: ["1"], 2: ["2"]}
    assert pool.list_endpoints()[0].batch == 1
    node.requests.clear()
    await pinned.call_each(CALLS[:3])
    assert node.sizes == [1, 1, 1]


@pytest.mark.parametrize("name", ["HTTP 500", "a page", "HTTP 403"])
async def test_an_endpoint_that_answers_nothing_harmless_either_is_penalised(
    name: str, nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    pinned = await pool.pin()
    node.always = SPOILS[name]()
    for _ in range(5):
        with pytest.raises(EndpointError):
            await pinned.call_each(CALLS)
    assert pool.list_endpoints()[0].state == "open"


REFUSALS = SPOILS | {"one unknown method": lambda: error(-32601, "the method does not exist")}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_probe_that_is_refused_for_eth_syncing_finds_the_head_all_the_same(
    name: str, nodes: Nodes, open_pool: OpenPool
) -> None:
    """That a node does not say whether it synchronises is no reason against it."""
    node = nodes.start()
    node.spoils = lambda call: REFUSALS[name]() if call["method"] == "eth_syncing" else PASS
    pool = open_pool(node)
    assert (await pool.pin()).is_ready
    (status,) = pool.list_endpoints()
    assert (status.state, status.head, status.failures) == ("ok", 1000, 0)


async def test_a_call_that_a_pass_needs_is_no_side_question(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    """Another endpoint is preferred then, and this one is asked again as soon as it is needed."""
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    pinned = await pool.pin()
    first.spoils = spoil(7, by=SPOILS["HTTP 500"])
    needed = [RpcCall("echo", call.params) for call in CALLS]
    with pytest.raises(UnavailableError):
        await pinned.call_many(needed)
    assert (await pool.pin()).name == "127.0.0.1#2"
    assert pool.list_endpoints()[0].failures == 0
    first.spoils = lambda _: PASS
    assert len(await pinned.call_many(needed)) == 40
