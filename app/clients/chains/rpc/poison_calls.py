"""Remembers which calls get no answer from an endpoint that is well, so that none is paid twice."""

from collections.abc import Callable
from typing import Final

from app.clients.chains.rpc.calls import RpcCall

_FIRST_SECONDS: Final = 60.0
_LONGEST_SECONDS: Final = 3600.0
_MOST: Final = 1000


class PoisonCalls:
    """Each is left alone for a minute, then for twice as long each time, up to an hour."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._rests: dict[str, tuple[float, float]] = {}  # until when, and for how long

    def add(self, call: RpcCall) -> None:
        _, before = self._rests.pop(_key(call), (0.0, 0.0))
        seconds = min(before * 2, _LONGEST_SECONDS) if before else _FIRST_SECONDS
        self._rests[_key(call)] = self._monotonic() + seconds, seconds
        if len(self._rests) > _MOST:
            del self._rests[next(iter(self._rests))]

    def forget(self, call: RpcCall) -> None:
        self._rests.pop(_key(call), None)

    def is_known(self, call: RpcCall) -> bool:
        return _key(call) in self._rests

    def is_resting(self, call: RpcCall) -> bool:
        until, _ = self._rests.get(_key(call), (0.0, 0.0))
        return self._monotonic() < until


def _key(call: RpcCall) -> str:
    return f"{call.method}{call.params!r}"
