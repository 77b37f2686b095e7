"""A monotonic clock that a test moves."""

from dataclasses import dataclass


@dataclass
class StoppedClock:
    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds
