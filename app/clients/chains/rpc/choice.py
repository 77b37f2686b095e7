"""Whom to ask: pure rules over the health of a chain's endpoints."""

from collections.abc import Sequence
from datetime import timedelta

from app.clients.chains.rpc.endpoint import Endpoint
from app.clients.chains.rpc.endpoint_health import EndpointHealth

_MANY = 3
_ALLOWED_LAG_BLOCKS = 1
_ALLOWED_LAG_SECONDS = 2.0  # between two answers, where blocks come faster than answers
_LONGEST_BLOCKS, _LONGEST_SECONDS = 5, 30.0
_SLOWER_BY, _SLOWER_BY_SECONDS = 2.0, 0.1


class EndpointChoice:
    """`block_time` says how far apart two heads may be that were not read at the same time."""

    def __init__(self, block_time: timedelta) -> None:
        self._block_seconds = block_time.total_seconds()
        self._allowed_lag = _ALLOWED_LAG_BLOCKS + int(_ALLOWED_LAG_SECONDS / self._block_seconds)
        self._longest_seconds = max(_LONGEST_SECONDS, _LONGEST_BLOCKS * self._block_seconds)

    def candidates(self, endpoints: Sequence[Endpoint]) -> list[Endpoint]:
        """Those whose answers are worth something, the best first."""
        best = self.best_head(endpoints)
        found = [one for one in endpoints if self.is_fit(one.health)]
        found = [one for one in found if self.is_level(one.health, best)]
        fastest = min((_latency(one.health) for one in found), default=0.0)
        return sorted(found, key=lambda one: self._preference(one.health, best, fastest))

    def is_fit(self, health: EndpointHealth) -> bool:
        return (
            health.is_checked
            and not health.is_cooling
            and not health.is_out_of_quota
            and not self.is_stale(health)
        )

    def is_stale(self, health: EndpointHealth) -> bool:
        return health.now - health.advanced_at > self._longest_seconds

    def best_head(self, endpoints: Sequence[Endpoint]) -> EndpointHealth | None:
        """Of three or more the second highest: one liar can't push all others out."""
        fit = [endpoint.health for endpoint in endpoints if self.is_fit(endpoint.health)]
        fit.sort(key=lambda health: health.head or 0, reverse=True)
        if len(fit) >= _MANY:
            return fit[1]
        return fit[0] if fit else None

    def lag(self, health: EndpointHealth, best: EndpointHealth | None) -> int:
        return max(0, self._lead(best, health)) if best else 0

    def is_level(self, health: EndpointHealth, best: EndpointHealth | None) -> bool:
        return self.lag(health, best) <= self._allowed_lag

    def _lead(self, one: EndpointHealth, another: EndpointHealth) -> int:
        """Blocks that one is ahead by, but for those that came since the other was read."""
        since = max(0.0, one.heard_at - another.heard_at)
        return (one.head or 0) - (another.head or 0) - int(since / self._block_seconds)

    def _preference(
        self, health: EndpointHealth, best: EndpointHealth | None, fastest: float
    ) -> tuple[int, bool, bool, bool, bool]:
        """The lowest first; among equals the order of configuration stands."""
        is_far_ahead = best is not None and self._lead(health, best) > self._allowed_lag
        is_slow = _latency(health) > _SLOWER_BY * fastest + _SLOWER_BY_SECONDS
        is_unready = not health.is_ready
        return health.lacks_count, is_unready, is_far_ahead, health.is_yielding, is_slow


def find_least_unfit(endpoints: Sequence[Endpoint]) -> Endpoint | None:
    """When nobody is fit: better a poor answer than none, but never of another chain."""
    right = [endpoint for endpoint in endpoints if not endpoint.health.is_wrong_chain]
    return min(right, key=lambda endpoint: _unfitness(endpoint.health), default=None)


def _unfitness(health: EndpointHealth) -> tuple[bool, bool, bool, int, int]:
    return (
        health.is_out_of_quota,
        not health.is_checked,
        health.is_cooling,
        health.breaker.failed_in_a_row,
        -(health.head or 0),
    )


def _latency(health: EndpointHealth) -> float:
    return health.latency_seconds or 0.0
