"""aiomarzban, a client of Marzban that others wrote, against the sandbox's."""

import time

import pytest

from sandbox.world import WorldServer

pytest.importorskip("aiomarzban", reason="aiomarzban is not installed")

from aiomarzban import MarzbanAPI, UserStatus
from aiomarzban.exceptions import MarzbanNotFoundException


async def test_a_user_lives_as_its_client_expects(server: WorldServer) -> None:
    panel = MarzbanAPI(f"{server.url}/marzban/", "admin", "panel")
    assert set(await panel.get_inbounds()) == {"vless", "trojan"}
    ends = int(time.time()) + 30 * 86_400
    made = await panel.add_user("u1001_1", proxies={"vless": {}}, expire=ends)
    assert (made.username, made.status, made.expire) == ("u1001_1", UserStatus.active, ends)
    with pytest.raises(Exception, match="409"):
        await panel.add_user("U1001_1", proxies={"vless": {}})  # the same: names have no case

    server.world.state.marzban.users["u1001_1"].used_bytes = 7
    assert (await panel.get_user("u1001_1")).used_traffic == 7
    revoked = await panel.revoke_user_subscription("u1001_1")
    assert revoked.subscription_url != made.subscription_url
    assert (await panel.reset_user_usage_data("u1001_1")).used_traffic == 0

    await panel.remove_user("u1001_1")
    with pytest.raises(MarzbanNotFoundException):
        await panel.get_user("u1001_1")
    assert (await panel.get_system_stats()).version == "0.8.4"
