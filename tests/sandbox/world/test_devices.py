"""Devices at the world's panels: counted by what clients say, refused where that is switched on."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from sandbox.world import WorldServer
from sandbox.world.panel.remnawave.models import CreateUser, RemnawaveUser
from sandbox.world.panel.remnawave.users import create_user
from tests.sandbox.world.peers import Api

PHONE, LAPTOP, TABLET = "HWID-phone-0123456", "HWID-laptop-012345", "HWID-tablet-012345"


def make_user(server: WorldServer, limit: int) -> RemnawaveUser:
    order = CreateUser.model_validate(
        {
            "username": "u1001_1",
            "expireAt": datetime.now(UTC) + timedelta(days=30),
            "hwidDeviceLimit": limit,
            "activeInternalSquads": [*server.world.state.remnawave.squads],
        }
    )
    return create_user(server.world, order)


async def connect(control: Api, hwid: str) -> dict[str, object]:
    return await control("devices", account="u1001_1", hwid=hwid)


async def test_a_device_over_the_limit_gets_nothing_but_the_headers_that_say_so(
    server: WorldServer, control: Api
) -> None:
    user = make_user(server, 2)
    await control.turn(hwid="limited")
    for hwid in (PHONE, LAPTOP, PHONE):
        assert await connect(control, hwid) == {"is_served": True, "headers": {}}

    refused = await connect(control, TABLET)

    assert refused == {
        "is_served": False,
        "headers": {
            "x-hwid-active": "true",
            "x-hwid-limit": "true",
            "x-hwid-max-devices-reached": "true",
        },
    }
    assert [*user.devices] == [PHONE, LAPTOP]
    del user.devices[PHONE]
    assert (await connect(control, TABLET))["is_served"]


async def test_a_client_that_says_nothing_of_itself_is_refused_where_devices_are_limited(
    server: WorldServer, client: httpx.AsyncClient, control: Api
) -> None:
    user = make_user(server, 2)
    assert (await client.get(user.subscription_url)).content
    await control.turn(hwid="limited")

    answer = await client.get(user.subscription_url, headers={"X-Hwid": "short"})

    assert answer.headers["x-hwid-not-supported"] == "true"
    assert not answer.content
    user.hwid_device_limit = 0
    assert (await client.get(user.subscription_url)).content


async def test_without_the_panels_setting_devices_are_listed_and_not_limited(
    server: WorldServer, control: Api
) -> None:
    user = make_user(server, 1)
    for hwid in (PHONE, LAPTOP):
        assert (await connect(control, hwid))["is_served"]
    assert [device.device_model for device in user.devices.values()] == ["iPhone 15"] * 2


@pytest.mark.parametrize(
    ("call", "status"), [({"account": "u1_1", "hwid": PHONE}, 404), ({"account": "u1_1"}, 400)]
)
async def test_an_unknown_account_and_a_device_without_a_name_are_said(
    control: Api, call: dict[str, str], status: int
) -> None:
    assert (await control.post("devices", **call)).status_code == status
