"""`notified:<key>` says who began to send a message and whether Telegram took it (P4)."""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.memory import TtlMap
from app.domain.ports import ClaimState, DeliveryClaims, UnavailableError

_KEPT_FOR = timedelta(days=7)
_KEPT_SECONDS = int(_KEPT_FOR.total_seconds())
_LIMIT = 50_000

_SENT = b"sent"


class LocalDeliveryClaims(DeliveryClaims):
    """For a service without Redis: knows what this process did, and nothing after a restart.

    So a key that it never saw is TRIED, perhaps by the process before it.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._states: TtlMap[str, ClaimState] = TtlMap(_LIMIT, clock=clock)

    async def claim(self, key: str) -> ClaimState:
        state = self._states.get(key) or ClaimState.TRIED
        if state is ClaimState.FREE:
            self._states.set(key, ClaimState.TRIED, _KEPT_FOR)
        return state

    async def mark_sent(self, key: str) -> None:
        self._states.set(key, ClaimState.SENT, _KEPT_FOR)

    async def release(self, key: str) -> None:
        self._states.set(key, ClaimState.FREE, _KEPT_FOR)


class RedisDeliveryClaims(DeliveryClaims):
    def __init__(self, redis: GuardedRedis) -> None:
        self._redis = redis

    async def claim(self, key: str) -> ClaimState:
        # Of this call alone: if its command is repeated after a lost connection, it finds itself.
        tried = f"tried:{secrets.token_hex(8)}".encode()
        found = await self._redis.execute(
            "SET", _name(key), tried, "NX", "GET", "EX", _KEPT_SECONDS
        )
        if found in {None, tried}:
            return ClaimState.FREE
        return ClaimState.SENT if found == _SENT else ClaimState.TRIED

    async def mark_sent(self, key: str) -> None:
        with suppress(UnavailableError):
            await self._redis.execute("SET", _name(key), _SENT, "EX", _KEPT_SECONDS)

    async def release(self, key: str) -> None:
        with suppress(UnavailableError):
            await self._redis.execute("DEL", _name(key))


def _name(key: str) -> str:
    return f"notified:{key}"
