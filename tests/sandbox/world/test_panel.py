"""The xray_api panel: accounts, what its knobs do, and what can be counted afterwards."""

import asyncio
import base64
import uuid

import httpx
import pytest

from sandbox.world import WorldServer
from sandbox.world.panel.usage import grow_usage
from tests.sandbox.world.peers import Api, Json

KEY = "6f1d2c3b-0000-4000-8000-000000000001"


def order(**changes: object) -> Json:
    return {
        "uuid": KEY,
        "name": "u1001_1",
        "expires_at": "2031-01-02T03:04:05Z",
        "traffic_limit_bytes": 0,
        "device_limit": 3,
        **changes,
    }


async def test_the_same_uuid_is_created_once_and_then_updated(panel: Api, control: Api) -> None:
    first = await panel("add-user", **order())
    second = await panel("add-user", **order(expires_at="2032-01-02T03:04:05+03:00"))
    assert first == second
    user = await panel.get(f"users/{KEY}")
    assert user["expires_at"] == "2032-01-02T00:04:05Z"
    shown = {"uuid", "name", "expires_at", "used_bytes", "online_at"}
    assert set(user) == shown | {"traffic_limit_bytes", "device_limit", "subscription_url"}
    assert await panel.get("users?limit=1") == {"users": [user], "next": None}
    state = await control.get("state")
    counted = state["panel_users"][0]
    assert (counted["created_calls"], counted["updates"]) == (1, 1)
    assert state["panel_accounts_created"] == 1


async def test_a_removed_account_is_gone_and_a_second_creation_is_counted(
    panel: Api, control: Api
) -> None:
    await panel("add-user", **order())
    assert (await panel.post(f"remove-user/{KEY}")).status_code == 200
    assert (await panel.post(f"remove-user/{KEY}")).status_code == 404
    assert (await panel.get(f"users/{KEY}"))["error"] == "user not found"
    assert (await control.get("state"))["panel_users"] == []
    await panel("add-user", **order())
    state = await control.get("state")
    assert (state["panel_users"][0]["created_calls"], state["panel_accounts_created"]) == (2, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"uuid": "no"},
        {"expires_at": "2031-01-02T03:04:05"},
        {"expires_at": None},
        {"name": ""},
        {"traffic_limit_bytes": -1},
        {"device_limit": "many"},
    ],
)
async def test_a_wrong_order_is_refused_with_the_field(panel: Api, wrong: Json) -> None:
    answer = await panel.post("add-user", **order(**wrong))
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(next(iter(wrong)))


async def test_without_the_key_nothing_is_reported(client: httpx.AsyncClient) -> None:
    for method, path in (("GET", "health"), ("POST", "add-user"), ("GET", f"users/{KEY}")):
        answer = await client.request(method, f"/panel/{path}", headers={"X-API-Key": "no"})
        assert answer.status_code == 401


async def test_the_panel_can_be_down_or_refuse(panel: Api, control: Api) -> None:
    await control.turn(panel="down")
    down = await panel.post("add-user", **order())
    assert (down.status_code, down.text[:6]) == (502, "<html>")
    await control.turn(panel="refusing")
    refused = await panel.post("add-user", **order())
    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    assert await panel.get("health") == {"status": "ok"}
    assert (await control.get("state"))["panel_accounts_created"] == 0


async def test_who_gives_up_on_a_slow_panel_leaves_an_account_behind(
    panel: Api, control: Api
) -> None:
    await control.turn(panel="slow", panel_delay_ms=600)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(panel.post("add-user", **order()), 0.3)
    await control.turn(panel="slow", panel_delay_ms=1)
    await panel("add-user", **order())
    counted = (await control.get("state"))["panel_users"][0]
    assert (counted["created_calls"], counted["updates"]) == (1, 1)


async def test_the_subscription_link_opens_and_traffic_begins(
    panel: Api, client: httpx.AsyncClient
) -> None:
    link = (await panel("add-user", **order()))["subscription_url"]
    answer = await client.get(link)
    servers = base64.b64decode(answer.text).decode().splitlines()
    assert servers
    assert all(server.startswith(f"vless://{KEY}@") for server in servers)
    assert "expire=1925089445" in answer.headers["subscription-userinfo"]
    user = await panel.get(f"users/{KEY}")
    assert user["used_bytes"] > 0
    assert user["online_at"] is not None
    assert (await client.get(f"/panel/sub/{uuid.uuid4()}")).status_code == 404


async def test_traffic_grows_while_connected_and_never_after_the_end(
    panel: Api, client: httpx.AsyncClient, control: Api, server: WorldServer
) -> None:
    link = (await panel("add-user", **order()))["subscription_url"]
    await client.get(link)
    used = [(await panel.get(f"users/{KEY}"))["used_bytes"]]
    for skipped_seconds in (0, 600):
        await control("skip", seconds=skipped_seconds)
        grow_usage(server.world)
        used.append((await panel.get(f"users/{KEY}"))["used_bytes"])
    await panel("add-user", **order(expires_at="2001-01-01T00:00:00Z"))
    ended = base64.b64decode((await client.get(link)).text).decode()
    used.append((await panel.get(f"users/{KEY}"))["used_bytes"])
    assert used[0] < used[1] == used[2] == used[3]
    assert "Subscription%20ended" in ended
