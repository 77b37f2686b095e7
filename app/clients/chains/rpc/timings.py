"""Every duration of the pool in one place, so that tests need not wait; and how it tries again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import tenacity

from app.clients.chains.rpc.faults import EndpointError, FaultKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTimings:
    probe_every: timedelta = timedelta(seconds=30)
    probe_within: timedelta = timedelta(seconds=4)
    answer_within: timedelta = timedelta(seconds=10)
    patience: timedelta = timedelta(seconds=20)  # with one call, to any endpoint
    pause: timedelta = timedelta(seconds=1)  # before the second try; doubled for each further one
    longest_pause: timedelta = timedelta(seconds=8)
    break_for: timedelta = timedelta(seconds=60)
    monotonic: Callable[[], float] = time.monotonic


def make_retrying(
    timings: PoolTimings, *, tries: int, patience: timedelta, when: Callable[[FaultKind], bool]
) -> tenacity.AsyncRetrying:
    """Tries again after 1, 2, 4, 8 s with jitter, by default.

    No try begins after `patience`: who waited for time-outs has waited enough.
    """

    def is_worth_another_try(error: BaseException) -> bool:
        return isinstance(error, EndpointError) and when(error.kind)

    pause_seconds = timings.pause.total_seconds()
    return tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(is_worth_another_try),
        stop=tenacity.stop_after_attempt(tries) | tenacity.stop_after_delay(patience),
        wait=tenacity.wait_exponential(
            multiplier=pause_seconds, max=timings.longest_pause.total_seconds()
        )
        + tenacity.wait_random(0, pause_seconds),
        reraise=True,
    )
