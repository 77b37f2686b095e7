"""Where a user stands in a dialogue: in Redis, and in this process while Redis is away (P8)."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey

from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.memory import TtlMap
from app.domain.ports import UnavailableError

_KEPT_FOR = timedelta(days=1)  # state and data alike, or one would outlive the other
_KEPT_SECONDS = int(_KEPT_FOR.total_seconds())
_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str | None  # None: removed
    in_redis: bool


class DialogueStorage(BaseStorage):
    """Values must be JSON. Without `redis`, everything stays in this process.

    What was written while Redis was away wins over what Redis remembers, and is brought to it
    when it is next read. In a term in which this process alone serves (`get_sole_term`), Redis
    is asked once about a user who is in no dialogue, as nearly all are: nobody else begins one.
    """

    def __init__(
        self,
        redis: GuardedRedis | None,
        *,
        get_sole_term: Callable[[], int | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._get_sole_term = get_sole_term
        self._names = DefaultKeyBuilder(
            prefix="tollgate",
            with_bot_id=True,
            with_business_connection_id=True,
            with_destiny=True,
        )
        self._entries: TtlMap[str, _Entry] = TtlMap(_LIMIT, clock=clock)
        self._missing: TtlMap[str, int] = TtlMap(_LIMIT, clock=clock)  # in Redis; since which term

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        await self._write(self._names.build(key, "state"), _name_of(state))

    async def get_state(self, key: StorageKey) -> str | None:
        return await self._read(self._names.build(key, "state"))

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        text = json.dumps(dict(data)) if data else None
        await self._write(self._names.build(key, "data"), text)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        text = await self._read(self._names.build(key, "data"))
        data: dict[str, Any] = json.loads(text) if text else {}
        return data

    async def close(self) -> None:
        """Nothing to close: the pool belongs to the code that made it."""

    async def _read(self, name: str) -> str | None:
        entry = self._entries.get(name)
        if self._redis is None:
            return entry.text if entry else None
        if entry and not entry.in_redis:
            await self._write(name, entry.text)
            return entry.text
        term = self._get_sole_term()
        if term is not None and self._missing.get(name) == term:
            return None
        try:
            found = await self._redis.execute("GET", name)
        except UnavailableError:
            return entry.text if entry else None
        if isinstance(found, bytes):
            return found.decode()
        if term is not None:
            self._missing.set(name, term, _KEPT_FOR)
        return None

    async def _write(self, name: str, text: str | None) -> None:
        self._missing.drop(name)
        in_redis = await self._write_to_redis(name, text)
        if text is None and (in_redis or self._redis is None):
            self._entries.drop(name)
        else:
            self._entries.set(name, _Entry(text, in_redis), _KEPT_FOR)

    async def _write_to_redis(self, name: str, text: str | None) -> bool:
        if self._redis is None:
            return False
        try:
            if text is None:
                await self._redis.execute("DEL", name)
            else:
                await self._redis.execute("SET", name, text, "EX", _KEPT_SECONDS)
        except UnavailableError:
            return False
        return True


def _name_of(state: StateType) -> str | None:
    return state.state if isinstance(state, State) else state
