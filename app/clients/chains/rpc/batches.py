"""Learns how many calls an endpoint takes in one request: limits differ and few are documented."""

_FULL_BATCHES_BEFORE_ONE_MORE = 256


class BatchSize:
    """Halves until one fits, then closes in: 40, 20, 10, 5, 2, 3, 4, 3 where 3 is the limit."""

    def __init__(self, start: int) -> None:
        self.size = start
        self._start = start
        self._fits = 0
        self._fails = start + 1
        self._full_in_a_row = 0

    def note_fit(self, calls: int) -> None:
        self._fits = max(self._fits, calls)
        self._fails = max(self._fails, self._fits + 1)
        if calls >= self.size:
            self._try_more()
            self._close_in()

    def note_too_large(self, calls: int) -> None:
        self._full_in_a_row = 0
        self._fails = min(self._fails, max(calls, 2))
        if calls <= self._fits:
            self._fits = 0  # what fitted does no more: halve again
        self._close_in()

    def _try_more(self) -> None:
        # The limit may have been raised, or have been about a few very large answers.
        self._full_in_a_row += 1
        if self._full_in_a_row >= _FULL_BATCHES_BEFORE_ONE_MORE:
            self._full_in_a_row = 0
            self._fails = min(self._fails + 1, self._start + 1)

    def _close_in(self) -> None:
        self.size = max(1, (self._fits + self._fails) // 2)
