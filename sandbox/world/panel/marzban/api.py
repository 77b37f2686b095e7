"""`/marzban/api/…` and `/pasarguard/api/…`: the calls of the two that shops make."""

import secrets
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.world.panel.gate import Work, pass_gate
from sandbox.world.panel.marzban import devices, users
from sandbox.world.panel.marzban.models import Kind, Marzban, MarzbanUser, NewUser, UserOrder
from sandbox.world.panel.marzban.users import MarzbanError, find_user
from sandbox.world.panel.marzban.views import show_groups, show_inbounds, show_system, show_user
from sandbox.world.panel.usage import open_subscription
from sandbox.world.world import World

_M = TypeVar("_M", bound=BaseModel)


def marzban_routes(world: World) -> list[Route]:
    return [*_list_routes(world, "marzban"), *_list_routes(world, "pasarguard")]


def _list_routes(world: World, kind: Kind) -> list[Route]:
    def route(path: str, work: Work, method: str = "GET") -> Route:
        async def handle(request: Request) -> Response:
            return await _answer(world, _get_panel(world, kind), request, work)

        return Route(f"/{kind}/api/{path}", handle, methods=[method])

    async def subscription(request: Request) -> Response:
        user = users.find_by_token(_get_panel(world, kind), request.path_params["token"])
        if user is None:
            return JSONResponse({"detail": "Not Found"}, 404)
        try:
            if kind == "pasarguard":
                devices.admit_hwid(world, user, request.headers)
        except MarzbanError as error:
            return JSONResponse({"detail": error.detail}, error.status)
        return open_subscription(world, user)

    one = "user/{username}" if kind == "marzban" else "user/by-id/{id:int}"
    own = [
        route("user/by-username/{username}", _get),
        route("groups", _groups),
        route("user/{id:int}/hwids", _hwids),
        route("user/{id:int}/hwids/reset", _reset_hwids, "POST"),
        route("user/{id:int}/hwids/{hwid:path}", _delete_hwid, "DELETE"),
    ]
    return [
        route("admin/token", _log_in, "POST"),
        route("system", _system),
        route("inbounds", _inbounds),
        route("users", _list),
        route("user", _create, "POST"),
        *([] if kind == "marzban" else own),
        route(one, _get),
        route(one, _update, "PUT"),
        route(one, _delete, "DELETE"),
        route(f"{one}/reset", partial(_act, "reset"), "POST"),
        route(f"{one}/revoke_sub", partial(_act, "revoke_sub"), "POST"),
        Route(f"/{kind}/sub/{{token}}", subscription),
    ]


def _get_panel(world: World, kind: Kind) -> Marzban:
    return world.state.marzban if kind == "marzban" else world.state.pasarguard


def _of(world: World, request: Request) -> Marzban:
    return _get_panel(
        world, "marzban" if request.url.path.startswith("/marzban/") else "pasarguard"
    )


class _Refusals:
    def unauthorized(self, _request: Request) -> Response:
        return JSONResponse({"detail": "Could not validate credentials"}, 401)

    def refused(self, _request: Request) -> Response:
        return JSONResponse({"detail": "The maximum of users is reached"}, 400)

    def broken(self, _request: Request) -> Response:
        return Response("Internal Server Error", 500)


_REFUSALS = _Refusals()


async def _answer(world: World, panel: Marzban, request: Request, work: Work) -> Response:
    known = work is _log_in or _is_known(world, panel, request)
    try:
        return await pass_gate(world, panel.kind, request, work, _REFUSALS, knows_key=known)
    except MarzbanError as error:
        return JSONResponse({"detail": error.detail}, error.status)


def _is_known(world: World, panel: Marzban, request: Request) -> bool:
    """A token that was given before the knob was turned has ended by it."""
    is_expired = world.state.get_panel_fault(panel.kind) == "expired_token"
    key = request.headers.get("X-Api-Key")
    if key is not None and panel.kind == "pasarguard":
        return key == f"pg_key_{world.config.panel_key}" and not is_expired
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return token in panel.logins and token.startswith("late-" if is_expired else "")


async def _log_in(world: World, request: Request) -> Response:
    form = dict(parse_qsl((await request.body()).decode()))
    if (form.get("username"), form.get("password")) != ("admin", world.config.panel_key):
        raise MarzbanError(401, "Incorrect username or password")
    panel = _of(world, request)
    is_late = world.state.get_panel_fault(panel.kind) == "expired_token"
    token = f"{'late' if is_late else 'early'}-{secrets.token_urlsafe(16)}"
    panel.logins.append(token)
    return JSONResponse({"access_token": token, "token_type": "bearer"})


async def _read(request: Request, model: type[_M]) -> _M:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise MarzbanError(422, f"{first['loc']}: {first['msg']}") from error


async def _system(world: World, request: Request) -> Response:
    return JSONResponse(show_system(world, _of(world, request)))


async def _inbounds(world: World, request: Request) -> Response:
    return JSONResponse(show_inbounds(_of(world, request)))


async def _groups(world: World, request: Request) -> Response:
    return JSONResponse(show_groups(_of(world, request)))


async def _create(world: World, request: Request) -> Response:
    panel = _of(world, request)
    user = users.create_user(world, panel, await _read(request, NewUser))
    return JSONResponse(show_user(world, panel, user), 200 if panel.kind == "marzban" else 201)


async def _list(world: World, request: Request) -> Response:
    """Without a limit all of them; PasarGuard says links only where it is asked to."""
    panel, query = _of(world, request), request.query_params
    listed = users.sort_users(panel, query.get("sort"))
    begin = int(query.get("offset", "0"))
    end = begin + int(query["limit"]) if "limit" in query else None
    shown = [show_user(world, panel, user) for user in listed[begin:end]]
    if panel.kind == "pasarguard" and query.get("load_sub") != "true":
        shown = [{**one, "subscription_url": ""} for one in shown]
    return JSONResponse({"users": shown, "total": len(listed)})


async def _get(world: World, request: Request) -> Response:
    return _show(world, request, _require(world, request))


async def _update(world: World, request: Request) -> Response:
    user = _require(world, request)
    users.update_user(world, _of(world, request), user, await _read(request, UserOrder))
    return _show(world, request, user)


async def _delete(world: World, request: Request) -> Response:
    panel = _of(world, request)
    users.delete_user(world, panel, _require(world, request))
    if panel.kind == "pasarguard":
        return Response(status_code=204)
    return JSONResponse({"detail": "User successfully deleted"})


async def _act(action: str, world: World, request: Request) -> Response:
    act = {"reset": users.reset_usage, "revoke_sub": users.revoke}[action]
    user = _require(world, request)
    act(world, _of(world, request), user)
    return _show(world, request, user)


async def _hwids(world: World, request: Request) -> Response:
    return JSONResponse(devices.show_hwids(_require(world, request)))


async def _delete_hwid(world: World, request: Request) -> Response:
    devices.remove_hwid(_require(world, request), request.path_params["hwid"])
    return JSONResponse({})


async def _reset_hwids(world: World, request: Request) -> Response:
    _require(world, request).hwids.clear()
    return JSONResponse({})


def _require(world: World, request: Request) -> MarzbanUser:
    panel, params = _of(world, request), request.path_params
    if "username" in params:
        return find_user(panel, params["username"])
    for user in panel.users.values():
        if user.id == params["id"]:
            return user
    raise MarzbanError(404, "User not found")


def _show(world: World, request: Request, user: MarzbanUser) -> Response:
    return JSONResponse(show_user(world, _of(world, request), user))
