"""`/world/chains/cf/…`: how the page and the tests turn the Cellframe chain."""

from typing import Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.world.chains.cellframe.addresses import cellframe_address
from sandbox.world.chains.cellframe.models import Dialect, NodeState
from sandbox.world.chains.cellframe.node import cellframe_of
from sandbox.world.problems import Problem
from sandbox.world.requests import Call, Handler, control_route, read_call
from sandbox.world.world import World


class _Send(Call):
    person_id: int | None = None
    to: str | None = Field(default=None, pattern=r"^[1-9A-HJ-NP-Za-km-z]{100,110}$")
    value: str = Field(default="10", pattern=r"^\d{1,9}(\.\d{1,18})?$")
    declined: bool = False
    hash: str | None = Field(default=None, pattern=r"^0x[0-9a-f]{64}$")


class _Mine(Call):
    blocks: int = Field(default=1, ge=1, le=10_000)


class _Hash(Call):
    hash: str


class _Reorg(_Hash):
    kind: Literal["moved", "lost"]


class _Change(Call):
    auto_seconds: float | None = Field(default=None, ge=0, le=3600)
    dialect: Dialect | None = None
    node: NodeState | None = None
    counts: bool | None = None


def cellframe_control_routes(world: World) -> list[Route]:
    def route(path: str, handler: Handler, method: str) -> Route:
        return control_route(world, f"chains/cf{path}", handler, method)

    return [
        route("/send", _send, "POST"),
        route("/mine", _mine, "POST"),
        route("/reorg", _reorg, "POST"),
        route("/drop", _drop, "POST"),
        route("", _change, "PATCH"),
    ]


async def _send(world: World, request: Request) -> Response:
    call = await read_call(request, _Send)
    people = list(world.state.people)
    person_id = people[0] if call.person_id is None else call.person_id
    if person_id not in world.state.people:
        raise Problem(404, "There is no such person.")
    other = next((id_ for id_ in people if id_ != person_id), person_id)
    to = call.to or cellframe_address(f"person {other}")
    sent = cellframe_of(world).send(
        person_id, to, call.value, declined=call.declined, tx_hash=call.hash
    )
    return JSONResponse({"hash": sent.hash})


async def _mine(world: World, request: Request) -> Response:
    call = await read_call(request, _Mine)
    cellframe_of(world).mine(call.blocks)
    return _view(world)


async def _reorg(world: World, request: Request) -> Response:
    call = await read_call(request, _Reorg)
    chain = cellframe_of(world)
    if call.kind == "moved":
        chain.move(call.hash)
    else:
        chain.lose(call.hash)
    return _view(world)


async def _drop(world: World, request: Request) -> Response:
    call = await read_call(request, _Hash)
    cellframe_of(world).forget(call.hash)
    return _view(world)


async def _change(world: World, request: Request) -> Response:
    call = await read_call(request, _Change)
    chain = cellframe_of(world)
    if call.auto_seconds is not None:
        chain.set_pace(call.auto_seconds)
    if call.node is not None:
        chain.set_node(call.node)
    if call.dialect is not None:
        chain.state.dialect = call.dialect
    if call.counts is not None:
        chain.state.counts = call.counts
    chain.touch()
    return _view(world)


def _view(world: World) -> Response:
    return JSONResponse(cellframe_of(world).view())
