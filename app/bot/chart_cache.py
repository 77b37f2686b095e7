"""The charts that were drawn within the last minute, for all operators of one language."""

from datetime import datetime, timedelta
from typing import Final

from app.core import clock
from app.domain.chart_ports import ChartRenderer
from app.domain.messages import Screen

_FRESH: Final = timedelta(minutes=1)

_Key = tuple[str, str, str]  # page, language, time zone


class ChartCache:
    """Beside what draws them. Holds no more than there are pages and languages."""

    def __init__(self, renderer: ChartRenderer) -> None:
        self.renderer = renderer
        self._screens: dict[_Key, tuple[datetime, Screen]] = {}

    def get_fresh(self, key: _Key) -> Screen | None:
        drawn_at, screen = self._screens.get(key, (None, None))
        return screen if drawn_at and clock.now() - drawn_at < _FRESH else None

    def keep(self, key: _Key, screen: Screen) -> None:
        now = clock.now()
        self._screens = {
            other: kept for other, kept in self._screens.items() if now - kept[0] < _FRESH
        }
        self._screens[key] = (now, screen)
