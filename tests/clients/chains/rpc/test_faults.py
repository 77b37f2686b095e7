"""Every class of error over HTTP: who is asked instead, and what becomes of the endpoint."""

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import JsonValue
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from app.clients.chains.rpc.calls import RpcCall, RpcRefusal
from app.clients.chains.rpc.faults import EndpointError, FaultKind, parse_retry_after
from app.clients.chains.rpc.pool import RpcPool
from app.core import clock
from app.core.metrics import REGISTRY
from app.domain.chain_ports import EndpointStatus
from tests.clients.chains.rpc.conftest import OpenPool
from tests.clients.chains.rpc.node import PASS, Node, Nodes, error, reply
from tests.conftest import Skip
from tests.support.stopped_clock import StoppedClock

ECHO = RpcCall("echo", ("7",))


@dataclass(frozen=True)
class Case:
    answer: Response
    kind: FaultKind
    failures: int = 0
    state: str = "ok"


def transient(answer: Response) -> Case:
    return Case(answer, FaultKind.TRANSIENT, failures=1)


def rate_limit(answer: Response) -> Case:
    return Case(answer, FaultKind.RATE_LIMIT, state="cooling")


def billing(answer: Response) -> Case:
    return Case(answer, FaultKind.BILLING, state="billing")


CASES = {
    "-32601": Case(error(-32601, "no such method"), FaultKind.UNSUPPORTED),
    "-32004": Case(error(-32004, "not supported"), FaultKind.UNSUPPORTED),
    "-32001": Case(error(-32001, "Resource not found"), FaultKind.ELSEWHERE),
    "-32000": Case(error(-32000, "header not found"), FaultKind.ELSEWHERE),
    "-32002": Case(error(-32002, "request timed out"), FaultKind.ELSEWHERE),
    "-32003": Case(error(-32003, "response too large"), FaultKind.ELSEWHERE),
    "unknown": Case(error(3, "execution reverted"), FaultKind.ELSEWHERE),
    "no code": Case(reply({"id": 0, "error": "it broke"}), FaultKind.ELSEWHERE),
    "range": Case(error(-32005, "query returned more than 10000 results"), FaultKind.ELSEWHERE),
    "-32603": transient(error(-32603, "internal error")),
    "-32005": rate_limit(error(-32005, "limit exceeded")),
    "-32007": rate_limit(error(-32007, "slow down")),
    "429 inside": rate_limit(error(429, "capacity exceeded")),
    "-32016": rate_limit(error(-32016, "over rate limit")),
    "rate in words alone": Case(error(-32000, "too many requests"), FaultKind.ELSEWHERE),
    "HTTP 429": rate_limit(PlainTextResponse("no", 429)),
    "HTTP 402": billing(PlainTextResponse("pay", 402)),
    "monthly": billing(error(-32005, "Monthly capacity limit exceeded")),
    "monthly 429": billing(error(-32005, "Monthly capacity limit exceeded", 429)),
    "daily": billing(error(-32005, "daily request count exceeded, request rate limited")),
    "plan": Case(error(-32000, "not available on your current plan"), FaultKind.ELSEWHERE),
    "plan 403": Case(
        PlainTextResponse("Archive is not available on your current plan", 403),
        FaultKind.FORBIDDEN,
        failures=1,
    ),
    "plan 429": rate_limit(
        PlainTextResponse("RPS limit reached; 25/s are available on the current plan", 429)
    ),
    "a day's allowance a second": rate_limit(
        error(429, "You exceeded your monthly plan's compute units per second capacity")
    ),
    "HTTP 403": Case(PlainTextResponse("no", 403), FaultKind.FORBIDDEN, failures=1),
    "503 and when": Case(
        PlainTextResponse("no", 503, {"Retry-After": "20"}), FaultKind.RATE_LIMIT, state="cooling"
    ),
    "HTTP 404": transient(PlainTextResponse("no", 404)),
    "HTTP 408": transient(PlainTextResponse("late", 408)),
    "HTTP 413": Case(PlainTextResponse("big", 413), FaultKind.ELSEWHERE),
    "HTTP 500": transient(error(-32000, "whatever", 500)),
    "HTTP 503": transient(HTMLResponse("<h1>Unavailable</h1>", 503)),
    "HTTP 301": transient(Response(status_code=301, headers={"Location": "http://127.0.0.1:9"})),
    "HTML 200": transient(HTMLResponse("<h1>Checking your browser</h1>")),
    "truncated": transient(Response('{"jsonrpc":"2.0","id":0,"result":{"numb')),
    "empty": transient(Response()),
    "a string": transient(reply("nonsense")),
    "no result": transient(reply({"jsonrpc": "2.0", "id": 0})),
    "another id": transient(reply({"jsonrpc": "2.0", "id": 9, "result": "0x1"})),
    "not gzip": transient(Response("{}", headers={"Content-Encoding": "gzip"})),
    "deep": transient(Response("[" * 100_000)),
    "big id": transient(reply({"id": "9" * 5000, "result": 1})),
}


