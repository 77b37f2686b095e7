"""What Remnawave answers, in the shapes of its contract package."""

from datetime import datetime
from typing import Final

from pydantic import JsonValue

from sandbox.world.clock import iso
from sandbox.world.json_types import JsonObject
from sandbox.world.panel.remnawave.models import HwidDevice, RemnawaveUser
from sandbox.world.world import World

# What the knob makes of the version.
_VERSIONS: Final = {"old_version": "2.7.4", "new_version": "4.0.0"}


def show_user(world: World, user: RemnawaveUser) -> JsonObject:
    panel = world.state.remnawave
    link = user.subscription_url
    if world.state.get_panel_fault("remnawave") == "relative_link":
        link = link.removeprefix(world.config.public_url)
    squads: list[JsonValue] = [
        {"uuid": uuid, "name": panel.squads[uuid]} for uuid in user.squads if uuid in panel.squads
    ]
    shown: JsonObject = {
        "id": user.id,
        "shortUuid": user.short_uuid,
        "username": user.username,
        "status": user.status,
        "trafficLimitBytes": user.traffic_limit_bytes,
        "trafficLimitStrategy": user.traffic_limit_strategy,
        "expireAt": iso(user.expire_at),
        "telegramId": user.telegram_id,
        "email": user.email,
        "description": user.description,
        "tag": user.tag,
        "hwidDeviceLimit": user.hwid_device_limit,
        "externalSquadUuid": user.external_squad_uuid,
        "trojanPassword": user.trojan_password,
        "vlessUuid": user.vless_uuid,
        "ssPassword": user.ss_password,
        "lastTriggeredThreshold": user.last_triggered_threshold,
        "subRevokedAt": _iso(user.sub_revoked_at),
        "lastTrafficResetAt": _iso(user.last_traffic_reset_at),
        "createdAt": iso(user.created_at),
        "updatedAt": iso(user.updated_at),
        "subscriptionUrl": link,
        "activeInternalSquads": squads,
        "userTraffic": {
            "usedTrafficBytes": user.used_bytes,
            "lifetimeUsedTrafficBytes": user.lifetime_before + user.used_bytes,
            "onlineAt": _iso(user.online_at),
            "firstConnectedAt": _iso(user.first_online_at),
            "lastConnectedNodeUuid": None,
        },
    }
    return {"uuid": user.uuid, **shown} if panel.is_second else shown


def show_squads(world: World) -> JsonObject:
    panel, now = world.state.remnawave, iso(world.clock.now())
    squads: list[JsonValue] = [
        {
            "uuid": uuid,
            "viewPosition": place,
            "name": name,
            "info": {
                "membersCount": sum(uuid in user.squads for user in panel.users.values()),
                "inboundsCount": 0,
            },
            "inbounds": [],
            **({"tags": []} if panel.has_tags else {}),
            "createdAt": now,
            "updatedAt": now,
        }
        for place, (uuid, name) in enumerate(panel.squads.items(), 1)
    ]
    return {"total": len(squads), "internalSquads": squads}


def show_devices(user: RemnawaveUser) -> JsonObject:
    """The newest first."""
    newest = sorted(user.devices.values(), key=lambda device: device.created_at, reverse=True)
    devices: list[JsonValue] = [_show_device(user, device) for device in newest]
    return {"total": len(devices), "devices": devices}


def _show_device(user: RemnawaveUser, device: HwidDevice) -> JsonObject:
    return {
        "hwid": device.hwid,
        "userId": user.id,
        "platform": device.platform,
        "osVersion": device.os_version,
        "deviceModel": device.device_model,
        "userAgent": device.user_agent,
        "requestIp": device.request_ip,
        "createdAt": iso(device.created_at),
        "updatedAt": iso(device.updated_at),
    }


def show_metadata(world: World) -> JsonObject:
    version = _VERSIONS.get(world.state.get_panel_fault("remnawave"), world.state.remnawave.version)
    commit = {"commitSha": "0" * 40, "commitUrl": "https://example.com/commit"}
    return {
        "version": version,
        "build": {"time": iso(world.clock.now()), "number": "1"},
        "git": {"backend": {**commit, "branch": "main"}, "frontend": {**commit}},
    }


def _iso(instant: datetime | None) -> str | None:
    return iso(instant) if instant else None
