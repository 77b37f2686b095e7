"""How often somebody may make us do something, counted in this process."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable
from datetime import timedelta
from typing import Final

_LIMIT: Final = 10_000


class RateLimit:
    """`count` within any `window`. Bounded: who asked longest ago is forgotten first."""

    def __init__(self, count: int, window: timedelta) -> None:
        self._count = count
        self._window_seconds = window.total_seconds()
        self._asked: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def take(self, key: Hashable, count: int = 1) -> timedelta | None:
        """None, or how long until so many are left, and then nothing was taken."""
        now = asyncio.get_running_loop().time()
        asked = self._asked.setdefault(key, deque())
        self._asked.move_to_end(key)
        if len(self._asked) > _LIMIT:
            self._asked.popitem(last=False)
        self._forget_old(asked, now)
        excess = len(asked) + count - self._count
        if excess > 0:
            freed_by = asked[min(excess, len(asked)) - 1] if asked else now
            return timedelta(seconds=freed_by + self._window_seconds - now)
        asked.extend([now] * count)
        return None

    def is_spent(self, key: Hashable) -> bool:
        """Whether `take` would refuse one now; nothing is taken."""
        asked = self._asked.get(key)
        if asked is None:
            return False
        self._forget_old(asked, asyncio.get_running_loop().time())
        return len(asked) >= self._count

    def _forget_old(self, asked: deque[float], now: float) -> None:
        while asked and asked[0] <= now - self._window_seconds:
            asked.popleft()
