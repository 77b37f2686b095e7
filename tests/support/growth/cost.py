"""What something costs PostgreSQL, by its own statistics: they count triggers and all else, too."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

# Of each table: what was read from its first row on, entries of its indexes, pages of both.
_COUNTS: Final = """
SELECT s.relid, s.relname, s.seq_tup_read,
    (SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes i WHERE i.relid = s.relid),
    heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0)
    + coalesce(toast_blks_read + toast_blks_hit, 0) + coalesce(tidx_blks_read + tidx_blks_hit, 0)
FROM pg_stat_user_tables s JOIN pg_statio_user_tables USING (relid)
"""
# Otherwise a session reports at most once a second.
_REPORT: Final = "SELECT pg_stat_force_next_flush()"


@dataclass
class Cost:
    """`scanned`: by table, the rows that were read without an index; `seconds` of all it took."""

    statements: list[str] = field(default_factory=list)
    rows: int = 0
    pages: int = 0
    scanned: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


class CostMeter:
    """Of everything that goes through the engine while it measures, one thing at a time."""

    def __init__(self, engine: AsyncEngine, beside: asyncpg.Connection) -> None:
        self._beside = beside
        self._statements: list[str] = []
        event.listen(engine.sync_engine, "before_cursor_execute", self._note)
        event.listen(engine.sync_engine, "checkin", _report_counts)

    @asynccontextmanager
    async def measure(self) -> AsyncIterator[Cost]:
        """Complete when the block has ended."""
        cost = Cost()
        before = await self._read()
        self._statements = cost.statements
        started = time.perf_counter()
        yield cost
        cost.seconds = time.perf_counter() - started
        self._statements = []
        after = await self._read()
        for key, (table, *counts) in after.items():
            sequential, indexed, pages = (
                now - then for now, then in zip(counts, before[key][1:], strict=True)
            )
            cost.rows += sequential + indexed
            cost.pages += pages
            if sequential:
                cost.scanned[table] = sequential

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self._statements.append(statement)

    async def _read(self) -> Mapping[int, tuple[Any, ...]]:
        # What this session has done itself, such as filling the tables, belongs to no measurement.
        await self._beside.execute(_REPORT)
        return {row[0]: tuple(row)[1:] for row in await self._beside.fetch(_COUNTS)}


def _report_counts(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - SQLAlchemy's
    if connection is not None:
        connection.run_async(lambda driver: driver.execute(_REPORT))
