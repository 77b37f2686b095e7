"""What each chart showed last: to read it anew means to read all that falls into its weeks."""

from datetime import datetime, timedelta
from typing import Final

from app.core import clock
from app.db.unit_of_work import Database
from app.domain.charts import ChartKind, ChartPeriod
from app.services.operations.charts import ChartFigures, load_chart

_FRESH: Final = timedelta(minutes=5)


class ChartFigureCache:
    """As many as there are charts and periods."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._read: dict[tuple[ChartKind, ChartPeriod], tuple[datetime, ChartFigures]] = {}

    async def get(self, kind: ChartKind, period: ChartPeriod, zone: str) -> ChartFigures:
        read = self._read.get((kind, period))
        now = clock.now()
        if read and now - read[0] < _FRESH:
            return read[1]
        figures = await load_chart(self._db, kind, period, zone)
        self._read[kind, period] = (now, figures)
        return figures
