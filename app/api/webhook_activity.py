"""When Telegram last spoke to us: the silence rule asks Telegram when this is long ago (P7)."""

import time
from datetime import datetime, timedelta

from app.core import clock


class WebhookActivity:
    def __init__(self) -> None:
        self.last_update_at: datetime | None = None
        self._last = time.monotonic()

    def record_update(self) -> None:
        self.last_update_at = clock.now()
        self._last = time.monotonic()

    @property
    def silence(self) -> timedelta:
        """Since the last stamp, or since the start."""
        return timedelta(seconds=time.monotonic() - self._last)
