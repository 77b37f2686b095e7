"""How the pool tries again: 1, 2, 4, 8 s with jitter."""

from collections.abc import Callable
from datetime import timedelta

import tenacity

from app.clients.chains.rpc.faults import EndpointError, FaultKind
from app.clients.chains.rpc.timings import PoolTimings


def make_retrying(
    timings: PoolTimings, *, tries: int, patience: timedelta, when: Callable[[FaultKind], bool]
) -> tenacity.AsyncRetrying:
    """No try begins after `patience`: who waited for time-outs has waited enough."""

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
