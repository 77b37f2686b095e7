"""`/3x-ui/secret/panel/api/…`: the calls of 3x-ui that shops make. Almost all answers are 200."""

from typing import Final, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.world.json_types import JsonObject
from sandbox.world.panel.gate import Work, knows_token, pass_gate
from sandbox.world.panel.three_x_ui import clients
from sandbox.world.panel.three_x_ui.clients import XuiError, find_client
from sandbox.world.panel.three_x_ui.models import AddOrder, AttachOrder, ClientOrder, XuiClient
from sandbox.world.panel.usage import open_subscription
from sandbox.world.world import World

_M = TypeVar("_M", bound=BaseModel)
_PAGE_SIZE: Final = 25
_MAX_PAGE_SIZE: Final = 200
_VERSIONS: Final = {"old_version": "3.0.2", "new_version": "4.0.0"}


def three_x_ui_routes(world: World) -> list[Route]:
    def route(path: str, work: Work, method: str = "GET") -> Route:
        async def handle(request: Request) -> Response:
            return await _answer(world, request, work)

        return Route(f"/3x-ui/secret/panel/api/{path}", handle, methods=[method])

    async def subscription(request: Request) -> Response:
        sub_id = request.path_params["sub_id"]
        for client in world.state.three_x_ui.clients.values():
            if client.order.subId == sub_id:
                if request.client is not None:
                    clients.note_address(world, client, request.client.host)
                return open_subscription(world, client)
        return Response(status_code=404)

    return [
        route("server/status", _status),
        route("inbounds/options", _inbounds),
        route("setting/defaultSettings", _settings, "POST"),
        route("clients/get/{email}", _get),
        route("clients/traffic/{email}", _traffic),
        route("clients/list/paged", _list),
        route("clients/add", _add, "POST"),
        route("clients/update/{email}", _update, "POST"),
        route("clients/resetTraffic/{email}", _reset, "POST"),
        route("clients/del/{email}", _delete, "POST"),
        route("clients/{email}/attach", _attach, "POST"),
        route("clients/ips/{email}", _ips, "POST"),
        route("clients/clearIps/{email}", _clear_ips, "POST"),
        Route("/3x-ui/sub/{sub_id}", subscription),
    ]


class _Refusals:
    def unauthorized(self, request: Request) -> Response:
        is_ajax = request.headers.get("X-Requested-With") == "XMLHttpRequest"
        return Response(status_code=401 if is_ajax else 404)

    def refused(self, _request: Request) -> Response:
        return _say("Something went wrong! (at least one inbound is required\n)", success=False)

    def broken(self, _request: Request) -> Response:
        return Response(status_code=500)


_REFUSALS = _Refusals()


async def _answer(world: World, request: Request, work: Work) -> Response:
    sent = request.headers.get("Authorization", "")
    known = knows_token(world, "3x-ui", sent, f"Bearer {world.config.panel_key}")
    try:
        return await pass_gate(world, "3x-ui", request, work, _REFUSALS, knows_key=known)
    except XuiError as error:
        return _say(f"Something went wrong! ({error})", success=False)


def _say(message: str, obj: JsonValue = None, *, success: bool = True) -> Response:
    return JSONResponse({"success": success, "msg": message, "obj": obj})


async def _read(request: Request, model: type[_M]) -> _M:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise XuiError(f"json: cannot unmarshal {first['loc']}") from error


async def _status(world: World, _request: Request) -> Response:
    fault, panel = world.state.get_panel_fault("3x-ui"), world.state.three_x_ui
    version = _VERSIONS.get(fault, panel.version)
    xray: JsonObject = {"state": "running", "errorMsg": "", "version": "26.6.1"}
    return _say("", {"xray": xray, "panelVersion": version, "uptime": 1})


async def _inbounds(world: World, _request: Request) -> Response:
    options: list[JsonValue] = [
        {
            "id": id_,
            "remark": remark,
            "tag": f"inbound-{id_}",
            "protocol": remark.partition("-")[0].lower(),
            "port": int(remark.partition("-")[2]),
            "enable": True,
            "tlsFlowCapable": remark.startswith("VLESS"),
        }
        for id_, remark in world.state.three_x_ui.inbounds.items()
    ]
    return _say("", options)


async def _settings(world: World, _request: Request) -> Response:
    uri = f"{world.config.public_url}/3x-ui/sub/"
    is_unset = world.state.get_panel_fault("3x-ui") == "relative_link"
    return _say("", {"subEnable": not is_unset, "subURI": "" if is_unset else uri})


