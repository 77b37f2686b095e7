"""`/remnawave/api/…`: the calls of Remnawave's that shops make, in the shapes of its contract."""

from collections.abc import Callable
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.world.clock import iso
from sandbox.world.json_types import JsonObject
from sandbox.world.panel.gate import ClosedConnection, Work, knows_token, pass_gate
from sandbox.world.panel.remnawave import devices, users
from sandbox.world.panel.remnawave.models import (
    CreateUser,
    DeviceRemoval,
    RemnawaveUser,
    Revoke,
    UpdateUser,
)
from sandbox.world.panel.remnawave.users import RemnawaveError, find_user
from sandbox.world.panel.remnawave.views import (
    show_devices,
    show_metadata,
    show_squads,
    show_user,
)
from sandbox.world.panel.usage import open_subscription
from sandbox.world.world import World

_M = TypeVar("_M", bound=BaseModel)
_MAX_STREAMED: Final = 1000
_ACTIONS: Final[dict[str, Callable[[World, RemnawaveUser], None]]] = {
    "enable": users.enable,
    "disable": users.disable,
    "reset-traffic": users.reset_traffic,
}


class _InvalidError(Exception):
    def __init__(self, path: list[str], text: str) -> None:
        super().__init__(text)
        self.path, self.text = path, text


def remnawave_routes(world: World) -> list[Route]:
    def route(path: str, work: Work, method: str = "GET") -> Route:
        async def handle(request: Request) -> Response:
            return await _answer(world, request, work)

        return Route(f"/remnawave/api/{path}", handle, methods=[method])

    async def subscription(request: Request) -> Response:
        try:
            user = find_user(world.state.remnawave, short_uuid=request.path_params["short_uuid"])
        except RemnawaveError:
            return ClosedConnection()
        address = request.client.host if request.client else None
        refused = devices.admit(world, user, request.headers, address)
        if refused is not None:
            return Response(media_type="text/plain", headers=refused)
        return open_subscription(world, user)

    return [
        route("system/metadata", _metadata),
        route("internal-squads", _squads),
        route("users", _create, "POST"),
        route("users", _update, "PATCH"),
        route("users/stream", _stream),
        route("users/by-username/{username}", _get_by("username")),
        route("users/by-short-uuid/{short_uuid}", _get_by("short_uuid")),
        route("users/{key}", _get),
        route("users/{key}", _delete, "DELETE"),
        route("users/{key}/actions/{action}", _act, "POST"),
        route("hwid/devices/delete", _remove_device, "POST"),
        route("hwid/devices/delete-all", _remove_all_devices, "POST"),
        route("hwid/devices/{key}", _devices),
        Route("/remnawave/sub/{short_uuid}", subscription),
    ]


async def _answer(world: World, request: Request, work: Work) -> Response:
    # What the panel itself does without a proxy with TLS before it.
    headers = request.headers
    if headers.get("X-Forwarded-Proto") != "https" or not headers.get("X-Forwarded-For"):
        return ClosedConnection()
    sent = headers.get("Authorization", "")
    known = knows_token(world, "remnawave", sent, f"Bearer {world.config.panel_key}")
    try:
        return await pass_gate(world, "remnawave", request, work, _REFUSALS, knows_key=known)
    except RemnawaveError as error:
        return _fail(request, error.status, error.code, error.message)
    except _InvalidError as invalid:
        problem: JsonObject = {"code": "custom", "path": [*invalid.path], "message": invalid.text}
        body = {"statusCode": 400, "message": "Validation failed", "errors": [problem]}
        return JSONResponse(body, 400)


class _Refusals:
    def unauthorized(self, _request: Request) -> Response:
        return JSONResponse({"statusCode": 401, "message": "Unauthorized"}, 401)

    def refused(self, request: Request) -> Response:
        return _fail(request, 400, "A035", "Users can't be created now")

    def broken(self, request: Request) -> Response:
        return _fail(request, 500, "A018", "Failed to create user")


_REFUSALS = _Refusals()


def _fail(request: Request, status: int, code: str, message: str) -> Response:
    path = request.url.path.removeprefix("/remnawave")
    body = {"timestamp": iso(request.app.state.world.clock.now()), "path": path}
    return JSONResponse({**body, "message": message, "errorCode": code}, status)