def only(pool: RpcPool, index: int = 0) -> EndpointStatus:
    return pool.list_endpoints()[index]


@pytest.mark.parametrize("name", CASES)
async def test_what_one_endpoint_cannot_answer_another_does(
    name: str, nodes: Nodes, open_pool: OpenPool
) -> None:
    case = CASES[name]
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await pool.check()
    first.always = case.answer
    assert await pool.call(ECHO) == ["7"]
    assert (first.count("echo"), second.count("echo")) == (1, 1)
    assert (only(pool).failures, only(pool).state) == (case.failures, case.state)
    labels = {"chain": "test", "endpoint": "127.0.0.1#1", "kind": case.kind.value}
    assert REGISTRY.get_sample_value("tollgate_rpc_faults_total", labels)


async def test_an_answer_without_end_is_cut_off(nodes: Nodes, open_pool: OpenPool) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await pool.check()
    first.always = Response(b" " * (16 * 1024 * 1024 + 1))
    assert await pool.call(ECHO) == ["7"]
    assert only(pool).last_error == "the answer is too long"


async def test_nobody_listening_counts_as_a_failure(nodes: Nodes, open_pool: OpenPool) -> None:
    pool = open_pool("http://127.0.0.1:9/v3/0123456789", nodes.start())
    assert await pool.call(ECHO) == ["7"]
    assert only(pool).state == "unknown"
    assert only(pool).last_error == "no answer (ConnectError)"


async def test_a_call_that_makes_no_sense_is_asked_once(nodes: Nodes, open_pool: OpenPool) -> None:
    first, second = nodes.start(), nodes.start()
    first.errors = {"echo": {"code": -32602, "message": "invalid argument 0"}}
    pool = open_pool(first, second)
    with pytest.raises(EndpointError, match="invalid argument 0") as caught:
        await pool.call(ECHO)
    assert caught.value.kind is FaultKind.OURS
    assert (first.count("echo"), second.count("echo"), only(pool).failures) == (1, 0, 0)


