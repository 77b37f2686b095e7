"""Panels' configurations for VPN clients, through a cache: one question for all who ask at once."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from app.core import clock
from app.domain.ports import PortError, SubscriptionAnswer, SubscriptionLinks
from app.services import port_guard

_FRESH: Final = timedelta(seconds=10)
_KEPT: Final = timedelta(hours=24)  # for a panel that is away
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_MAX_ENTRIES: Final = 1000
_MAX_BYTES: Final = 16 * 1024 * 1024


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    answer: SubscriptionAnswer | None = None
    answered_at: datetime = _NEVER
    error: PortError | None = None
    failed_at: datetime = _NEVER

    @property
    def size(self) -> int:
        return len(self.answer.body) if self.answer else 0


class SubscriptionConfigs:
    """One for a process. A new link is another entry, so that nothing outlives it."""

    def __init__(self, links: SubscriptionLinks, fresh: timedelta = _FRESH) -> None:
        self._links = links
        self._fresh = fresh
        self._entries: OrderedDict[tuple[object, ...], _Entry] = OrderedDict()

    async def get(self, link: str, headers: Mapping[str, str]) -> SubscriptionAnswer:
        """As `headers` ask for it. Raises PortError where the panel is away and none is kept."""
        key = (link, *sorted(headers.items()))
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        good_from = clock.now() - self._fresh
        async with entry.lock:  # who waited for it takes what came meanwhile
            if good_from > max(entry.answered_at, entry.failed_at):
                await self._ask(entry, link, headers)
                self._make_room()
        return _choose(entry)

    async def _ask(self, entry: _Entry, link: str, headers: Mapping[str, str]) -> None:
        try:
            answer = await port_guard.guard_port_call(
                self._links.fetch(link, headers), "subscription_fetch_failed"
            )
        except PortError as error:
            entry.error, entry.failed_at = error, clock.now()
        else:
            entry.answer, entry.answered_at, entry.error = answer, clock.now(), None

    def _make_room(self) -> None:
        """Who asked longest ago is forgotten first; one that is being asked has no size yet."""
        size = sum(entry.size for entry in self._entries.values())
        while len(self._entries) > _MAX_ENTRIES or size > _MAX_BYTES:
            _, oldest = self._entries.popitem(last=False)
            size -= oldest.size


def _choose(entry: _Entry) -> SubscriptionAnswer:
    """The answer; after a failure the last good one, while it is worth something."""
    if entry.error is None and entry.answer is not None:
        return entry.answer
    is_kept = clock.now() - entry.answered_at < _KEPT
    if entry.answer is not None and entry.answer.status == HTTPStatus.OK and is_kept:
        return entry.answer
    raise entry.error or PortError("nothing was answered")
