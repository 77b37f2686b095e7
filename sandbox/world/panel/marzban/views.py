"""What the two answer: UserResponse of either, and what of the panel itself shops look at."""

from datetime import datetime
from typing import Final

from pydantic import JsonValue

from sandbox.world.clock import iso
from sandbox.world.json_types import JsonObject
from sandbox.world.panel.marzban.models import Marzban, MarzbanUser
from sandbox.world.panel.marzban.users import make_token
from sandbox.world.world import World

# What the knob makes of the version.
_VERSIONS: Final = {
    ("marzban", "old_version"): "0.7.0",
    ("marzban", "new_version"): "1.0.0",
    ("pasarguard", "old_version"): "4.2.0",
    ("pasarguard", "new_version"): "6.0.0",
}


def show_user(world: World, panel: Marzban, user: MarzbanUser) -> JsonObject:
    """With another link each time."""
    path = f"/{panel.kind}/sub/{make_token(panel, user)}"
    user.link = f"{world.config.public_url}{path}"
    is_relative = world.state.get_panel_fault(panel.kind) == "relative_link"
    plan = user.next_plan.model_dump() if user.next_plan else None
    shown: JsonObject = {
        "username": user.username,
        "status": user.status,
        "used_traffic": user.used_bytes,
        "lifetime_used_traffic": user.lifetime_before + user.used_bytes,
        "data_limit": user.data_limit,
        "data_limit_reset_strategy": user.data_limit_reset_strategy,
        "note": user.note,
        "on_hold_expire_duration": user.on_hold_expire_duration,
        "on_hold_timeout": None,
        "auto_delete_in_days": None,
        "next_plan": plan,
        "subscription_url": path if is_relative else user.link,
        "admin": {"username": "admin", "is_sudo": True},
    }
    return shown | (_show_pasarguards(user) if panel.kind == "pasarguard" else _show_marzbans(user))


def _show_marzbans(user: MarzbanUser) -> JsonObject:
    proxies: JsonObject = {
        one: {"id": key, "flow": ""} if one == "vless" else {"password": key}
        for one, key in user.protocols.items()
    }
    return {
        "proxies": proxies,
        "inbounds": {one: [*tags] for one, tags in user.inbounds.items()},
        "excluded_inbounds": {one: [] for one in user.protocols},
        "expire": user.expire,
        "online_at": _naive(user.online_at),
        "created_at": _naive(user.created_at),
        "links": [],
    }


def _show_pasarguards(user: MarzbanUser) -> JsonObject:
    return {
        "id": user.id,
        "proxy_settings": {one: {"id": key} for one, key in user.protocols.items()},
        "group_ids": [*user.group_ids],
        "hwid_limit": user.hwid_limit,
        "expire": iso(user.expires_at) if user.expires_at else None,
        "online_at": iso(user.online_at) if user.online_at else None,
        "created_at": iso(user.created_at),
        "edit_at": None,
    }


def show_system(world: World, panel: Marzban) -> JsonObject:
    version = _VERSIONS.get((panel.kind, world.state.get_panel_fault(panel.kind)), panel.version)
    machine: JsonObject = {"mem_total": 2**31, "mem_used": 2**30, "cpu_cores": 2, "cpu_usage": 1.5}
    traffic: JsonObject = {"incoming_bandwidth": 0, "outgoing_bandwidth": 0}
    if panel.kind == "pasarguard":
        machine |= {"uptime_seconds": 60, "disk_total": 2**34, "disk_used": 2**33}
    else:
        traffic |= {"incoming_bandwidth_speed": 0, "outgoing_bandwidth_speed": 0}
    counts: JsonObject = {"total_user": len(panel.users), "online_users": 0}
    for status in ("active", "on_hold", "disabled", "expired", "limited"):
        name = f"{status}_users" if panel.kind == "pasarguard" else f"users_{status}"
        counts[name] = sum(user.status == status for user in panel.users.values())
    return {"version": version, **machine, **counts, **traffic}


def show_inbounds(panel: Marzban) -> JsonValue:
    if panel.kind == "pasarguard":
        return [tag for tags in panel.inbounds.values() for tag in tags]
    return {
        protocol: [
            {"tag": tag, "protocol": protocol, "network": "tcp", "tls": "reality", "port": 443}
            for tag in tags
        ]
        for protocol, tags in panel.inbounds.items()
    }


def show_groups(panel: Marzban) -> JsonObject:
    groups: list[JsonValue] = [
        {"id": id_, "name": name, "inbound_tags": [], "is_disabled": False, "total_users": 0}
        for id_, name in panel.groups.items()
    ]
    return {"groups": groups, "total": len(groups)}


def _naive(instant: datetime | None) -> str | None:
    return instant.replace(tzinfo=None).isoformat() if instant else None
