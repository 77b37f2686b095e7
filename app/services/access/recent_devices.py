"""The devices of subscriptions as panels list them, kept for seconds: pages are read again soon."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from app.core import clock
from app.db.models import Subscription
from app.domain.ports import PortError, VpnPanel
from app.services.access.devices import DevicesUnknownError, SubscriptionDevices, ask_devices
from app.services.access.panel_work import build_access_ref

_FRESH: Final = timedelta(seconds=10)
_MAX_ENTRIES: Final = 1000
_SECONDS: Final = 2  # the page is of use without them, too
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    devices: SubscriptionDevices | None = None
    asked_at: datetime = _NEVER


class RecentDevices:
    """One for a process. A new key, a move and another limit are entries of their own."""

    def __init__(self, panel: VpnPanel | None) -> None:
        self._panel = panel
        self._entries: OrderedDict[tuple[object, ...], _Entry] = OrderedDict()

    async def get(self, subscription: Subscription) -> SubscriptionDevices | None:
        """None where its panel lists none, or does not say it soon."""
        key = (build_access_ref(subscription), subscription.device_limit)
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        while len(self._entries) > _MAX_ENTRIES:
            self._entries.popitem(last=False)
        async with entry.lock:  # who waited for it takes what came meanwhile
            if entry.asked_at < clock.now() - _FRESH:
                entry.devices, entry.asked_at = await self._ask(subscription), clock.now()
        return entry.devices

    async def _ask(self, subscription: Subscription) -> SubscriptionDevices | None:
        try:
            async with asyncio.timeout(_SECONDS):
                return await ask_devices(self._panel, subscription)
        except (TimeoutError, PortError, DevicesUnknownError):
            return None
