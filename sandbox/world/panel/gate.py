"""What stands before every panel: the proxy that guards it, and the faults of the knobs."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from app.core.panel_kinds import PanelKind
from sandbox.world.bad_gateway import BAD_GATEWAY
from sandbox.world.world import World

# As a guard that many operators put before the panel compares it.
GUARD_COOKIE: Final = ("sandbox_guard", "open")

# Posted, and nothing is changed.
_READS: Final = ("/setting/defaultSettings", "/admin/token", "/clients/ips/")

Work = Callable[[World, Request], Awaitable[Response]]


class ClosedConnection(Response):
    """The other side hangs up in the middle of its answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        headers = [(b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


class Refusals(Protocol):
    """How a panel says no."""

    def unauthorized(self, request: Request) -> Response: ...

    def refused(self, request: Request) -> Response: ...

    def broken(self, request: Request) -> Response: ...


def knows_token(world: World, kind: PanelKind, sent: str, expected: str) -> bool:
    """Of a key that does not change; the knob ends its life."""
    is_expired = world.state.get_panel_fault(kind) == "expired_token"
    return secrets.compare_digest(sent.encode(), expected.encode()) and not is_expired


async def pass_gate(
    world: World,
    kind: PanelKind,
    request: Request,
    work: Work,
    refusals: Refusals,
    *,
    knows_key: bool,
) -> Response:
    state, fault = world.state.get_panel_state(kind), world.state.get_panel_fault(kind)
    if state == "down":
        return HTMLResponse(BAD_GATEWAY, status_code=502)
    name, value = GUARD_COOKIE
    if fault == "cookie" and request.cookies.get(name) != value:
        return ClosedConnection()
    if not knows_key:
        return refusals.unauthorized(request)
    is_read = request.method == "GET" or any(path in request.url.path for path in _READS)
    is_write = not is_read
    if state == "refusing" and is_write:
        return refusals.refused(request)
    if fault == "error_500":
        return refusals.broken(request)
    # The work is done before the wait, so a caller who gives up leaves an account behind.
    answer = await work(world, request)
    if state == "slow":
        await asyncio.sleep(world.state.knobs.panel_delay_ms / 1000)
    return ClosedConnection() if is_write and fault == "lost_answer" else answer
