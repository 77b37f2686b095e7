"""What 3x-ui does with a client, read from client_crud.go and client_traffic.go of 3.6.0."""

import re
from datetime import timedelta
from typing import Final
from uuid import uuid4

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.panel.three_x_ui.models import AddOrder, ClientOrder, ThreeXUi, XuiClient
from sandbox.world.panel.usage import show_account
from sandbox.world.world import World

_ONLINE: Final = timedelta(minutes=1)
_FORBIDDEN = re.compile(r"[/\\ \x00-\x1f\x7f]")


class XuiError(Exception):
    """The panel's sentence, with the line's end that its Sprintln leaves."""


def find_client(panel: ThreeXUi, email: str) -> XuiClient:
    client = panel.clients.get(email)
    if client is None:
        raise XuiError("record not found")
    return client


def add_client(world: World, call: AddOrder) -> None:
    panel, order = world.state.three_x_ui, call.client
    if not order.email.strip():
        raise XuiError("client email is required\n")
    _check_characters(order)
    if not call.inboundIds:
        raise XuiError("at least one inbound is required\n")
    order.subId = order.subId or str(uuid4())
    order.enable = True  # whatever was asked for
    existing = panel.clients.get(order.email)
    if existing and existing.order.subId != order.subId:
        raise XuiError(f"email already in use: {order.email}\n")
    _check_sub_id(panel, order, "subId already in use:")
    if unknown := [id_ for id_ in call.inboundIds if id_ not in panel.inbounds]:
        raise XuiError(f"record not found: inbound {unknown[0]}")
    if existing:
        existing.inbound_ids = sorted({*existing.inbound_ids, *call.inboundIds})
        return
    order.id = order.id or str(uuid4())
    order.password = order.password or uuid4().hex
    panel.last_id += 1
    client = XuiClient(
        row_id=panel.last_id,
        order=order,
        inbound_ids=sorted(set(call.inboundIds)),
        created_ms=int(world.clock.now().timestamp() * 1000),
        link=_build_link(world, order.subId),
    )
    panel.clients[order.email] = client
    world.state.counters.panel_accounts_created += 1
    show_account(world, client)


def update_client(world: World, email: str, order: ClientOrder) -> None:
    """All of it: what is left out is emptied, but for the keys, which 3.3.1 began to keep."""
    panel, client = world.state.three_x_ui, find_client(world.state.three_x_ui, email)
    if not order.email.strip():
        raise XuiError("client email is required\n")
    _check_characters(order)
    before = client.order
    order.subId = order.subId or before.subId
    keeps = _read_version(panel.version) >= (3, 3, 1)
    order.id = order.id or (before.id if keeps else str(uuid4()))
    order.password = order.password or (before.password if keeps else uuid4().hex)
    order.auth, order.secret = order.auth or before.auth, order.secret or before.secret
    if order.email != email and order.email in panel.clients:
        raise XuiError(f"Duplicate email: {order.email}\n")
    _check_sub_id(panel, order, "Duplicate subId:", except_for=email)
    client.order = order
    client.link = _build_link(world, order.subId)
    client.updates += 1
    panel.clients[order.email] = panel.clients.pop(email)
    show_account(world, client)


def attach(world: World, email: str, inbound_ids: list[int]) -> None:
    client = find_client(world.state.three_x_ui, email)
    client.inbound_ids = sorted({*client.inbound_ids, *inbound_ids})
    show_account(world, client)


def reset_traffic(world: World, email: str) -> None:
    """Also one that an operator has disabled is on again."""
    client = find_client(world.state.three_x_ui, email)
    client.order.enable = True
    client.used_bytes = 0
    show_account(world, client)


def delete_client(world: World, email: str) -> None:
    client = world.state.three_x_ui.clients.pop(email, None)
    if client is None:
        raise XuiError(f'client "{email}" not found in any inbound or client record\n')
    world.hub.publish("panel_user", removed=f"3x-ui:{client.row_id}")


def note_address(world: World, client: XuiClient, address: str) -> None:
    """The panel reads addresses from the log of Xray only for what has a limit."""
    if client.order.limitIp:
        client.client_ips[address] = world.clock.now()


def clear_addresses(panel: ThreeXUi, email: str) -> None:
    """Of an unknown one there is nothing to clear, and that is no failure."""
    if (client := panel.clients.get(email)) is not None:
        client.client_ips.clear()


def lists_addresses_as_objects(panel: ThreeXUi) -> bool:
    return _read_version(panel.version) >= (3, 4)


def disable_depleted(world: World) -> None:
    """As the panel's job, some seconds after a limit or an end is reached."""
    now = world.clock.now()
    for client in world.state.three_x_ui.clients.values():
        order = client.order
        is_spent = 0 < order.totalGB <= client.used_bytes
        if is_spent or (client.expires_at is not None and client.expires_at <= now):
            order.enable = False


def summarize(world: World) -> JsonObject:
    """Of all clients, whatever page is asked for: `buildClientsSummary` of client.go."""
    now = world.clock.now()
    found: dict[str, list[JsonValue]] = {name: [] for name in ("online", "depleted", "deactive")}
    active = 0
    for client in world.state.three_x_ui.clients.values():
        order, name = client.order, client.order.email
        if order.enable and client.online_at and now - client.online_at < _ONLINE:
            found["online"].append(name)
        is_over = 0 < order.expiryTime <= int(now.timestamp() * 1000)
        if is_over or 0 < order.totalGB <= client.used_bytes:
            found["depleted"].append(name)
        elif not order.enable:
            found["deactive"].append(name)
        else:
            active += 1
    total = len(world.state.three_x_ui.clients)
    # When it warns of an end that is near is a setting of the panel, by default never.
    return {"total": total, "active": active, "expiring": [], **found}


def _check_characters(order: ClientOrder) -> None:
    for name, text in (("email", order.email), ("subId", order.subId)):
        if _FORBIDDEN.search(text):
            raise XuiError(f"client {name} contains an invalid character: {text}\n")


def _check_sub_id(panel: ThreeXUi, order: ClientOrder, said: str, except_for: str = "") -> None:
    others = (one for email, one in panel.clients.items() if email not in {order.email, except_for})
    if any(one.order.subId == order.subId for one in others):
        raise XuiError(f"{said} {order.subId}\n")


def _build_link(world: World, sub_id: str) -> str:
    return f"{world.config.public_url}/3x-ui/sub/{sub_id}"


def _read_version(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
