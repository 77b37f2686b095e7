"""`/chains/cf`: the node's HTTP, with its two forms of a request and answers of no type."""

import json
from typing import cast

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.world.bad_gateway import BAD_GATEWAY
from sandbox.world.chains.cellframe.chain import CellframeChain
from sandbox.world.chains.cellframe.commands import CommandError, run_command
from sandbox.world.chains.cellframe.models import Dialect
from sandbox.world.json_types import JsonObject
from sandbox.world.world import World

_BAD_REQUEST = 2


def cellframe_routes(world: World) -> list[Route]:
    async def answer(request: Request) -> Response:
        return await _answer(cellframe_of(world), request)

    return [Route("/chains/cf", answer, methods=["POST"])]


def cellframe_of(world: World) -> CellframeChain:
    return cast("CellframeChain", world.chains["cf"])


async def _answer(chain: CellframeChain, request: Request) -> Response:
    chain.state.calls += 1
    if chain.state.node == "down":
        return HTMLResponse(BAD_GATEWAY, status_code=502)
    if "content-length" not in request.headers:
        return Response(status_code=411)
    try:
        words = _read_words(await request.body(), chain.state.dialect)
        result = run_command(chain, words)
    except CommandError as error:
        result = {"errors": [{"code": error.code, "message": error.message}]}
    envelope = {"type": 2, "result": [result], "id": 1}
    # No content type: the node sends none.
    return Response(json.dumps(envelope).encode())


def _read_words(body: bytes, dialect: Dialect) -> list[str]:
    try:
        asked: JsonValue = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or not isinstance(method := asked.get("method"), str):
        raise CommandError(_BAD_REQUEST, "can't parse the request")
    line = _first_form(asked) if dialect == "old" else _second_form(asked, method)
    if line is None:
        raise CommandError(_BAD_REQUEST, f"{method} requires parameters")
    return line.split(";")


def _first_form(asked: JsonObject) -> str | None:
    match asked.get("params"):
        case [str(line)]:
            return line
    return None


def _second_form(asked: JsonObject, method: str) -> str | None:
    subcommand, arguments = asked.get("subcommand"), asked.get("arguments")
    if subcommand is None or not isinstance(arguments, dict):
        return None
    named = subcommand if isinstance(subcommand, list) else [subcommand]
    words = [method, *(str(word) for word in named if word != method)]
    for name, value in arguments.items():
        words += [f"-{name}"] if value is None else [f"-{name}", str(value)]
    return ";".join(words)
