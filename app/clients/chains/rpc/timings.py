"""Every duration of the pool in one place, so that tests need not wait."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


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
