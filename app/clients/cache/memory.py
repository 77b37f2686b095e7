"""A bounded map whose entries run out: what stands in for Redis inside this process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class TtlMap(Generic[K, V]):
    """Beyond `limit` entries the one that was set longest ago is dropped."""

    def __init__(self, limit: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        expires, value = entry
        if expires <= self._clock():
            del self._entries[key]
            return None
        return value

    def set(self, key: K, value: V, ttl: timedelta) -> K | None:
        """The key that was dropped to make room."""
        self._drop_expired()
        self._entries[key] = (self._clock() + ttl.total_seconds(), value)
        self._entries.move_to_end(key)
        if len(self._entries) <= self._limit:
            return None
        dropped, _ = self._entries.popitem(last=False)
        return dropped

    def drop(self, key: K) -> None:
        self._entries.pop(key, None)

    def __len__(self) -> int:
        return len(self._entries)

    def _drop_expired(self) -> None:
        # From the oldest end only: each entry is looked at about once, however many there are.
        now = self._clock()
        while self._entries:
            key, (expires, _) = next(iter(self._entries.items()))
            if expires > now:
                return
            del self._entries[key]
