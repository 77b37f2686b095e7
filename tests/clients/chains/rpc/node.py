"""Nodes of a made-up chain on one real port: what each answers is set by the test."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.world.server import serve_app

CHAIN_ID = 77
SECRET = "k3y0123456789abcdef"

Request_ = dict[str, JsonValue]
Reply = dict[str, JsonValue]
Twist = Callable[[list[Reply]], list[Reply]]
PASS = Response()  # stands for: answer as usual


@dataclass
class Node:
    """`answers`: the next requests get these, then it is itself again; `always`: all get it.

    `spoils`: the whole request gets what it says of a call, unless that is PASS; None: the call has
    no answer.
    """

    url: str
    chain_id: int = CHAIN_ID
    head: int = 1000
    syncing: JsonValue = False
    batch_limit: int | None = None
    delay_seconds: float = 0
    answers: list[Response] = field(default_factory=list)
    always: Response | None = None
    batches_get: Response | None = None
    errors: dict[str, Reply] = field(default_factory=dict)
    twist: Twist | None = None
    spoils: Callable[[dict[str, JsonValue]], Response | None] = lambda _: PASS
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    requests: list[list[str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def count(self, method: str) -> int:
        return sum(method in request for request in self.requests)

    @property
    def sizes(self) -> list[int]:
        """Calls in each request that held data."""
        return [len(request) for request in self.requests if "eth_chainId" not in request]

    async def answer(self, request: Request) -> Response:  # noqa: PLR0911 - a table
        asked = json.loads(await request.body())
        calls = asked if isinstance(asked, list) else [asked]
        self.requests.append([call["method"] for call in calls])
        self.headers.append(dict(request.headers))
        self.reached.set()
        await asyncio.sleep(self.delay_seconds)
        await self.gate.wait()
        if self.answers:
            return self.answers.pop(0)
        if self.always is not None:
            return self.always
        if self.batches_get is not None and isinstance(asked, list):
            return self.batches_get
        if self.batch_limit is not None and len(calls) > self.batch_limit:
            return error(-32000, f"batch limit {self.batch_limit} exceeded")
        spoilt = {call["id"]: self.spoils(call) for call in calls}
        for response in spoilt.values():
            if response is not None and response is not PASS:
                return response
        replies = [self._reply(call) for call in calls if spoilt[call["id"]] is PASS]
        if not isinstance(asked, list):
            return reply(replies[0] if replies else {})
        return reply(list(self.twist(replies) if self.twist else replies))

    def _reply(self, call: dict[str, JsonValue]) -> Reply:
        base: Reply = {"jsonrpc": "2.0", "id": call["id"]}
        method = str(call["method"])
        if method in self.errors:
            return base | {"error": self.errors[method]}
        known: Reply = {
            "eth_chainId": hex(self.chain_id),
            "eth_blockNumber": hex(self.head),
            "eth_syncing": self.syncing,
        }
        return base | {"result": known.get(method, call["params"])}


def reply(body: JsonValue, status: int = 200, **headers: str) -> Response:
    return Response(
        json.dumps(body), status, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def error(code: int, message: str, status: int = 200) -> Response:
    return reply(
        {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}, status
    )


@dataclass
class Nodes:
    """Each is reached by a path of its own, which holds a key as real ones do."""

    _url: str
    _nodes: list[Node] = field(default_factory=list)

    def start(self, *, head: int = 1000) -> Node:
        node = Node(f"{self._url}/{len(self._nodes)}/{SECRET}", head=head)
        self._nodes.append(node)
        return node

    async def answer(self, request: Request) -> Response:
        return await self._nodes[int(request.path_params["number"])].answer(request)

    def open_gates(self) -> None:
        for node in self._nodes:
            node.gate.set()


@asynccontextmanager
async def serve_nodes() -> AsyncIterator[Nodes]:
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        nodes = Nodes(f"http://127.0.0.1:{listener.getsockname()[1]}")
        route = Route("/{number}/{key}", nodes.answer, methods=["POST"])
        async with serve_app(Starlette(routes=[route]), listener):
            try:
                yield nodes
            finally:
                nodes.open_gates()
    finally:
        listener.close()
