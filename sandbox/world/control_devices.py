"""`/world/devices`: a device's VPN client opens the link of an account, as it would by itself."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.world.problems import Problem
from sandbox.world.requests import Call, control_route, read_call
from sandbox.world.world import World


class _Device(Call):
    """`account` is its name at the panel."""

    account: str
    hwid: str = Field(pattern=r"^[A-Za-z0-9=-]{10,64}$")
    model: str = Field(default="iPhone 15", pattern=r"^[ -~]{1,100}$")
    system: str = Field(default="iOS", pattern=r"^[ -~]{1,100}$")
    version: str = Field(default="18.1", pattern=r"^[ -~]{1,100}$")


def device_control_routes(world: World) -> list[Route]:
    return [control_route(world, "devices", _connect, "POST")]


async def _connect(world: World, request: Request) -> Response:
    """The panel's refusal is in the headers that it answers, and then it serves nothing."""
    device = await read_call(request, _Device)
    headers = {
        "X-Hwid": device.hwid,
        "X-Device-Model": device.model,
        "X-Device-Os": device.system,
        "X-Ver-Os": device.version,
    }
    answer = await world.http.get(_find_link(world, device.account), headers=headers)
    said = {name: text for name, text in answer.headers.items() if name.startswith("x-hwid")}
    return JSONResponse({"is_served": bool(answer.content), "headers": said})


def _find_link(world: World, name: str) -> str:
    for account in world.state.list_panel_accounts():
        shown = account.for_page()
        if shown["name"] == name:
            return str(shown["subscription_url"])
    raise Problem(404, "There is no such account.")
