"""A JSON-RPC endpoint that fails as public ones do: a proxy over real HTTP in front of a node.

async with RpcProxy.open(node.url) as proxy:
    proxy.behaviour = rate_limited(retry_after=1)
"""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.world.server import serve_app
from tests.support.plain_http import NO_CERTIFICATES

JsonCall = dict[str, Any]
JsonAnswer = dict[str, Any]

_BY_HASH: Final = frozenset({"eth_getTransactionByHash", "eth_getTransactionReceipt"})
_HTML: Final = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"


class Exchange:
    """One HTTP request: the calls in it, and the node to ask."""

    def __init__(self, body: bytes, node_url: str, http: httpx.AsyncClient) -> None:
        parsed = json.loads(body)
        self.is_batch = isinstance(parsed, list)
        self.calls: list[JsonCall] = parsed if self.is_batch else [parsed]
        self._node_url = node_url
        self._http = http

    async def ask(self, calls: Sequence[JsonCall]) -> list[JsonAnswer]:
        answers: list[JsonAnswer] = (await self._http.post(self._node_url, json=list(calls))).json()
        return answers

    async def ask_one(self, method: str, *params: Any) -> Any:  # noqa: ANN401 - as JSON is
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return (await self.ask([call]))[0]["result"]

    def respond(self, answers: Sequence[JsonAnswer]) -> Response:
        return JSONResponse(list(answers) if self.is_batch else answers[0])

    def refuse(self, code: int, message: str) -> Response:
        """One error object for the whole batch, as servers do."""
        number = None if self.is_batch else self.calls[0]["id"]
        error = {"code": code, "message": message}
        return JSONResponse({"jsonrpc": "2.0", "id": number, "error": error})


Behaviour = Callable[[Exchange], Awaitable[Response]]


async def passing(exchange: Exchange) -> Response:
    return exchange.respond(await exchange.ask(exchange.calls))


def replaying(answer: Callable[[JsonCall], JsonAnswer]) -> Behaviour:
    """No node is asked: `answer` gives each call's `result` or `error`."""

    async def behave(exchange: Exchange) -> Response:
        return exchange.respond([answer(call) | {"id": call["id"]} for call in exchange.calls])

    return behave


class RpcProxy:
    """Counts what is asked of it, whatever it answers. `url` stays."""

    def __init__(self, url: str, node_url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self.behaviour: Behaviour = passing
        self._node_url = node_url
        self._http = http
        self.reset_counts()

    def reset_counts(self) -> None:
        self.requests = 0
        self.calls: Counter[str] = Counter()
        self.received_bytes = 0
        self.sent_bytes = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, node_url: str) -> AsyncIterator[Self]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with httpx.AsyncClient(timeout=30, verify=NO_CERTIFICATES) as http:
                proxy = cls(url, node_url, http)
                app = Starlette(routes=[Route("/{path:path}", proxy._answer, methods=["POST"])])
                async with serve_app(app, listener):
                    yield proxy

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        exchange = Exchange(body, self._node_url, self._http)
        self.requests += 1
        self.calls.update(call["method"] for call in exchange.calls)
        self.received_bytes += len(body)
        response = await self.behaviour(exchange)
        self.sent_bytes += len(response.body) if hasattr(response, "body") else 0
        return response


# --- what an endpoint may do ---------------------------------------------------------------------


def only(methods: Collection[str], fault: Behaviour) -> Behaviour:
    """Misbehave where one of these methods is asked for."""

    async def behave(exchange: Exchange) -> Response:
        hit = any(call["method"] in methods for call in exchange.calls)
        return await (fault if hit else passing)(exchange)

    return behave


def first(times: int, fault: Behaviour, then: Behaviour = passing) -> Behaviour:
    """Misbehave for so many requests."""
    left = times

    async def behave(exchange: Exchange) -> Response:
        nonlocal left
        left -= 1
        return await (fault if left >= 0 else then)(exchange)

    return behave


def rate_limited(retry_after: int | None = None) -> Behaviour:
    """HTTP 429; `retry_after` in seconds."""

    async def behave(_: Exchange) -> Response:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return Response("Too Many Requests", 429, headers)

    return behave


