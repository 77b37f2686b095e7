"""From where a subscription is used, as the panel lists it, and how a user removes one of them."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select

from app.core.errors import ExpectedError
from app.db.models import Subscription
from app.db.unit_of_work import Database
from app.domain.extras import ExtraKind
from app.domain.ports import Device, DeviceList, RemovableDevices, VpnPanel
from app.services.access import panel_work
from app.services.access.extra_offers import has_extras
from app.services.access.subscriptions import SubscriptionGoneError

_KEY_LENGTH: Final = 16  # hexadecimal digits
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class DevicesUnknownError(ExpectedError):
    """The panel keeps no list of them."""

    text_key = "error-devices-unknown"


@dataclass(frozen=True, slots=True)
class SubscriptionDevices:
    """`devices` with the last seen first; each can be removed, unless they are addresses."""

    subscription_id: int
    device_limit: int  # 0 = none
    devices: tuple[Device, ...]
    are_addresses: bool
    sells_devices: bool = False  # whether more can be bought

    @property
    def is_full(self) -> bool:
        return 0 < self.device_limit <= len(self.devices)

    def find_device(self, key: str) -> Device | None:
        return next((one for one in self.devices if build_device_key(one) == key), None)


def build_device_key(device: Device) -> str:
    """What a button carries of an id of any length."""
    digest = hashlib.sha256(device.device_id.encode(errors="surrogatepass"))
    return digest.hexdigest()[:_KEY_LENGTH]


async def list_subscription_devices(
    db: Database, panel: VpnPanel | None, user_id: int, subscription_id: int
) -> SubscriptionDevices:
    """Raises SubscriptionGoneError, DevicesUnknownError and the panel's port errors."""
    subscription, sells_devices = await _get_own(db, user_id, subscription_id)
    return replace(await ask_devices(panel, subscription), sells_devices=sells_devices)


async def ask_devices(panel: VpnPanel | None, subscription: Subscription) -> SubscriptionDevices:
    """Its panel's list. Raises DevicesUnknownError and the panel's port errors."""
    access = panel_work.build_access_ref(subscription)
    panel = await panel_work.find_panel(panel, access)
    if not isinstance(panel, DeviceList):
        raise DevicesUnknownError
    devices = await panel_work.call_panel(panel.list_devices(access))
    devices.sort(key=lambda device: device.seen_at or _NEVER, reverse=True)
    are_addresses = not isinstance(panel, RemovableDevices)
    return SubscriptionDevices(
        subscription.id, subscription.device_limit, tuple(devices), are_addresses
    )


async def remove_subscription_devices(
    db: Database, panel: VpnPanel | None, user_id: int, subscription_id: int, key: str | None
) -> bool:
    """One by its key, or all of them; False where that one is gone already.

    Raises SubscriptionGoneError, DevicesUnknownError and the panel's port errors.
    """
    subscription, _ = await _get_own(db, user_id, subscription_id)
    access = panel_work.build_access_ref(subscription)
    panel = await panel_work.find_panel(panel, access)
    if key is None and isinstance(panel, DeviceList):
        await panel_work.call_panel(panel.clear_devices(access))
        return True
    if key is None or not isinstance(panel, RemovableDevices):
        raise DevicesUnknownError
    for device in await panel_work.call_panel(panel.list_devices(access)):
        if build_device_key(device) == key:
            await panel_work.call_panel(panel.remove_device(access, device.device_id))
            return True
    return False


async def _get_own(db: Database, user_id: int, subscription_id: int) -> tuple[Subscription, bool]:
    """And whether more devices can be bought for it. Raises SubscriptionGoneError."""
    query = select(Subscription, has_extras(ExtraKind.DEVICES)).where(
        Subscription.id == subscription_id, Subscription.user_id == user_id
    )
    async with db.read_only() as session:
        row = (await session.execute(query)).first()
    if row is None:
        raise SubscriptionGoneError
    return row[0], row[1]
