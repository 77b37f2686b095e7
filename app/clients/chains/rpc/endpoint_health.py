"""What is known of one endpoint: pure state, written by its callers, read by the choice."""

import random
from datetime import datetime, timedelta

from app.clients.chains.rpc.batches import BatchSize
from app.clients.chains.rpc.calls import RpcCall
from app.clients.chains.rpc.faults import Fault, FaultKind
from app.clients.chains.rpc.poison_calls import PoisonCalls
from app.clients.chains.rpc.timings import PoolTimings
from app.core import clock
from app.core.backoff import backoff_delay
from app.core.breaker import Breaker

_LATENCY_WEIGHT = 0.3  # of the newest
_SHORTEST_SECONDS = 1.0  # to cool down; where no time is given, a random one up to these two
_FIRST_CEILING, _LAST_CEILING = timedelta(seconds=2), timedelta(minutes=1)
_REMEMBER_UNSUPPORTED_SECONDS = 3600.0  # nodes are upgraded
_REMEMBER_REFUSAL_SECONDS = 600.0
_FIRST_WITHOUT_QUOTA = timedelta(hours=1)  # doubled each time, up to midnight UTC


class EndpointHealth:
    def __init__(self, breaker: Breaker, max_batch: int, timings: PoolTimings) -> None:
        self.breaker = breaker
        self.batch = BatchSize(max_batch)
        self.poison_calls = PoisonCalls(timings.monotonic)
        self.is_wrong_chain = False
        self.is_ready = True  # as it says itself: not while it synchronises
        self.head: int | None = None
        self.heard_at = 0.0  # these two and all below: on the monotonic clock
        self.advanced_at = 0.0
        self.probed_at: float | None = None
        self.latency_seconds: float | None = None
        self.cool_until = 0.0
        self.yields_until = 0.0
        self.billing_until: datetime | None = None
        self.last_error: str | None = None
        self._lacks: dict[str, float] = {}
        self._lacks_vital: dict[str, float] = {}  # what a pass can't do without
        self._times_out_of_quota = 0
        self._rate_limits = 0
        self._timings = timings

    @property
    def now(self) -> float:
        return self._timings.monotonic()

    @property
    def is_checked(self) -> bool:
        """Seen to be of the right chain, and answering since."""
        return self.head is not None and not self.is_wrong_chain and not self.breaker.is_open

    @property
    def is_cooling(self) -> bool:
        return self.now < self.cool_until

    @property
    def is_out_of_quota(self) -> bool:
        return self.billing_until is not None and clock.now() < self.billing_until

    @property
    def is_yielding(self) -> bool:
        """It failed a moment ago: an equal one is asked first."""
        return self.now < self.yields_until

    @property
    def is_approachable(self) -> bool:
        return not (self.is_cooling or self.is_out_of_quota or self.breaker.rest_seconds > 0)

    @property
    def is_due_for_probe(self) -> bool:
        every = self._timings.probe_every.total_seconds()
        was_long_ago = self.probed_at is None or self.now - self.probed_at >= every
        return self.is_approachable and (was_long_ago or self.breaker.is_open)

    def lacks(self, method: str) -> bool:
        until = max(self._lacks.get(method, 0.0), self._lacks_vital.get(method, 0.0))
        return self.now < until

    @property
    def lacks_count(self) -> int:
        """Of what a pass needs of its endpoint: anything else another one may answer."""
        return sum(self.now < until for until in self._lacks_vital.values())

    def note_head(self, number: int) -> None:
        if self.head is None or number > self.head:
            self.advanced_at = self.now
        self.head = number
        self.heard_at = self.now

    def note_latency(self, seconds: float) -> None:
        before = self.latency_seconds
        change = 0.0 if before is None else _LATENCY_WEIGHT * (seconds - before)
        self.latency_seconds = seconds if before is None else before + change

    def note_wrong_chain(self, text: str) -> None:
        self.is_wrong_chain = True
        self.head = None
        self.last_error = text

    def note_answers(self, batch: int) -> None:
        """A request without a fault."""
        self._rate_limits = self._times_out_of_quota = 0
        self.batch.note_fit(batch)

    def note_refusal(self, method: str) -> None:
        """Another endpoint has just answered what this one refused."""
        self._lacks[method] = self.now + _REMEMBER_REFUSAL_SECONDS

    def record_invalid_answer(self, text: str) -> None:
        self.last_error = text
        self._yield()

    def note_fault(self, fault: Fault, call: RpcCall, batch: int) -> None:
        self.last_error = fault.text
        if fault.is_common and (batch > 1 or call.is_side):
            return  # one of the calls may be why: a harmless one shows
        match fault.kind:
            case FaultKind.SIZE:
                self.batch.note_too_large(batch)
            case FaultKind.RATE_LIMIT:
                self._cool_down(fault.retry_after_seconds)
            case FaultKind.BILLING:
                self._leave_until_quota()
            case FaultKind.UNSUPPORTED:
                lacks = self._lacks if call.is_side else self._lacks_vital
                lacks[call.method] = self.now + _REMEMBER_UNSUPPORTED_SECONDS
            case FaultKind.ELSEWHERE | FaultKind.FORBIDDEN if call.is_side:
                pass  # a refusal of one question
            case _:
                self._yield()

    def _yield(self) -> None:
        self.yields_until = self.now + self._timings.probe_every.total_seconds()

    def _leave_until_quota(self) -> None:
        now = clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        times = self._times_out_of_quota + 1
        self.billing_until = now + backoff_delay(times, _FIRST_WITHOUT_QUOTA, midnight - now)
        # At midnight it starts anew.
        is_last = self.billing_until == midnight
        self._times_out_of_quota = 0 if is_last else times

    def _cool_down(self, retry_after_seconds: float | None) -> None:
        self._rate_limits += 1
        seconds = retry_after_seconds
        if seconds is None:
            ceiling = backoff_delay(self._rate_limits, _FIRST_CEILING, _LAST_CEILING)
            seconds = random.uniform(_SHORTEST_SECONDS, ceiling.total_seconds())  # noqa: S311 - no secret
        self.cool_until = max(self.cool_until, self.now + max(_SHORTEST_SECONDS, seconds))