def refusing(code: int, message: str = "rate limit exceeded") -> Behaviour:
    """HTTP 200 with one error: -32005 and 429 are rate limits, -32601 an unknown method."""

    async def behave(exchange: Exchange) -> Response:
        return exchange.refuse(code, message)

    return behave


def refusing_calls(
    matches: Callable[[JsonCall], bool], code: int, message: str = "unsupported"
) -> Behaviour:
    """The calls that match get this error, the others of the batch their answers."""

    async def behave(exchange: Exchange) -> Response:
        error = {"code": code, "message": message}
        refused = {call["id"] for call in exchange.calls if matches(call)}
        answers = await exchange.ask(exchange.calls)
        return exchange.respond(
            [
                {"jsonrpc": "2.0", "id": one["id"], "error": error} if one["id"] in refused else one
                for one in answers
            ]
        )

    return behave


def answering(method: str, result: Any) -> Behaviour:  # noqa: ANN401 - as JSON is
    """Calls of this method get this result, the others are passed on."""

    async def behave(exchange: Exchange) -> Response:
        asked = {call["id"] for call in exchange.calls if call["method"] == method}
        return exchange.respond(
            [
                {"jsonrpc": "2.0", "id": one["id"], "result": result} if one["id"] in asked else one
                for one in await exchange.ask(exchange.calls)
            ]
        )

    return behave


def wrong_chain(chain_id: int = 5) -> Behaviour:
    return answering("eth_chainId", hex(chain_id))


async def html(_: Exchange) -> Response:
    return Response(_HTML, media_type="text/html")


async def truncated(exchange: Exchange) -> Response:
    whole = (await passing(exchange)).body
    return Response(whole[: len(whole) // 2], media_type="application/json")


async def cut(exchange: Exchange) -> Response:
    """The connection ends in the middle of the answer."""
    whole = bytes((await passing(exchange)).body)

    async def half() -> AsyncIterator[bytes]:
        yield whole[: len(whole) // 2]
        raise ConnectionAbortedError("cut, as the test wants it")

    return StreamingResponse(half(), headers={"Content-Length": str(len(whole))})


async def shuffled(exchange: Exchange) -> Response:
    answers = await exchange.ask(exchange.calls)
    return exchange.respond(answers[::-1])


async def short(exchange: Exchange) -> Response:
    """A batch loses its last answer."""
    answers = await exchange.ask(exchange.calls)
    return exchange.respond(answers[:-1] if exchange.is_batch else answers)


def batch_limit(most: int, code: int = -32000, text: str = "batch limit {} exceeded") -> Behaviour:
    async def behave(exchange: Exchange) -> Response:
        if len(exchange.calls) > most:
            return exchange.refuse(code, text.format(most))
        return await passing(exchange)

    return behave


def slow(seconds: float) -> Behaviour:
    async def behave(exchange: Exchange) -> Response:
        await asyncio.sleep(seconds)
        return await passing(exchange)

    return behave


def lagging(blocks: int) -> Behaviour:
    """A node that does not know the last blocks: what is in them is pending for it."""

    async def behave(exchange: Exchange) -> Response:
        head = int(await exchange.ask_one("eth_blockNumber"), 16) - blocks
        asked = {call["id"]: _as_of(call, head) for call in exchange.calls}
        answers = await exchange.ask(list(asked.values()))
        return exchange.respond([_hide(asked[one["id"]]["method"], one, head) for one in answers])

    return behave


def _as_of(call: JsonCall, head: int) -> JsonCall:
    """`latest` is the head it knows; `safe` and `finalized` are taken as older than that."""
    params = [hex(head) if param == "latest" else param for param in call["params"]]
    return {**call, "params": params}


def _hide(method: str, answer: JsonAnswer, head: int) -> JsonAnswer:
    result = answer.get("result")
    if method == "eth_blockNumber":
        return {**answer, "result": hex(head)}
    if method == "eth_getBlockByNumber" and result and int(result["number"], 16) > head:
        return {**answer, "result": None}
    if method not in _BY_HASH or not result or not result["blockNumber"]:
        return answer
    if int(result["blockNumber"], 16) <= head:
        return answer
    unmined = {"blockHash": None, "blockNumber": None, "transactionIndex": None}
    return {
        **answer,
        "result": None if method == "eth_getTransactionReceipt" else {**result, **unmined},
    }
