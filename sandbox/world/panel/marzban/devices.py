"""Devices by the headers of their clients, as PasarGuard counts them: tests/api/test_hwid.py."""

from collections.abc import Mapping
from typing import Final

from sandbox.world.clock import iso
from sandbox.world.json_types import JsonObject
from sandbox.world.panel.marzban.models import Hwid, MarzbanUser
from sandbox.world.panel.marzban.users import MarzbanError
from sandbox.world.world import World

_FALLBACK_LIMIT: Final = 999


def admit_hwid(world: World, user: MarzbanUser, headers: Mapping[str, str]) -> None:
    """HWID is on, and not forced: a client that says none is let in, and counts for nothing.

    Raises MarzbanError.
    """
    hwid = headers.get("x-hwid")
    if not hwid:
        return
    limit = _FALLBACK_LIMIT if user.hwid_limit is None else user.hwid_limit
    if limit and hwid not in user.hwids and len(user.hwids) >= limit:
        raise MarzbanError(403, "Device limit reached")
    note_hwid(world, user, headers)


def note_hwid(world: World, user: MarzbanUser, headers: Mapping[str, str]) -> None:
    now, hwid = world.clock.now(), headers["x-hwid"]
    known = user.hwids.get(hwid)
    user.hwids[hwid] = Hwid(
        id=known.id if known else len(user.hwids) + 1,
        hwid=hwid,
        device_os=headers.get("x-device-os") or (known.device_os if known else None),
        os_version=headers.get("x-ver-os") or (known.os_version if known else None),
        device_model=headers.get("x-device-model") or (known.device_model if known else None),
        created_at=known.created_at if known else now,
        last_used_at=now,
    )


def show_hwids(user: MarzbanUser) -> JsonObject:
    shown = [
        hwid.model_dump()
        | {"created_at": iso(hwid.created_at), "last_used_at": iso(hwid.last_used_at)}
        for hwid in user.hwids.values()
    ]
    return {"hwids": [*shown], "count": len(shown)}


def remove_hwid(user: MarzbanUser, hwid: str) -> None:
    if user.hwids.pop(hwid, None) is None:
        raise MarzbanError(404, "HWID not found")
