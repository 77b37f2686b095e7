"""What panels tell of the devices of an access, and how one of them is removed."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.pasarguard import PasarGuardPanel
from app.clients.panels.remnawave import RemnawavePanel
from app.clients.panels.three_x_ui import ThreeXUiPanel
from app.domain.ports import (
    Access,
    AccessRef,
    Device,
    DeviceList,
    PanelKeyRefusedError,
    RefusedError,
    RemovableDevices,
    UnavailableError,
)
from sandbox.world import WorldServer
from sandbox.world.server import serve_app
from tests.clients.panels.stages import (
    MarzbanStage,
    PanelStage,
    RemnawaveStage,
    ThreeXUiStage,
    XrayStage,
)
from tests.support.panels import connect_device

PHONE, LAPTOP = "HWID-phone-0123456", "HWID-laptop-012345"
NOBODY = AccessRef(uuid4(), "u1001_9")


@pytest.fixture
def access() -> Access:
    return Access(uuid4(), "u1001_1", datetime.now(UTC) + timedelta(days=30), 10**11, 3)


Knowing = RemnawavePanel | PasarGuardPanel


@pytest.fixture(params=["remnawave 3.3.2", "remnawave 2.8.1", "pasarguard"])
def stage(request: pytest.FixtureRequest, world: WorldServer) -> PanelStage:
    kind, _, version = request.param.partition(" ")
    if kind == "remnawave":
        return RemnawaveStage(world, version)
    return MarzbanStage(world, "pasarguard", has_api_key=True)


@pytest.fixture
async def knowing(stage: PanelStage) -> AsyncIterator[Knowing]:
    """A panel that knows each device by itself."""
    panel = stage.open()
    assert isinstance(panel, Knowing)
    yield panel
    await panel.aclose()


@pytest.mark.parametrize(
    ("make", "knows", "removes"),
    [
        (RemnawaveStage, True, True),
        (ThreeXUiStage, True, False),
        (XrayStage, False, False),
        (lambda world: MarzbanStage(world, "pasarguard"), True, True),
        (lambda world: MarzbanStage(world, "marzban"), False, False),
    ],
)
async def test_a_panel_offers_what_it_knows(
    world: WorldServer, make: Callable[[WorldServer], PanelStage], *, knows: bool, removes: bool
) -> None:
    panel = make(world).open()
    assert isinstance(panel, DeviceList) is knows
    assert isinstance(panel, RemovableDevices) is removes
    await panel.aclose()


async def test_devices_are_listed_with_their_names_and_when_they_were_seen(
    knowing: Knowing, access: Access
) -> None:
    link = await knowing.provision(access)
    assert await knowing.list_devices(access) == []
    await connect_device(link, PHONE)
    await connect_device(link, LAPTOP, model="", system="Windows", version="10.0.19045")

    laptop, phone = sorted(await knowing.list_devices(access), key=lambda one: one.device_id)

    assert (phone.device_id, phone.name) == (PHONE, "iPhone 15 · iOS 18.1")
    assert (laptop.device_id, laptop.name) == (LAPTOP, "Windows 10.0.19045")
    assert phone.seen_at is not None
    assert abs(datetime.now(UTC) - phone.seen_at) < timedelta(minutes=1)


async def test_one_is_removed_and_the_others_stay(
    stage: PanelStage, knowing: Knowing, access: Access
) -> None:
    link = await knowing.provision(access)
    for hwid in (PHONE, LAPTOP):
        await connect_device(link, hwid)

    for _ in range(2):  # what is gone is no failure
        await knowing.remove_device(access, PHONE)

    assert stage.list_devices() == [LAPTOP]
    await knowing.clear_devices(access)
    assert stage.list_devices() == []


@pytest.mark.parametrize("hwid", ["..", ".", "a/b?c#d", "%2e%2e"])
async def test_a_device_whatever_it_calls_itself_is_removed_alone(
    stage: PanelStage, knowing: Knowing, access: Access, hwid: str
) -> None:
    """Or refused, where no call could name it: never something else is called."""
    await knowing.provision(access)
    stage.add_device(hwid)
    stage.add_device(LAPTOP)
    try:
        await knowing.remove_device(access, hwid)
    except RefusedError:
        assert hwid in {"..", "."}
    left = stage.list_devices() or []
    assert LAPTOP in left
    assert hwid not in left or hwid in {"..", "."}
    assert len(stage.held()) == 1


async def test_at_the_limit_a_new_device_is_let_in_once_another_is_removed(
    stage: PanelStage, knowing: Knowing, access: Access
) -> None:
    stage.world.world.state.knobs.hwid = "limited"
    link = await knowing.provision(replace(access, device_limit=1))
    assert await connect_device(link, PHONE)
    assert not await connect_device(link, LAPTOP)

    await knowing.remove_device(access, PHONE)

    assert await connect_device(link, LAPTOP)
    assert not await connect_device(link, PHONE)
    await knowing.provision(replace(access, device_limit=2, link=link))
    assert await connect_device(link, PHONE)


async def test_another_access_keeps_its_devices(knowing: Knowing, access: Access) -> None:
    other = Access(uuid4(), "u1002_2", access.expires_at, 0, 3)
    await connect_device(await knowing.provision(access), PHONE)
    await connect_device(await knowing.provision(other), PHONE)

    await knowing.clear_devices(access)

    assert [device.device_id for device in await knowing.list_devices(other)] == [PHONE]


async def test_an_access_that_the_panel_has_not_has_no_devices(knowing: Knowing) -> None:
    await knowing.remove_device(NOBODY, PHONE)
    await knowing.clear_devices(NOBODY)
    assert await knowing.list_devices(NOBODY) == []


async def test_a_panel_that_fails_says_how(
    stage: PanelStage, knowing: Knowing, access: Access
) -> None:
    await connect_device(await knowing.provision(access), PHONE)
    knobs = stage.world.world.state.knobs
    for fault, error in (
        ("expired_token", PanelKeyRefusedError),
        ("lost_answer", UnavailableError),
        ("error_500", UnavailableError),
    ):
        knobs.panel_fault = fault  # type: ignore[assignment]  # checked there
        with pytest.raises(error):
            await knowing.remove_device(access, PHONE)
    with pytest.raises(UnavailableError):
        await knowing.list_devices(access)
    knobs.panel_fault = "ok"
    assert stage.list_devices() == []  # the answer was lost, and not the call


@asynccontextmanager
async def _serve_devices(devices: object) -> AsyncIterator[str]:
    """A Remnawave that has one account and says `devices` of it."""
    account = {
        "id": 1,
        "shortUuid": "short",
        "username": "u1001_1",
        "status": "ACTIVE",
        "expireAt": "2031-01-01T00:00:00.000Z",
        "trafficLimitBytes": 0,
        "hwidDeviceLimit": 3,
        "activeInternalSquads": [],
        "subscriptionUrl": "https://sub.example/short",
        "userTraffic": {"usedTrafficBytes": 0, "onlineAt": None},
    }

    def answer(path: str, response: object) -> Route:
        async def say(_request: Request) -> JSONResponse:
            return JSONResponse({"response": response})

        return Route(f"/api/{path}", say)

    routes = [
        answer("system/metadata", {"version": "3.3.2"}),
        answer("users/by-username/{name}", account),
        answer("hwid/devices/1", {"total": 1, "devices": devices}),
    ]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serve_app(Starlette(routes=routes), listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _device(**said: object) -> dict[str, object]:
    return {"hwid": PHONE, "userId": 1, **said}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"deviceModel": "\u202eevil\u2066 phone\u200b"}, "evil phone"),
        ({"deviceModel": "see https://evil.example", "platform": None}, "see evil example"),
        ({"deviceModel": "x" * 5000, "platform": "y" * 5000}, "x" * 64),
        ({"deviceModel": "", "platform": "iOS", "osVersion": None}, "iOS"),
        ({}, ""),
    ],
)
async def test_what_a_client_says_of_its_device_is_cut_and_cleaned(
    access: Access, said: dict[str, object], name: str
) -> None:
    async with _serve_devices([_device(**said)]) as url:
        panel = RemnawavePanel(PanelConfig(url, "key"))
        (device,) = await panel.list_devices(access)
        await panel.aclose()

    assert device == Device(PHONE, name, None)


@pytest.mark.parametrize("devices", [[{"hwid": 7}], [{}], "none", None])
async def test_an_answer_that_is_none_is_a_failure(access: Access, devices: object) -> None:
    async with _serve_devices(devices) as url:
        panel = RemnawavePanel(PanelConfig(url, "key"))
        with pytest.raises(UnavailableError, match="unreadable"):
            await panel.list_devices(access)
        await panel.aclose()


async def test_a_list_without_an_end_is_cut(access: Access) -> None:
    async with _serve_devices([_device(hwid=str(number)) for number in range(1200)]) as url:
        panel = RemnawavePanel(PanelConfig(url, "key"))
        assert len(await panel.list_devices(access)) == 1000
        await panel.aclose()


@pytest.mark.parametrize("version", ["3.6.0", "3.1.0"])
async def test_3x_ui_lists_addresses_and_clears_all_of_them(
    world: WorldServer, access: Access, version: str
) -> None:
    """Before 3.4 they were sentences."""
    stage = ThreeXUiStage(world, version)
    panel = stage.open()
    assert isinstance(panel, ThreeXUiPanel)
    assert await panel.list_devices(NOBODY) == []
    await panel.clear_devices(NOBODY)
    await panel.provision(access)
    assert await panel.list_devices(access) == []
    for address in ("198.51.100.7", "2001:db8::7", "<b>no address</b>", "fe80::1%any text"):
        stage.add_device(address)

    assert await panel.list_devices(access) == [
        Device("198.51.100.7", "198.51.100.7"),
        Device("2001:db8::7", "2001:db8::7"),
    ]
    world.world.state.knobs.panel = "refusing"  # reads are let through, though they are posted
    assert len(await panel.list_devices(access)) == 2
    world.world.state.knobs.panel = "ok"

    await panel.clear_devices(access)

    assert await panel.list_devices(access) == []
    await panel.aclose()
