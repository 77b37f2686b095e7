"""Remembers which endpoint knows no `safe` or `finalized`, so that it is not asked every pass."""

import time
from typing import Final

_SECONDS: Final = 60  # a node that was just started learns them


class UnknownTags:
    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def add(self, endpoint: str, tag: str) -> None:
        self._until[endpoint, tag] = time.monotonic() + _SECONDS

    def has(self, endpoint: str, tag: str) -> bool:
        return time.monotonic() < self._until.get((endpoint, tag), 0)
