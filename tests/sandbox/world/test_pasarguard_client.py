"""pasarguard, a client of PasarGuard that others wrote, against the sandbox's."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from sandbox.world import WorldServer
from tests.support.panels import connect_device

pytest.importorskip("pasarguard", reason="pasarguard is not installed")

from pasarguard import PasarguardAPI, UserCreate, UserModify, UserStatus


async def test_a_user_lives_as_its_client_expects(server: WorldServer) -> None:
    panel = PasarguardAPI(f"{server.url}/pasarguard", api_key="pg_key_panel")
    ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    order = UserCreate(
        username="u1001_1", expire=ends_at, data_limit=10**11, group_ids=[1], hwid_limit=3
    )
    made = await panel.create_user(order)
    assert (made.username, made.status, made.used_traffic) == ("u1001_1", UserStatus.ACTIVE, 0)
    with pytest.raises(httpx.HTTPStatusError, match="409"):
        await panel.create_user(order)

    changed = await panel.modify_user_by_id(made.id, UserModify(data_limit=2 * 10**11))
    assert changed.data_limit == 2 * 10**11
    revoked = await panel.revoke_user_subscription_by_id(made.id)
    assert revoked.subscription_url != made.subscription_url
    assert (await panel.reset_user_data_usage_by_id(made.id)).used_traffic == 0

    listed = await panel.get_users(offset=0, limit=10, sort="created_at,username", load_sub=True)
    assert ([user.id for user in listed.users], listed.total) == ([made.id], 1)
    assert listed.users[0].subscription_url.startswith(server.url)
    assert (await panel.get_users()).users[0].subscription_url == ""
    await _see_devices(panel, made.id, listed.users[0].subscription_url)
    await panel.remove_user_by_id(made.id)
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        await panel.get_user_by_username("u1001_1")
    await panel.close()


async def _see_devices(panel: PasarguardAPI, user_id: int, link: str) -> None:
    for hwid in ("HWID-0123456789", "HWID-9876543210"):
        await connect_device(link, hwid)
    both = await panel.get_user_hwids(user_id)
    first, second = both.hwids
    assert (both.count, first.hwid, second.hwid) == (2, "HWID-0123456789", "HWID-9876543210")
    assert (first.device_model, first.device_os, first.os_version) == ("iPhone 15", "iOS", "18.1")
    await panel.delete_user_hwid(user_id, first.hwid)
    assert [one.hwid for one in (await panel.get_user_hwids(user_id)).hwids] == [second.hwid]
    await panel.reset_user_hwids(user_id)
    assert (await panel.get_user_hwids(user_id)).count == 0


async def test_a_login_by_password(server: WorldServer) -> None:
    panel = PasarguardAPI(f"{server.url}/pasarguard")

    token = await panel.get_token("admin", "panel")

    assert (await panel.get_system_stats(token.access_token)).version == "5.2.1"
    await panel.close()
