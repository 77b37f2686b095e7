"""`/panel/…`: the xray_api panel and its subscription links."""

from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.world.panel import accounts
from sandbox.world.panel.gate import Work, knows_token, pass_gate
from sandbox.world.panel.models import AddUser, PanelUser
from sandbox.world.panel.usage import open_subscription
from sandbox.world.world import World

_SHOWN: Final = {
    *("uuid", "name", "expires_at", "used_bytes", "online_at"),
    *("traffic_limit_bytes", "device_limit", "subscription_url"),
}


def panel_routes(world: World) -> list[Route]:
    def guarded(handler: Work) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            sent = request.headers.get("X-API-Key", "")
            known = knows_token(world, "xray_api", sent, world.config.panel_key)
            return await pass_gate(world, "xray_api", request, handler, _REFUSALS, knows_key=known)

        return handle

    async def subscription(request: Request) -> Response:
        return _subscription(world, request.path_params["uuid"])

    return [
        Route("/panel/add-user", guarded(_add_user), methods=["POST"]),
        Route("/panel/remove-user/{uuid}", guarded(_remove_user), methods=["POST"]),
        Route("/panel/users", guarded(_list_users)),
        Route("/panel/users/{uuid}", guarded(_get_user)),
        Route("/panel/health", guarded(_health)),
        Route("/panel/sub/{uuid}", subscription),
    ]


class _Refusals:
    def unauthorized(self, _request: Request) -> Response:
        return _failure(401, "invalid API key")

    def refused(self, _request: Request) -> Response:
        return _failure(400, "no inbound is available for new users")

    def broken(self, _request: Request) -> Response:
        return _failure(500, "internal server error")


_REFUSALS = _Refusals()


async def _add_user(world: World, request: Request) -> Response:
    try:
        order = AddUser.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return _failure(422, f"{place}: {first['msg']}")
    user = accounts.add_or_update(world, order)
    return JSONResponse({"uuid": user.uuid, "subscription_url": user.subscription_url})


async def _remove_user(world: World, request: Request) -> Response:
    if accounts.remove(world, request.path_params["uuid"]):
        return JSONResponse({"removed": True})
    return _failure(404, "user not found")


async def _get_user(world: World, request: Request) -> Response:
    user = accounts.get_user(world, request.path_params["uuid"])
    if user is None:
        return _failure(404, "user not found")
    return JSONResponse(_show(user))


async def _list_users(world: World, request: Request) -> Response:
    """By uuid: what comes or goes moves none from page to page."""
    limit, after = int(request.query_params["limit"]), request.query_params.get("after", "")
    users = [one for one in world.state.panel_users.values() if not one.removed]
    left = sorted((one for one in users if one.uuid > after), key=lambda one: one.uuid)
    page: list[JsonValue] = [_show(one) for one in left[:limit]]
    last = left[limit - 1].uuid if len(left) > limit else None
    return JSONResponse({"users": page, "next": last})


async def _health(_world: World, _request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _show(user: PanelUser) -> dict[str, JsonValue]:
    return user.model_dump(mode="json", include=_SHOWN)


def _subscription(world: World, uuid: str) -> Response:
    user = accounts.get_user(world, uuid)
    return open_subscription(world, user) if user else _failure(404, "user not found")


def _failure(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status_code=status)
