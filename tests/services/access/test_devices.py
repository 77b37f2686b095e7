"""The devices of a user's subscription: whose they are, which one a button means, what is gone."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.core import clock
from app.db.models import Subscription
from app.domain.ports import AccessRef, Device, UnavailableError, VpnPanel
from app.services.access.activation import provision_due_subscriptions
from app.services.access.devices import (
    DevicesUnknownError,
    build_device_key,
    list_subscription_devices,
    remove_subscription_devices,
)
from app.services.access.subscriptions import SubscriptionGoneError, get_subscription_page
from tests.support.fakes import FakePanel
from tests.support.stall import ANNA, BEN, Stall

PHONE, LAPTOP = Device("HWID-phone", "iPhone 15"), Device("HWID-laptop", "Windows")


class AddressPanel(FakePanel):
    """Lists, and clears all at once."""

    def __init__(self) -> None:
        super().__init__()
        self.devices: dict[UUID, list[Device]] = {}

    async def list_devices(self, access: AccessRef) -> list[Device]:
        await self._play()
        return [*self.devices.get(access.access_id, [])]

    async def clear_devices(self, access: AccessRef) -> None:
        await self._play()
        self.devices.pop(access.access_id, None)


class DevicePanel(AddressPanel):
    async def remove_device(self, access: AccessRef, device_id: str) -> None:
        await self._play()
        left = [one for one in self.devices[access.access_id] if one.device_id != device_id]
        self.devices[access.access_id] = left


async def own(stall: Stall, panel: AddressPanel, *devices: Device) -> Subscription:
    """Bought, delivered and used."""
    stall.panel = panel
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, panel)
    row = await stall.subscription()
    panel.devices[row.access_id] = [*devices]
    return row


async def test_the_last_seen_is_the_first(stall: Stall) -> None:
    now = clock.now()
    seen = [Device(str(days), "", now - timedelta(days=days)) for days in (3, 1, 2)]
    row = await own(stall, DevicePanel(), *seen, PHONE)

    listed = await list_subscription_devices(stall.db, stall.panel, ANNA, row.id)

    assert [device.device_id for device in listed.devices] == ["1", "2", "3", "HWID-phone"]
    assert (listed.device_limit, listed.is_full, listed.are_addresses) == (3, True, False)


async def test_one_is_removed_by_its_key_and_once(stall: Stall) -> None:
    row = await own(stall, DevicePanel(), PHONE, LAPTOP)
    key = build_device_key(PHONE)

    removed = [
        await remove_subscription_devices(stall.db, stall.panel, ANNA, row.id, key)
        for _ in range(2)
    ]

    assert removed == [True, False]
    listed = await list_subscription_devices(stall.db, stall.panel, ANNA, row.id)
    assert listed.devices == (LAPTOP,)
    assert await remove_subscription_devices(stall.db, stall.panel, ANNA, row.id, None)
    listed = await list_subscription_devices(stall.db, stall.panel, ANNA, row.id)
    assert listed.devices == ()


async def test_another_users_subscription_is_none(stall: Stall) -> None:
    panel = DevicePanel()
    row = await own(stall, panel, PHONE)
    for key in (None, build_device_key(PHONE)):
        with pytest.raises(SubscriptionGoneError):
            await remove_subscription_devices(stall.db, panel, BEN, row.id, key)
    with pytest.raises(SubscriptionGoneError):
        await list_subscription_devices(stall.db, panel, BEN, row.id)
    assert panel.devices == {row.access_id: [PHONE]}


async def test_addresses_are_cleared_all_at_once_only(stall: Stall) -> None:
    row = await own(stall, AddressPanel(), PHONE, LAPTOP)

    listed = await list_subscription_devices(stall.db, stall.panel, ANNA, row.id)
    assert listed.are_addresses
    with pytest.raises(DevicesUnknownError):
        await remove_subscription_devices(
            stall.db, stall.panel, ANNA, row.id, build_device_key(PHONE)
        )
    assert await remove_subscription_devices(stall.db, stall.panel, ANNA, row.id, None)
    listed = await list_subscription_devices(stall.db, stall.panel, ANNA, row.id)
    assert listed.devices == ()


@pytest.mark.parametrize("panel", [FakePanel(), None])
async def test_a_panel_that_knows_no_devices_says_so(stall: Stall, panel: VpnPanel | None) -> None:
    row = await own(stall, DevicePanel(), PHONE)
    with pytest.raises(DevicesUnknownError):
        await list_subscription_devices(stall.db, panel, ANNA, row.id)
    with pytest.raises(DevicesUnknownError):
        await remove_subscription_devices(stall.db, panel, ANNA, row.id, None)
    page = await get_subscription_page(stall.db, panel, ANNA)
    assert page is not None
    assert not page.has_devices


@pytest.mark.parametrize(
    ("limit", "devices", "offered"), [(3, (), True), (0, (), False), (0, (PHONE,), True)]
)
async def test_the_list_is_offered_where_there_is_a_limit_or_a_device(
    stall: Stall, limit: int, devices: tuple[Device, ...], *, offered: bool
) -> None:
    row = await own(stall, DevicePanel(), *devices)
    await stall.change(row, device_limit=limit)

    page = await get_subscription_page(stall.db, stall.panel, ANNA)

    assert page is not None
    assert page.has_devices is offered


async def test_a_panel_that_is_away_is_a_port_error_and_leaves_the_page(stall: Stall) -> None:
    row = await own(stall, DevicePanel(), PHONE)
    stall.panel.failures = [UnavailableError("down"), ValueError("a bug"), UnavailableError("down")]
    with pytest.raises(UnavailableError):
        await list_subscription_devices(stall.db, stall.panel, ANNA, row.id)
    with pytest.raises(UnavailableError):
        await remove_subscription_devices(stall.db, stall.panel, ANNA, row.id, None)
    page = await get_subscription_page(stall.db, stall.panel, ANNA)
    assert page is not None
    assert (page.usage, page.has_devices) == (None, True)
