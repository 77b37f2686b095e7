"""Remembers updates by id, because Telegram sends one again whenever our answer got lost (P2)."""

import asyncio
import secrets
import time
from collections.abc import Callable, Collection
from datetime import timedelta

from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.memory import TtlMap
from app.core.term import TermState
from app.domain.ports import SeenUpdates, UnavailableError, UpdateState

_LEASE = timedelta(seconds=60)  # longer than an answer may take, so no lease ends before it
_KEPT_FOR = timedelta(hours=48)
_KEPT_SECONDS = int(_KEPT_FOR.total_seconds())
_LIMIT = 50_000
# More than a process that has lost the lock can still be at, beyond what Redis knew a moment ago.
_MARGIN = 1_000

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
# ARGV: the seconds that it is kept.
_FINISH_ALL = """
for _, key in ipairs(KEYS) do redis.call('SET', key, 'done', 'EX', ARGV[1]) end
"""
# ARGV: our mark and its lease. One that has ended meanwhile is left as it is.
_MARK_ALL = """
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'NX', 'EX', ARGV[2]) end
"""
# ARGV: the cursor and the prefix. Gives the next cursor and the highest id of a page, -1 for none.
_HIGHEST = """
local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2] .. '*', 'COUNT', 1000)
local highest = -1
for _, key in ipairs(page[2]) do
    highest = math.max(highest, tonumber(key:sub(#ARGV[2] + 1)) or -1)
end
return page[1] .. ' ' .. string.format('%d', highest)
"""


class LocalSeenUpdates(SeenUpdates):
    """Knows what this process saw, and nothing after a restart."""

    def __init__(
        self, *, lease: timedelta = _LEASE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lease = lease
        self._states: TtlMap[int, UpdateState] = TtlMap(_LIMIT, clock=clock)
        self.highest_dropped = -1  # to make room, before its time

    async def begin(self, update_id: int) -> UpdateState:
        state = self._states.get(update_id)
        if state is None:
            dropped = self._states.set(update_id, UpdateState.PROCESSING, self._lease)
            if dropped is not None:
                self.highest_dropped = max(self.highest_dropped, dropped)
            return UpdateState.NEW
        return state

    async def finish(self, update_id: int) -> None:
        self._states.set(update_id, UpdateState.DONE, _KEPT_FOR)

    async def forget(self, update_id: int) -> None:
        self._states.drop(update_id)

    async def flush(self) -> None:
        """Nothing is put off."""

    async def hand_over(self) -> None:
        """Nobody could read it."""


class RedisSeenUpdates(SeenUpdates):
    """Knows also what earlier processes saw; needs Redis 7 or Valkey (SET with NX and GET).

    The process's own memory is asked first and always written, so that Redis may go and come
    back in the middle of an update. A mark holds the number of the term it was made in: one of
    a term that has ended is void, for nobody works on its update any more (P13).

    In a term in which this process alone serves (`sole_term`), an update above all that Redis
    knew at its beginning can only be this process's own: it is not asked for, has no mark, and is
    written as done by `flush`, after its answer. `hand_over` marks what is begun.
    Why: docs/decisions/0048.
    """

    def __init__(
        self,
        redis: GuardedRedis,
        bot_id: int,
        *,
        term: Callable[[], TermState] = TermState,
        sole_term: Callable[[], int | None] = lambda: None,
        lease: timedelta = _LEASE,
    ) -> None:
        self._redis = redis
        self._term = term
        self._sole_term = sole_term
        self._prefix = f"tollgate:{bot_id}:update:"
        self._lease_seconds = int(lease.total_seconds())
        self._local = LocalSeenUpdates(lease=lease)
        # Distinguishes our own command, repeated after a lost connection, from another's lease.
        self._token = secrets.token_hex(8).encode()
        self._unmarked: set[int] = set()  # begun, and known to this process alone
        self._unwritten: list[int] = []  # done, the same
        self._writing = asyncio.Lock()
        self._marks_written = asyncio.Event()
        self._marks_written.set()
        self._searched_term: int | None = None
        self._left_term: int | None = None
        self._highest_of_others = -1

    async def begin(self, update_id: int) -> UpdateState:
        state = await self._local.begin(update_id)
        if state is not UpdateState.NEW:
            return state
        if self._is_unknown_to_others(update_id):
            self._unmarked.add(update_id)
            return UpdateState.NEW
        try:
            state = await self._begin_in_redis(self._key(update_id))
        except UnavailableError:
            return UpdateState.NEW
        if state is not UpdateState.NEW:
            # Redis knows how long the other's lease still runs.
            await self._local.forget(update_id)
        return state

    async def finish(self, update_id: int) -> None:
        await self._local.finish(update_id)
        if update_id in self._unmarked:
            self._unmarked.remove(update_id)
            self._unwritten.append(update_id)
        else:
            await self._try("SET", self._key(update_id), _DONE, "EX", _KEPT_SECONDS)

    async def forget(self, update_id: int) -> None:
        await self._local.forget(update_id)
        if update_id in self._unmarked:
            self._unmarked.remove(update_id)
            return
        await self._marks_written.wait()
        await self._try("EVAL", _FORGET_OURS, 1, self._key(update_id), self._token)

    async def flush(self) -> None:
        if self._writing.locked():
            return  # until nothing is left, these included
        async with self._writing:
            await self._write_done()
            term = self._sole_term()
            if term is not None and term not in {self._searched_term, self._left_term}:
                await self._search(term)

    async def hand_over(self) -> None:
        self._left_term, self._searched_term = self._term().number, None
        begun, self._unmarked = self._unmarked, set()
        self._marks_written.clear()
        try:
            if begun:
                mark = self._mark(self._term())
                await self._try_all(_MARK_ALL, begun, mark, self._lease_seconds)
        finally:
            self._marks_written.set()
        async with self._writing:
            await self._write_done()

    def _is_unknown_to_others(self, update_id: int) -> bool:
        term = self._sole_term()
        if term is None or term != self._searched_term:
            return False
        return update_id > max(self._highest_of_others, self._local.highest_dropped)

    async def _begin_in_redis(self, key: str) -> UpdateState:
        term = self._term()
        ours = self._mark(term)
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

    async def _write_done(self) -> None:
        while self._unwritten:
            done, self._unwritten = self._unwritten, []
            await self._try_all(_FINISH_ALL, done, _KEPT_SECONDS)

    async def _search(self, term: int) -> None:
        """For the highest id that any process has marked by now."""
        highest, cursor = -1, b"0"
        while True:
            try:
                page = await self._redis.execute("EVAL", _HIGHEST, 0, cursor, self._prefix)
            except UnavailableError:
                return
            await self._write_done()
            if not isinstance(page, bytes) or self._left_term == term:
                return
            cursor, _, found = page.partition(b" ")
            highest = max(highest, int(found))
            if cursor == b"0":
                break
        self._highest_of_others = highest + _MARGIN if highest >= 0 else highest
        self._searched_term = term

    def _mark(self, term: TermState) -> bytes:
        return b"%d:%s" % (term.number, self._token)

    def _key(self, update_id: int) -> str:
        return f"{self._prefix}{update_id}"

    async def _try_all(
        self, script: str, update_ids: Collection[int], *values: int | bytes
    ) -> None:
        keys = [self._key(update_id) for update_id in update_ids]
        await self._try("EVAL", script, len(keys), *keys, *values)

    async def _try(self, *command: str | int | bytes) -> None:
        try:
            await self._redis.execute(*command)
        except UnavailableError:
            return  # announced by GuardedRedis; this process remembers meanwhile