async def _get(world: World, request: Request) -> Response:
    client = find_client(world.state.three_x_ui, request.path_params["email"])
    shown: JsonObject = {"client": _show(client), "inboundIds": [*client.inbound_ids]}
    return _say("", {**shown, "externalLinks": [], "usedTraffic": client.used_bytes})


async def _list(world: World, request: Request) -> Response:
    """By ascending ids of the rows; a size above the most is the most."""
    query, panel = request.query_params, world.state.three_x_ui
    page = max(int(query.get("page", "1")), 1)
    size = min(int(query.get("pageSize", "0")) or _PAGE_SIZE, _MAX_PAGE_SIZE)
    rows = sorted(panel.clients.values(), key=lambda client: client.row_id)
    items: list[JsonValue] = [_show_row(one) for one in rows[(page - 1) * size : page * size]]
    counts: JsonObject = {"total": len(rows), "filtered": len(rows), "page": page, "pageSize": size}
    return _say("", {"items": items, **counts, "summary": clients.summarize(world)})


async def _traffic(world: World, request: Request) -> Response:
    email = request.path_params["email"]
    client = world.state.three_x_ui.clients.get(email)
    return _say("", None if client is None else _show_traffic(client))


async def _add(world: World, request: Request) -> Response:
    clients.add_client(world, await _read(request, AddOrder))
    return _say("Inbound client(s) have been added.")


async def _update(world: World, request: Request) -> Response:
    order = await _read(request, ClientOrder)
    clients.update_client(world, request.path_params["email"], order)
    return _say("Client has been updated.")


async def _reset(world: World, request: Request) -> Response:
    clients.reset_traffic(world, request.path_params["email"])
    return _say("Traffic has been reset.")


async def _delete(world: World, request: Request) -> Response:
    clients.delete_client(world, request.path_params["email"])
    return _say("Client has been deleted.")


async def _attach(world: World, request: Request) -> Response:
    call = await _read(request, AttachOrder)
    clients.attach(world, request.path_params["email"], call.inboundIds)
    return _say("Inbound client(s) have been added.")


async def _ips(world: World, request: Request) -> Response:
    """Of an unknown client as of one without addresses."""
    panel = world.state.three_x_ui
    client = panel.clients.get(request.path_params["email"])
    seen = client.client_ips if client else {}
    times = {ip: f"{seen_at:%Y-%m-%d %H:%M:%S}" for ip, seen_at in seen.items()}
    if clients.lists_addresses_as_objects(panel):
        return _say("", [{"ip": ip, "time": time, "node": ""} for ip, time in times.items()])
    return _say("", [f"{ip} ({time})" for ip, time in times.items()] or "No IP Record")


async def _clear_ips(world: World, request: Request) -> Response:
    clients.clear_addresses(world.state.three_x_ui, request.path_params["email"])
    return _say("Log Clean Successful")


def _show_row(client: XuiClient) -> JsonObject:
    """Without key and Telegram id."""
    order = client.order
    row: JsonObject = {"email": order.email, "subId": order.subId, "enable": order.enable}
    row |= {"totalGB": order.totalGB, "expiryTime": order.expiryTime, "limitIp": order.limitIp}
    row |= {"reset": order.reset, "inboundIds": [*client.inbound_ids]}
    row |= {name: text for name in ("group", "comment") if (text := getattr(order, name))}
    times: JsonObject = {"createdAt": client.created_ms, "updatedAt": client.created_ms}
    return {**row, **times, "traffic": _show_traffic(client)}


def _show_traffic(client: XuiClient) -> JsonObject:
    online_ms = int(client.online_at.timestamp() * 1000) if client.online_at else 0
    order = client.order
    traffic: JsonObject = {"id": client.row_id, "inboundId": 1, "email": order.email}
    traffic |= {"enable": order.enable, "up": 0, "down": client.used_bytes, "total": order.totalGB}
    traffic |= {"expiryTime": order.expiryTime, "reset": order.reset, "lastOnline": online_ms}
    return {**traffic, "uuid": order.id, "subId": order.subId}


def _show(client: XuiClient) -> JsonObject:
    """A record: its `id` is the row's, the key is `uuid`, and the addresses are one string."""
    order: JsonObject = client.order.model_dump(exclude={"created_at", "allowedIPs"})
    order |= {"uuid": order["id"], "id": client.row_id, "reverse": None}
    times: JsonObject = {"createdAt": client.created_ms, "updatedAt": client.created_ms}
    keys: JsonObject = {"privateKey": "", "publicKey": "", "preSharedKey": "", "keepAlive": 0}
    return {**order, **times, **keys, "allowedIPs": ",".join(client.order.allowedIPs), "adTag": ""}
