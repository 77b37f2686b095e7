"""remnawave-client, which others wrote for 3.x, against the sandbox's: the strictest of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from sandbox.world import WorldConfig, WorldServer
from sandbox.world.panel.remnawave.users import run_jobs
from tests.sandbox.world.peers import Service
from tests.support.panels import connect_device

pytest.importorskip("remnawave", reason="remnawave-client is not installed")

from remnawave import AsyncRemnawave
from remnawave._generated.enums import UpdateUserBodyStatus, UserStatus
from remnawave._generated.models import (
    CreateUserBody,
    DeleteAllUserHwidDevicesBody,
    DeleteUserHwidDeviceBody,
    RevokeUserSubscriptionBody,
    UpdateUserBody,
    UserEvent,
)
from remnawave.exceptions import BadRequestError, NotFoundError, UnauthorizedError
from remnawave.http import HttpxAsync
from remnawave.webhooks import WebhookReceiver

SHORT_UUID = "0123456789abcdef0123456789abcdef"


def open_panel(server: WorldServer, token: str) -> AsyncRemnawave:
    http = httpx.AsyncClient(headers={"X-Forwarded-For": "1.1.1.1", "X-Forwarded-Proto": "https"})
    return AsyncRemnawave(f"{server.url}/remnawave", token, transport=HttpxAsync(http))


@pytest.fixture
async def panel(server: WorldServer) -> AsyncIterator[AsyncRemnawave]:
    server.world.state.remnawave.version = "3.4.7"
    async with open_panel(server, "panel") as panel:
        yield panel


async def test_a_user_lives_as_its_client_expects(
    panel: AsyncRemnawave, server: WorldServer
) -> None:
    squads = (await panel.internal_squads.get_internal_squads()).internal_squads
    ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    made = await panel.users.create_user(
        CreateUserBody(
            username="u1001_1",
            expire_at=ends_at,
            traffic_limit_bytes=10**11,
            hwid_device_limit=3,
            active_internal_squads=[squads[0].uuid],
        )
    )
    assert (made.status, made.expire_at, made.traffic_limit_bytes) == (
        UserStatus.ACTIVE,
        ends_at,
        10**11,
    )
    assert [squad.name for squad in made.active_internal_squads] == ["Default-Squad"]

    server.world.state.remnawave.users[made.id].used_bytes = 7
    later = ends_at + timedelta(days=30)
    body = UpdateUserBody(username="u1001_1", expire_at=later, status=UpdateUserBodyStatus.ACTIVE)
    changed = await panel.users.update_user(body)
    assert (changed.expire_at, changed.user_traffic.used_traffic_bytes) == (later, 7)

    revoked = await panel.users.revoke_user_subscription(
        made.id, RevokeUserSubscriptionBody(short_uuid=SHORT_UUID)
    )
    assert (revoked.short_uuid, revoked.subscription_url[-32:]) == (SHORT_UUID, SHORT_UUID)
    assert revoked.vless_uuid != made.vless_uuid
    assert isinstance(revoked.vless_uuid, UUID)
    assert (await panel.users.reset_user_traffic(made.id)).user_traffic.used_traffic_bytes == 0
    assert (await panel.users.disable_user(made.id)).status is UserStatus.DISABLED
    assert (await panel.users.get_user_by_username("u1001_1")).status is UserStatus.DISABLED

    await panel.users.delete_user(made.id)
    with pytest.raises(NotFoundError) as caught:
        await panel.users.get_user_by_username("u1001_1")
    assert caught.value.error_code == "A063"


async def test_users_are_streamed_as_its_client_expects(panel: AsyncRemnawave) -> None:
    ends_at = datetime.now(UTC) + timedelta(days=1)
    for number in range(3):
        body = CreateUserBody(username=f"old_{number}", expire_at=ends_at, telegram_id=5005)
        await panel.users.create_user(body)

    first = await panel.users.get_users_stream(size=2)
    second = await panel.users.get_users_stream(cursor=int(first.next_cursor or 0), size=2)

    assert [user.username for user in first.users] == ["old_0", "old_1"]
    assert (first.has_more, first.users[0].telegram_id) == (True, 5005)
    assert [user.username for user in second.users] == ["old_2"]
    assert (second.has_more, second.next_cursor) == (False, None)


async def test_devices_are_listed_and_removed_as_its_client_expects(panel: AsyncRemnawave) -> None:
    ends_at = datetime.now(UTC) + timedelta(days=1)
    user = await panel.users.create_user(CreateUserBody(username="u1001_1", expire_at=ends_at))
    for hwid in ("HWID-0123456789", "HWID-9876543210"):
        await connect_device(user.subscription_url, hwid)
    api = panel.hwid_user_devices

    listed = await api.get_user_hwid_devices(user.id)
    left = await api.delete_user_hwid_device(DeleteUserHwidDeviceBody(user.id, "HWID-0123456789"))
    none = await api.delete_all_user_hwid_devices(DeleteAllUserHwidDevicesBody(user.id))

    assert [device.hwid for device in listed.devices] == ["HWID-9876543210", "HWID-0123456789"]
    assert (listed.devices[0].platform, listed.devices[0].device_model) == ("iOS", "iPhone 15")
    assert [device.hwid for device in left.devices] == ["HWID-9876543210"]
    assert (none.total, none.devices) == (0, [])
    with pytest.raises(NotFoundError) as caught:
        await api.delete_user_hwid_device(DeleteUserHwidDeviceBody(user.id, "HWID-0123456789"))
    assert caught.value.error_code == "A204"


async def test_what_is_refused_has_the_panels_codes(panel: AsyncRemnawave) -> None:
    ends_at = datetime.now(UTC) + timedelta(days=1)
    body = CreateUserBody(username="u1001_1", expire_at=ends_at)
    user = await panel.users.create_user(body)

    for refused, code in (
        (panel.users.create_user(body), "A019"),
        (panel.users.enable_user(user.id), "A030"),
        (
            panel.users.update_user(
                UpdateUserBody(id=user.id, expire_at=ends_at - timedelta(days=9))
            ),
            None,  # a validation error has none
        ),
    ):
        with pytest.raises(BadRequestError) as caught:
            await refused
        assert caught.value.error_code == code


async def test_the_version_and_a_wrong_token(panel: AsyncRemnawave, server: WorldServer) -> None:
    assert (await panel.system.get_metadata()).version == "3.4.7"
    async with open_panel(server, "another") as stranger:
        with pytest.raises(UnauthorizedError):
            await stranger.system.get_metadata()


async def test_an_end_is_announced_as_its_client_expects_until_it_is_taken(
    panel: AsyncRemnawave, server: WorldServer, config: WorldConfig, service: Service
) -> None:
    config.remnawave_webhook_secret = "made up"
    service.panel_statuses = [503]
    await panel.users.create_user(CreateUserBody(username="u1001_1", expire_at=datetime.now(UTC)))

    run_jobs(server.world)
    await service.until(lambda: len(service.panel_events) == 2)

    first, again = (
        WebhookReceiver("made up").receive(body, signature)
        for body, signature in service.panel_events
    )
    assert first == again
    assert isinstance(first, UserEvent)
    assert (first.event, first.data.username) == ("user.expired", "u1001_1")
