"""`/panel/…`: the xray_api panel, its subscription links, and what its knobs do to it."""

import asyncio
import base64
import secrets
from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.world.bad_gateway import BAD_GATEWAY
from sandbox.world.panel import accounts
from sandbox.world.panel.models import AddUser, PanelUser
from sandbox.world.world import World

Handler = Callable[[World, Request], Awaitable[Response]]


def panel_routes(world: World) -> list[Route]:
    def guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            return await _guard(world, request, handler)

        return handle

    async def subscription(request: Request) -> Response:
        return _subscription(world, request.path_params["uuid"])

    return [
        Route("/panel/add-user", guarded(_add_user), methods=["POST"]),
        Route("/panel/remove-user/{uuid}", guarded(_remove_user), methods=["POST"]),
        Route("/panel/users/{uuid}", guarded(_get_user)),
        Route("/panel/health", guarded(_health)),
        Route("/panel/sub/{uuid}", subscription),
    ]


async def _guard(world: World, request: Request, handler: Handler) -> Response:
    knobs = world.state.knobs
    if knobs.panel == "down":
        return HTMLResponse(BAD_GATEWAY, status_code=502)
    key = request.headers.get("X-API-Key", "")
    if not secrets.compare_digest(key.encode(), world.config.panel_key.encode()):
        return _failure(401, "invalid API key")
    if knobs.panel == "refusing" and handler is not _health:
        return _failure(400, "no inbound is available for new users")
    # The work is done before the wait, so a caller who gives up leaves an account behind.
    answer = await handler(world, request)
    if knobs.panel == "slow":
        await asyncio.sleep(knobs.panel_delay_ms / 1000)
    return answer


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
    shown = {"uuid", "name", "expires_at", "used_bytes", "online_at"}
    return JSONResponse(user.model_dump(mode="json", include=shown))


async def _health(_world: World, _request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _subscription(world: World, uuid: str) -> Response:
    user = accounts.get_user(world, uuid)
    if user is None:
        return _failure(404, "user not found")
    accounts.connect(world, user)
    body = base64.b64encode("\n".join(_servers(world, user)).encode())
    expires = int(user.expires_at.timestamp())
    usage = f"upload=0; download={user.used_bytes}; total={user.traffic_limit_bytes}"
    headers = {
        "Subscription-Userinfo": f"{usage}; expire={expires}",
        "Profile-Update-Interval": "12",
        "Profile-Title": "base64:" + base64.b64encode(user.name.encode()).decode(),
    }
    return Response(body, media_type="text/plain", headers=headers)


def _servers(world: World, user: PanelUser) -> list[str]:
    if user.expires_at <= world.clock.now():
        return ["vless://00000000-0000-0000-0000-000000000000@127.0.0.1:1#Subscription%20ended"]
    options = "type=tcp&security=reality&sni=example.com&fp=chrome&flow=xtls-rprx-vision"
    return [
        f"vless://{user.uuid}@{place}.vpn.example:443?{options}#{place.upper()}"
        for place in ("nl", "de", "fi")
    ]


def _failure(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status_code=status)
