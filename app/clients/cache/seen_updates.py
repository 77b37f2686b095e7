"""Remembers updates by id, because Telegram sends one again whenever our answer got lost (P2)."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.memory import TtlMap
from app.domain.ports import SeenUpdates, UnavailableError, UpdateState

LEASE = timedelta(seconds=60)  # longer than an answer may take, so nobody's lease ends under him
KEPT = timedelta(hours=48)
_LIMIT = 50_000

_DONE = b"done"
_FORGET_OURS = "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) end"


class LocalSeenUpdates(SeenUpdates):
    """Knows what this process saw, and nothing after a restart."""

    def __init__(
        self, *, lease: timedelta = LEASE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lease = lease
        self._states: TtlMap[int, UpdateState] = TtlMap(_LIMIT, clock=clock)

    async def begin(self, update_id: int) -> UpdateState:
        state = self._states.get(update_id)
        if state is None:
            self._states.set(update_id, UpdateState.PROCESSING, self._lease)
            return UpdateState.NEW
        return state

    async def finish(self, update_id: int) -> None:
        self._states.set(update_id, UpdateState.DONE, KEPT)

    async def forget(self, update_id: int) -> None:
        self._states.drop(update_id)


class RedisSeenUpdates(SeenUpdates):
    """Knows also what earlier processes saw; needs Redis 7 or Valkey (SET with NX and GET).

    The process's own memory is asked first and always written, so that Redis may go and come
    back in the middle of an update.
    """

    def __init__(self, redis: GuardedRedis, bot_id: int, *, lease: timedelta = LEASE) -> None:
        self._redis = redis
        self._prefix = f"tollgate:{bot_id}:update:"
        self._lease_seconds = int(lease.total_seconds())
        self._local = LocalSeenUpdates(lease=lease)
        # Tells our own command, repeated after a lost connection, from somebody else's lease.
        self._token = secrets.token_hex(8).encode()

    async def begin(self, update_id: int) -> UpdateState:
        state = await self._local.begin(update_id)
        if state is not UpdateState.NEW:
            return state
        key = self._key(update_id)
        try:
            found = await self._redis.execute(
                "SET", key, self._token, "NX", "GET", "EX", self._lease_seconds
            )
        except UnavailableError:
            return UpdateState.NEW
        if found in {None, self._token}:
            return UpdateState.NEW
        await self._local.forget(update_id)  # Redis knows how long the other's lease still runs
        return UpdateState.DONE if found == _DONE else UpdateState.PROCESSING

    async def finish(self, update_id: int) -> None:
        await self._local.finish(update_id)
        await self._try("SET", self._key(update_id), _DONE, "EX", int(KEPT.total_seconds()))

    async def forget(self, update_id: int) -> None:
        await self._local.forget(update_id)
        await self._try("EVAL", _FORGET_OURS, 1, self._key(update_id), self._token)

    def _key(self, update_id: int) -> str:
        return f"{self._prefix}{update_id}"

    async def _try(self, *command: str | int | bytes) -> None:
        try:
            await self._redis.execute(*command)
        except UnavailableError:
            return  # announced by GuardedRedis; this process remembers meanwhile
