"""The numbered terms of leadership: what an older one held is void once it has ended (P13)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TermState:
    """`number` 0: none was taken yet. `oldest_living`: below it no process works any more."""

    number: int = 0
    oldest_living: int = 0

    def has_ended(self, number: int) -> bool:
        """Whether nobody works under that older term any more."""
        return number < self.oldest_living