async def test_a_refusal_the_caller_knows_is_an_answer(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    node.errors = {"tag": {"code": -39001, "message": "unknown block" + "!" * 500}}
    pool = open_pool(node)
    answers = await (await pool.pin()).call_many(
        [RpcCall("tag", refusals=frozenset({-39001})), ECHO]
    )
    assert answers == [RpcRefusal(-39001, ("unknown block" + "!" * 500)[:200]), ["7"]]
    assert only(pool).failures == 0


async def test_a_missing_method_is_remembered_for_that_endpoint(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    first.errors = {"echo": {"code": -32601, "message": "the method does not exist"}}
    pool = open_pool(first, second)
    for _ in range(3):
        assert await pool.call(ECHO) == ["7"]
    assert first.count("echo") == 1
    assert await pool.call(RpcCall("other", ("1",))) == ["1"]
    second.errors = first.errors
    with pytest.raises(EndpointError) as caught:
        await pool.call(ECHO)
    assert caught.value.kind is FaultKind.UNSUPPORTED
    assert first.count("echo") == 1
    stopped.seconds += 3600
    first.errors = {}
    assert await pool.call(ECHO) == ["7"]


async def test_a_pass_prefers_who_has_all_methods(nodes: Nodes, open_pool: OpenPool) -> None:
    first, second = nodes.start(), nodes.start()
    first.errors = {"echo": {"code": -32601, "message": "the method does not exist"}}
    pool = open_pool(first, second)
    with pytest.raises(EndpointError, match="does not exist"):
        await (await pool.pin()).call(ECHO)
    assert await (await pool.pin()).call(ECHO) == ["7"]


async def test_an_endpoint_is_left_alone_as_long_as_it_asked(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await pool.check()
    first.answers = [PlainTextResponse("no", 429, {"Retry-After": "20"})]
    assert await pool.call(ECHO) == ["7"]
    until = only(pool).state_until
    assert until is not None
    assert timedelta(seconds=19) < until - clock.now() <= timedelta(seconds=20)
    stopped.seconds += 19.9
    await pool.call(ECHO)
    assert first.count("echo") == 1
    stopped.seconds += 0.1
    await pool.call(ECHO)
    assert first.count("echo") == 2


async def test_without_a_word_it_is_left_alone_for_up_to_a_minute(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    pinned = await pool.pin()
    node.always = PlainTextResponse("no", 429)
    waits = []
    for _ in range(12):
        with pytest.raises(EndpointError) as caught:
            await pinned.call(ECHO)
        assert caught.value.kind is FaultKind.RATE_LIMIT
        until = only(pool).state_until
        assert until is not None
        waits.append((until - clock.now()).total_seconds())
        stopped.seconds += 61
    assert all(0.9 < wait <= 60 for wait in waits)
    assert waits[0] <= 2
    assert len(set(waits)) > 1
    assert only(pool).failures == 0


async def test_a_spent_quota_is_probed_after_an_hour_then_two_and_at_midnight_utc(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock, skip: Skip
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await pool.check()
    skip(_until_midnight() + timedelta(hours=20, minutes=30))
    first.always = error(-32005, "Monthly capacity limit exceeded")
    await pool.call(ECHO)
    waits = []
    for _ in range(3):
        until = only(pool).state_until
        assert until is not None
        waits.append(round((until - clock.now()).total_seconds() / 60))
        asked = len(first.requests)
        stopped.seconds += 31
        await pool.call(ECHO)
        assert len(first.requests) == asked
        skip(until - clock.now())
        stopped.seconds += 31
        await pool.call(ECHO)
        assert len(first.requests) == asked + 1, "the probe decides"
    assert waits == [60, 120, 30]
    assert first.count("echo") == 1
    first.always = None
    skip(timedelta(hours=4))
    stopped.seconds += 31
    await pool.call(ECHO)
    assert first.count("echo") == 2


def _until_midnight() -> timedelta:
    now = clock.now()
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now


async def test_a_retry_after_beside_a_code_in_the_body_counts(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    await pool.check()
    refused: JsonValue = {"id": 0, "error": {"code": 429, "message": "slow down"}}
    first.answers = [reply(refused, Retry_After="30")]
    assert await pool.call(ECHO) == ["7"]
    until = only(pool).state_until
    assert until is not None
    assert timedelta(seconds=29) < until - clock.now() <= timedelta(seconds=30)


SIDE = RpcCall("side", ("1",), is_side=True)
REFUSALS = {
    "-32603": error(-32603, "internal error"),
    "-32000": error(-32000, "transaction indexing is in progress"),
    "-32001": error(-32001, "Resource not found"),
    "-32602": error(-32602, "Archive requests require a personal token."),
    "-32601": error(-32601, "the method is not available"),
    "403": PlainTextResponse("Archive is not available on your current plan", 403),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_of_one_question_is_no_verdict_on_the_endpoint(
    name: str, nodes: Nodes, open_pool: OpenPool
) -> None:
    first, second = nodes.start(), nodes.start()
    pool = open_pool(first, second)
    pinned = await pool.pin()
    for _ in range(7):
        first.answers = [REFUSALS[name]]
        with contextlib.suppress(EndpointError):
            assert isinstance(await pinned.call(SIDE), RpcRefusal)
        first.answers = []
    assert (only(pool).failures, only(pool).state) == (0, "ok")
    assert (await pool.pin()).name == pinned.name
    assert await pinned.call(ECHO) == ["7"]


async def test_calls_that_are_never_answered_keep_no_other_from_its_answer(
    nodes: Nodes, open_pool: OpenPool
) -> None:
    node = nodes.start()
    pool = open_pool(node)
    pinned = await pool.pin()
    node.spoils = lambda call: None if call["params"] in (["13"], ["14"]) else PASS
    calls = [RpcCall("echo", (str(number),)) for number in range(100)]
    for _ in range(3):
        answers = await pinned.call_each(calls)
        assert answers == {n: [str(n)] for n in range(100) if n not in {13, 14}}


async def test_retries_end_with_the_last_error(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    pool = open_pool(node)
    await pool.check()
    node.errors = {"echo": {"code": -32000, "message": "header not found"}}
    with pytest.raises(EndpointError, match=r"test: 127\.0\.0\.1: -32000: header not found"):
        await pool.call(ECHO)
    assert node.count("echo") == 5


def test_both_spellings_of_retry_after_are_read() -> None:
    in_a_minute = format_datetime(clock.now() + timedelta(seconds=60), usegmt=True)
    assert parse_retry_after(in_a_minute) == pytest.approx(60, abs=5)
    assert parse_retry_after("7") == 7
    assert parse_retry_after("99999999") == 3600
    assert parse_retry_after(format_datetime(datetime(2001, 1, 1, tzinfo=UTC), usegmt=True)) == 0
    for nonsense in (None, "", "soon", "-5", "1e9", "²"):
        assert parse_retry_after(nonsense) is None


def test_a_status_of_an_endpoint_is_plain_data(nodes: Nodes, open_pool: OpenPool) -> None:
    node: Node = nodes.start()
    [status] = open_pool(node).list_endpoints()
    assert (status.state, status.head, status.lag, status.batch) == ("unknown", None, None, 40)
    assert json.dumps(status.name) == '"127.0.0.1"'
