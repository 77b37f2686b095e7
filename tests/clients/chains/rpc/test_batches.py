"""Batches: any order, none lost, and a size that is learned."""

import gzip
import json

import pytest
from pydantic import JsonValue
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from app.clients.chains.rpc.batches import BatchSize
from app.clients.chains.rpc.calls import RpcCall
from app.clients.chains.rpc.faults import EndpointError, FaultKind
from tests.clients.chains.rpc.conftest import OpenPool
from tests.clients.chains.rpc.node import Nodes, Reply, Twist, error, reply

CALLS = [RpcCall("echo", (str(number),)) for number in range(100)]
ANSWERS = [[str(number)] for number in range(100)]


def shuffled(replies: list[Reply]) -> list[Reply]:
    return replies[::-1]


def short(replies: list[Reply]) -> list[Reply]:
    return replies[: len(replies) // 2]


def twice(replies: list[Reply]) -> list[Reply]:
    return [*replies, replies[0] | {"result": "another"}]


def ids_as_words(replies: list[Reply]) -> list[Reply]:
    return [each | {"id": str(each["id"])} for each in replies]


def with_strangers(replies: list[Reply]) -> list[Reply]:
    return [{"id": 999, "result": 1}, *replies, {"id": True, "result": 2}]


async def test_a_long_list_is_cut_into_batches(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    pinned = await open_pool(node).pin()
    assert await pinned.call_many(CALLS) == ANSWERS
    assert node.sizes == [40, 40, 20]
    assert await pinned.call_many([]) == []


async def test_a_limit_of_three_is_learned(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    node.batch_limit = 3
    pool = open_pool(node)
    pinned = await pool.pin()
    assert await pinned.call_many(CALLS) == ANSWERS
    assert pool.list_endpoints()[0].batch == 3
    node.requests.clear()
    assert await pinned.call_many(CALLS[:7]) == ANSWERS[:7]
    assert node.sizes == [3, 3, 1]
    assert pool.list_endpoints()[0].failures == 0


async def test_an_endpoint_without_batches_is_asked_one_by_one(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    node.batch_limit = 1
    pool = open_pool(node)
    assert await (await pool.pin()).call_many(CALLS[:5]) == ANSWERS[:5]
    assert pool.list_endpoints()[0].batch == 1


@pytest.mark.parametrize(
    "answer",
    [
        error(-32600, "invalid request"),
        error(-32700, "parse error"),
        error(-32602, "batch too large"),
        error(31, "Batch of more than 3 requests is not allowed on the free tier", 500),
        error(-32003, "response too large"),
        reply([{"id": None, "error": {"code": -32000, "message": "batch limit 3 exceeded"}}]),
        PlainTextResponse("big", 413),
    ],
)
async def test_too_many_calls_halve_the_batch_and_lose_none(
    answer: Response, nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    pinned = await pool.pin()
    node.answers = [answer]
    assert await pinned.call_many(CALLS[:40]) == ANSWERS[:40]
    assert node.sizes[:2] == [40, 21]
    assert pool.list_endpoints()[0].failures == 0


async def test_calls_whose_answers_are_too_large_are_asked_again_in_smaller_batches(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    def cut(replies: list[Reply]) -> list[Reply]:
        too_large: JsonValue = {"code": -32003, "message": "response too large"}
        return [
            each if index < 4 else {"id": each["id"], "error": too_large}
            for index, each in enumerate(replies)
        ]

    node = nodes.start()
    pinned = await open_pool(node).pin()
    node.twist = cut
    assert await pinned.call_many(CALLS[:40]) == ANSWERS[:40]


@pytest.mark.parametrize("twist", [shuffled, ids_as_words, with_strangers])
async def test_answers_find_their_calls_by_id(
    twist: Twist, nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pinned = await open_pool(node).pin()
    node.twist = twist
    assert await pinned.call_many(CALLS) == ANSWERS
    assert node.sizes == [40, 40, 20]


async def test_calls_missing_from_a_batch_are_asked_again(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    pinned = await pool.pin()
    node.twist = short
    assert await pinned.call_many(CALLS[:4]) == ANSWERS[:4]
    assert node.sizes == [4, 2, 1]


async def test_an_id_answered_twice_is_asked_again(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    pinned = await open_pool(node).pin()
    node.twist = twice
    assert await pinned.call_many(CALLS[:4]) == ANSWERS[:4]
    assert node.sizes == [4, 1]


@pytest.mark.parametrize(
    "answer",
    [
        Response(json.dumps([{"id": 0, "result": "0x1"}])[:-9]),
        HTMLResponse("<h1>Checking your browser</h1>"),
        reply([]),
        reply([None, 7, "x", []]),
        error(-32603, "internal error"),
    ],
)
async def test_a_batch_without_answers_is_asked_again(
    answer: Response, nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    pinned = await pool.pin()
    node.answers = [answer]
    assert await pinned.call_many(CALLS[:4]) == ANSWERS[:4]
    assert node.sizes == [4, 2, 2]
    node.always = answer
    with pytest.raises(EndpointError) as caught:
        await pinned.call_many(CALLS[:4])
    assert caught.value.kind is FaultKind.TRANSIENT
    assert pool.list_endpoints()[0].failures == 3


async def test_compressed_answers_are_read(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    pinned = await open_pool(node).pin()
    body = gzip.compress(json.dumps([{"id": 1, "result": 1}, {"id": 0, "result": 0}]).encode())
    node.answers = [Response(body, headers={"Content-Encoding": "gzip"})]
    assert await pinned.call_many(CALLS[:2]) == [0, 1]


async def test_the_first_fault_ends_a_long_list(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    pinned = await open_pool(node).pin()
    node.answers = [error(-32005, "limit exceeded")]
    with pytest.raises(EndpointError, match="limit exceeded"):
        await pinned.call_many(CALLS)
    assert node.sizes == [40]


def _learn(size: BatchSize, limit: int) -> list[int]:
    tried = []
    for _ in range(12):
        tried.append(size.size)
        fits = size.size <= limit
        size.note_fit(size.size) if fits else size.note_too_large(size.size)
    return tried


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20, 39, 40])
def test_the_largest_size_that_fits_is_found(limit: int) -> None:
    size = BatchSize(40)
    _learn(size, limit)
    assert size.size == limit


def test_a_size_is_halved_first() -> None:
    assert _learn(BatchSize(40), 3)[:8] == [40, 20, 10, 5, 2, 3, 4, 3]


def test_a_size_that_fits_no_more_is_halved_again_and_never_below_one() -> None:
    size = BatchSize(40)
    size.note_fit(40)
    size.note_too_large(40)
    assert size.size == 20
    for _ in range(10):
        size.note_too_large(size.size)
    assert size.size == 1


def test_after_many_full_batches_one_more_is_tried() -> None:
    size = BatchSize(40)
    _learn(size, 3)
    for _ in range(300):
        size.note_fit(3)
    assert size.size == 4
    size.note_too_large(4)
    assert size.size == 3


def test_news_of_an_older_size_does_no_harm() -> None:
    size = BatchSize(40)
    size.note_too_large(10)
    size.note_too_large(40)
    assert size.size == 5
    size.note_fit(2)
    assert size.size == 5
    size.note_fit(40)
    assert size.size == 40
