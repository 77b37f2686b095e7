"""Devices by the headers of their clients, as Remnawave's subscription.service.ts counts them."""

import re
from collections.abc import Mapping
from typing import Final

from sandbox.world.panel.remnawave.models import HwidDevice, RemnawaveUser
from sandbox.world.panel.remnawave.users import RemnawaveError
from sandbox.world.world import World

_HWID: Final = re.compile(r"[a-zA-Z0-9=-]{10,64}")
_LONGEST_HEADER: Final = 512
_FALLBACK_LIMIT: Final = 999
_HEADERS: Final = {
    "platform": "x-device-os",
    "os_version": "x-ver-os",
    "device_model": "x-device-model",
    "user_agent": "user-agent",
}


def admit(
    world: World, user: RemnawaveUser, headers: Mapping[str, str], address: str | None
) -> dict[str, str] | None:
    """None where the client gets its servers, else the headers that say why it gets none.

    A limit is judged for new devices only, and only where the operator has switched that on.
    """
    hwid = headers.get("x-hwid", "")
    is_named = _HWID.fullmatch(hwid) is not None
    limit = user.hwid_device_limit if user.hwid_device_limit is not None else _FALLBACK_LIMIT
    if world.state.knobs.hwid == "limited" and limit:
        if not is_named:
            return {**_REFUSED, "x-hwid-not-supported": "true"}
        if hwid not in user.devices and len(user.devices) >= limit:
            return {**_REFUSED, "x-hwid-max-devices-reached": "true"}
    if is_named:
        _note(world, user, headers, address)
    return None


def remove_device(user: RemnawaveUser, hwid: str) -> None:
    if user.devices.pop(hwid, None) is None:
        raise RemnawaveError(404, "A204", "HWID device not found")


_REFUSED: Final = {"x-hwid-active": "true", "x-hwid-limit": "true"}


def _note(
    world: World, user: RemnawaveUser, headers: Mapping[str, str], address: str | None
) -> None:
    now, hwid = world.clock.now(), headers["x-hwid"]
    known = user.devices.get(hwid)
    said = {name: headers.get(header) for name, header in _HEADERS.items()}
    cut = {name: text[:_LONGEST_HEADER] if text else None for name, text in said.items()}
    created_at = known.created_at if known else now
    user.devices[hwid] = HwidDevice(
        hwid=hwid, request_ip=address, created_at=created_at, updated_at=now, **cut
    )
