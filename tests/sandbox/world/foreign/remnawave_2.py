"""A user's life by remnawave-client 2.8: `python remnawave_2.py URL TOKEN` prints its answers."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

# In an environment of its own: that of the tests has the client of 3.x, by the same name.
remnawave: Any = import_module("remnawave")
models: Any = import_module("remnawave._generated.models")
exceptions: Any = import_module("remnawave.exceptions")
httpx: Any = import_module("httpx")
transports: Any = import_module("remnawave.http")

SHORT = "0123456789abcdef"


async def _live(url: str, token: str) -> list[dict[str, Any]]:
    http = httpx.AsyncClient(headers={"X-Forwarded-For": "1.1.1.1", "X-Forwarded-Proto": "https"})
    panel = remnawave.AsyncRemnawave(url, token, transport=transports.HttpxAsync(http))
    seen: list[dict[str, Any]] = []

    def note(user: Any) -> Any:  # noqa: ANN401 - the client's user
        seen.append({name: str(getattr(user, name)) for name in ("uuid", "username", "status")})
        seen[-1] |= {"expire_at": user.expire_at.isoformat(), "short_uuid": user.short_uuid}
        return user

    squads = (await panel.internal_squads.get_internal_squads()).internal_squads
    order = models.CreateUserRequest(
        username="u1001_1",
        expire_at=datetime(2030, 1, 1, tzinfo=UTC),
        traffic_limit_bytes=10**11,
        hwid_device_limit=3,
        active_internal_squads=[squads[0].uuid],
    )
    user = note(await panel.users.create_user(order))
    later = models.UpdateUserRequest(username="u1001_1", expire_at=datetime(2031, 1, 1, tzinfo=UTC))
    note(await panel.users.update_user(later))
    body = models.RevokeUserSubscriptionBody(short_uuid=SHORT)
    note(await panel.users.revoke_user_subscription(user.uuid, body))
    await panel.users.reset_user_traffic(user.uuid)
    await _use_devices(panel, user, seen)
    listed = await panel.users.get_users_stream(size=2)
    seen.append({"listed": [one.username for one in listed.users], "more": listed.has_more})
    note(await panel.users.disable_user(user.uuid))
    await panel.users.delete_user(user.uuid)
    try:
        await panel.users.get_user_by_username("u1001_1")
    except exceptions.NotFoundError as error:
        seen.append({"gone": error.error_code})
    await http.aclose()
    return seen


async def _use_devices(panel: Any, user: Any, seen: list[dict[str, Any]]) -> None:  # noqa: ANN401
    """The link is opened on two, of which one is removed, then the other, then one that is gone."""
    async with httpx.AsyncClient() as phone:
        for hwid in ("HWID-0123456789", "HWID-9876543210"):
            said = {"x-hwid": hwid, "x-device-model": "iPhone 15", "x-device-os": "iOS"}
            await phone.get(user.subscription_url.replace(user.short_uuid, SHORT), headers=said)
    api = panel.hwid_user_devices
    listed = await api.get_user_hwid_devices(user.uuid)
    first = models.DeleteUserHwidDeviceRequest(user_uuid=user.uuid, hwid="HWID-0123456789")
    left = await api.delete_user_hwid_device(first)
    none = await api.delete_all_user_hwid_devices(
        models.DeleteAllUserHwidDevicesRequest(user_uuid=user.uuid)
    )
    steps = [[device.hwid for device in one.devices] for one in (listed, left, none)]
    try:
        await api.delete_user_hwid_device(first)
    except exceptions.NotFoundError as error:
        seen.append({"devices": steps, "gone": error.error_code})


print(json.dumps(asyncio.run(_live(*sys.argv[1:]))))  # noqa: T201