async def _read(request: Request, model: type[_M]) -> _M:
    try:
        return model.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _InvalidError([str(part) for part in first["loc"]], first["msg"]) from error


async def _metadata(world: World, _request: Request) -> Response:
    return JSONResponse({"response": show_metadata(world)})


async def _squads(world: World, _request: Request) -> Response:
    return JSONResponse({"response": show_squads(world)})


async def _create(world: World, request: Request) -> Response:
    user = users.create_user(world, await _read(request, CreateUser))
    return JSONResponse({"response": show_user(world, user)}, 201)


async def _stream(world: World, request: Request) -> Response:
    """By ascending ids, from behind the cursor."""
    size, cursor = request.query_params.get("size", "250"), request.query_params.get("cursor", "0")
    if not (size.isdigit() and 1 <= int(size) <= _MAX_STREAMED):
        raise _InvalidError(["size"], "Invalid input")
    users = sorted(world.state.remnawave.users.values(), key=lambda user: user.id)
    left = [user for user in users if user.id > int(cursor)]
    page, has_more = left[: int(size)], len(left) > int(size)
    streamed: JsonObject = {"users": [show_user(world, user) for user in page]}
    streamed |= {"nextCursor": str(page[-1].id) if has_more else None, "hasMore": has_more}
    return JSONResponse({"response": streamed})


async def _update(world: World, request: Request) -> Response:
    order = await _read(request, UpdateUser)
    if not (order.username or (order.uuid if world.state.remnawave.is_second else order.id)):
        raise _InvalidError([], "At least one of username, id must be provided")
    if order.expire_at is not None and order.expire_at <= world.clock.now():
        raise _InvalidError(["expireAt"], "Expiration date cannot be in the past")
    return _show(world, users.update_user(world, order))


def _get_by(field: str) -> Work:
    async def get(world: World, request: Request) -> Response:
        wanted = {field: request.path_params[field]}
        return _show(world, find_user(world.state.remnawave, **wanted))

    return get


async def _get(world: World, request: Request) -> Response:
    return _show(world, _require(world, request))


async def _delete(world: World, request: Request) -> Response:
    users.delete_user(world, _require(world, request))
    if world.state.remnawave.is_second:
        return JSONResponse({"response": {"isDeleted": True}})
    return Response(status_code=204)


async def _act(world: World, request: Request) -> Response:
    user = _require(world, request)
    action = request.path_params["action"]
    if action == "revoke":
        users.revoke(world, user, await _read(request, Revoke))
    elif action in _ACTIONS:
        _ACTIONS[action](world, user)
    else:
        return ClosedConnection()
    return _show(world, user)


async def _devices(world: World, request: Request) -> Response:
    return JSONResponse({"response": show_devices(_require(world, request))})


async def _remove_device(world: World, request: Request) -> Response:
    call = await _read(request, DeviceRemoval)
    if call.hwid is None:
        raise _InvalidError(["hwid"], "Required")
    user = _find_owner(world, call)
    devices.remove_device(user, call.hwid)
    return JSONResponse({"response": show_devices(user)})


async def _remove_all_devices(world: World, request: Request) -> Response:
    user = _find_owner(world, await _read(request, DeviceRemoval))
    user.devices.clear()
    return JSONResponse({"response": show_devices(user)})


def _find_owner(world: World, call: DeviceRemoval) -> RemnawaveUser:
    panel = world.state.remnawave
    if panel.is_second and call.user_uuid is not None:
        return find_user(panel, uuid=str(call.user_uuid))
    if not panel.is_second and call.user_id is not None:
        return find_user(panel, id=call.user_id)
    raise _InvalidError(["userUuid" if panel.is_second else "userId"], "Required")


def _require(world: World, request: Request) -> RemnawaveUser:
    """The other version's key is a validation error, and not a user that is missing."""
    panel, key = world.state.remnawave, request.path_params["key"]
    if key.isdigit() == panel.is_second:
        raise _InvalidError(["userId"], "Invalid input")
    return find_user(panel, uuid=key) if panel.is_second else find_user(panel, id=int(key))


def _show(world: World, user: RemnawaveUser) -> Response:
    return JSONResponse({"response": show_user(world, user)})
