"""How often one user may make us do something, counted in this process."""

import asyncio
from collections import OrderedDict, deque
from datetime import timedelta
from typing import Final

from app.core.errors import ExpectedError

_LIMIT: Final = 10_000
_PROBES_PER_MINUTE: Final = 20


class UserRateLimit:
    """Bounded: who asked longest ago is forgotten first."""

    def __init__(self, count: int, window: timedelta) -> None:
        self._count = count
        self._window_seconds = window.total_seconds()
        self._asked: OrderedDict[int, deque[float]] = OrderedDict()

    def take(self, user_id: int, count: int = 1) -> timedelta | None:
        """None, or how long until so many are left, and then nothing was taken."""
        now = asyncio.get_running_loop().time()
        asked = self._asked.setdefault(user_id, deque())
        self._asked.move_to_end(user_id)
        if len(self._asked) > _LIMIT:
            self._asked.popitem(last=False)
        while asked and asked[0] <= now - self._window_seconds:
            asked.popleft()
        excess = len(asked) + count - self._count
        if excess > 0:
            freed_by = asked[min(excess, len(asked)) - 1] if asked else now
            return timedelta(seconds=freed_by + self._window_seconds - now)
        asked.extend([now] * count)
        return None


class TooManyProbesError(ExpectedError):
    text_key = "error-too-many-probes"


class ProbeRateLimit(UserRateLimit):
    """How often one user may make us ask the chains: their endpoints count our requests."""

    def __init__(self, per_minute: int = _PROBES_PER_MINUTE) -> None:
        super().__init__(per_minute, timedelta(minutes=1))
