"""Remembers updates by id, because Telegram sends one again whenever our answer got lost (P2)."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.memory import TtlMap
from app.core.term import TermState
from app.domain.ports import SeenUpdates, UnavailableError, UpdateState

_LEASE = timedelta(seconds=60)  # longer than an answer may take, so no lease ends before it
_KEPT_FOR = timedelta(hours=48)
_LIMIT = 50_000

_DONE = b"done"
# ARGV: our token, with which our mark ends.
_FORGET_OURS = """
local mark = redis.call('GET', KEYS[1])
if mark and mark:sub(-#ARGV[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
"""
# ARGV: the mark that is void, ours, and the lease. Repeated after a lost connection it finds ours.
_TAKE_OVER = """
local mark = redis.call('GET', KEYS[1])
if mark ~= ARGV[1] and mark ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class LocalSeenUpdates(SeenUpdates):
    """Knows what this process saw, and nothing after a restart."""

    def __init__(
        self, *, lease: timedelta = _LEASE, clock: Callable[[], float] = time.monotonic
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
        self._states.set(update_id, UpdateState.DONE, _KEPT_FOR)

    async def forget(self, update_id: int) -> None:
        self._states.drop(update_id)


class RedisSeenUpdates(SeenUpdates):
    """Knows also what earlier processes saw; needs Redis 7 or Valkey (SET with NX and GET).

    The process's own memory is asked first and always written, so that Redis may go and come
    back in the middle of an update. A mark holds the number of the term it was made in: one of
    a term that has ended is void, for nobody works on its update any more (P13).
    """

    def __init__(
        self,
        redis: GuardedRedis,
        bot_id: int,
        *,
        term: Callable[[], TermState] = TermState,
        lease: timedelta = _LEASE,
    ) -> None:
        self._redis = redis
        self._term = term
        self._prefix = f"tollgate:{bot_id}:update:"
        self._lease_seconds = int(lease.total_seconds())
        self._local = LocalSeenUpdates(lease=lease)
        # Distinguishes our own command, repeated after a lost connection, from another's lease.
        self._token = secrets.token_hex(8).encode()

    async def begin(self, update_id: int) -> UpdateState:
        state = await self._local.begin(update_id)
        if state is not UpdateState.NEW:
            return state
        try:
            state = await self._begin_in_redis(self._key(update_id))
        except UnavailableError:
            return UpdateState.NEW
        if state is not UpdateState.NEW:
            # Redis knows how long the other's lease still runs.
            await self._local.forget(update_id)
        return state

    async def _begin_in_redis(self, key: str) -> UpdateState:
        term = self._term()
        ours = b"%d:%s" % (term.number, self._token)
        found = await self._redis.execute("SET", key, ours, "NX", "GET", "EX", self._lease_seconds)
        if found == _DONE:
            return UpdateState.DONE
        if not isinstance(found, bytes) or found.endswith(self._token):
            return UpdateState.NEW
        number, _, _ = found.partition(b":")
        if number.isdigit() and term.has_ended(int(number)):
            is_ours = await self._redis.execute(
                "EVAL", _TAKE_OVER, 1, key, found, ours, self._lease_seconds
            )
            return UpdateState.NEW if is_ours else UpdateState.PROCESSING
        return UpdateState.PROCESSING

    async def finish(self, update_id: int) -> None:
        await self._local.finish(update_id)
        await self._try("SET", self._key(update_id), _DONE, "EX", int(_KEPT_FOR.total_seconds()))

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
