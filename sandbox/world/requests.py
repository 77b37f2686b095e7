"""What every control call has in common: its route, its body, and one sentence when it fails."""

import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.world.json_types import JsonObject
from sandbox.world.person import Person
from sandbox.world.problems import Problem
from sandbox.world.world import World

Handler = Callable[[World, Request], Awaitable[Response]]
_T = TypeVar("_T", bound=BaseModel)


class Call(BaseModel):
    """The body of a control call."""

    model_config = ConfigDict(extra="forbid")


def control_route(world: World, path: str, handler: Handler, method: str) -> Route:
    async def handle(request: Request) -> Response:
        try:
            return await handler(world, request)
        except Problem as problem:
            return JSONResponse({"error": problem.sentence}, status_code=problem.status)

    return Route(f"/world/{path}", handle, methods=[method])


def require_person(world: World, request: Request) -> Person:
    person = world.state.people.get(request.path_params["id"])
    if person is None:
        raise Problem(404, "There is no such person.")
    return person


async def read_call(request: Request, model: type[_T]) -> _T:
    return validate(model, await read_object(request))


async def read_object(request: Request) -> JsonObject:
    try:
        body: JsonValue = json.loads(await request.body() or b"{}")
    except ValueError:
        raise Problem(400, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Problem(400, "The body must be a JSON object.")
    return body


def validate(model: type[_T], values: JsonObject) -> _T:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Problem(400, f"{place}: {first['msg']}.") from None
