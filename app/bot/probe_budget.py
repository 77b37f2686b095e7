"""How often one person may make us ask the chains: their endpoints count our requests."""

import asyncio
from collections import OrderedDict, deque
from typing import Final

from app.core.errors import ExpectedError

PER_MINUTE: Final = 20
_MINUTE_SECONDS: Final = 60
_LIMIT: Final = 10_000


class TooManyProbesError(ExpectedError):
    text_key = "error-too-many-probes"


class ProbeBudget:
    """Bounded: who asked longest ago is forgotten first."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._asked: OrderedDict[int, deque[float]] = OrderedDict()

    def take(self, user_id: int, count: int = 1) -> bool:
        """False, and nothing taken, where it would be too many."""
        now = asyncio.get_running_loop().time()
        asked = self._asked.setdefault(user_id, deque())
        self._asked.move_to_end(user_id)
        if len(self._asked) > _LIMIT:
            self._asked.popitem(last=False)
        while asked and asked[0] <= now - _MINUTE_SECONDS:
            asked.popleft()
        if len(asked) + count > self._per_minute:
            return False
        asked.extend([now] * count)
        return True
