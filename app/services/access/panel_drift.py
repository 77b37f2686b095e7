"""When each panel is compared with the shop: one after the other, slowly, every so many hours.

A comparison that ends with its process goes on in the next one, from its last step; one that the
panel does not answer begins anew.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.round_counts import Counts, count_down, count_down_to
from app.db.models import PanelComparisonState
from app.db.unit_of_work import Database
from app.domain.panel_accounts import AccountList
from app.domain.ports import PortError
from app.services.access.comparison_steps import delete_steps, delete_steps_of_others
from app.services.access.panel_comparison import PanelComparison
from app.services.access.panel_refs import PanelRef, find_panel_row
from app.services.access.panel_router import NamedPanel

log = structlog.get_logger()

ListPanels = Callable[[], Awaitable[Sequence[NamedPanel]]]

_STEPS: Final = 5  # pages of the panel's list, in a round
_ROUND_SECONDS: Final = 10
_PAUSE: Final = timedelta(seconds=5)
_RETRY_AFTER: Final = timedelta(hours=1)
_INCOMPLETE: Final = "the list was not complete: nothing is said of what it lacks"


class PanelDrift:
    def __init__(self, db: Database, list_panels: ListPanels, interval: timedelta) -> None:
        self._db = db
        self._list_panels = list_panels
        self._interval = interval
        self._running: tuple[str, PanelComparison] | None = None

    async def run_round(self) -> Counts:
        """A part of the comparison that runs, or the next one that is due."""
        running = self._running or await self._begin_due()
        if running is None:
            return count_down_to(await self._get_next_due())
        name, comparison = running
        self._running = None  # also where this round is cut off: then it goes on from its rows
        try:
            if not await self._run_steps(comparison):
                self._running = running
                return {"accounts": comparison.count, **count_down(_PAUSE)}
        except PortError as error:
            log.warning("panel_comparison_failed", panel=name, error=str(error))
            retry_at = clock.now() + min(_RETRY_AFTER, self._interval)
            await self._record(name, due_at=retry_at, last_error=str(error)[:300])
            return {"failed": 1, **count_down(_PAUSE)}
        await self._finish(name, comparison)
        return {"compared": comparison.count, "found": comparison.found.total()}

    async def _begin_due(self) -> tuple[str, PanelComparison] | None:
        """A panel that is new here is due after one interval."""
        named = {one.name: one.panel for one in await self._list_panels()}
        async with self._db.read_only() as session:
            query = select(PanelComparisonState.panel, PanelComparisonState.due_at)
            due = {row.panel: row.due_at for row in await session.execute(query)}
        for name in named.keys() - due.keys():
            await self._record(name, due_at=clock.now() + self._interval)
        for name, panel in named.items():
            if isinstance(panel, AccountList) and name in due and due[name] <= clock.now():
                async with self._db.unit_of_work() as session:
                    await delete_steps_of_others(session, named.keys())
                    row = await find_panel_row(session, name)
                ref = PanelRef(name, row.id if row else None)
                return name, PanelComparison(self._db, ref, panel)
        return None

    async def _get_next_due(self) -> datetime | None:
        """Of those that are past, too: a panel that can't be compared now is looked at again."""
        async with self._db.read_only() as session:
            query = (
                select(PanelComparisonState.due_at)
                .where(PanelComparisonState.due_at > clock.now())
                .order_by(PanelComparisonState.due_at)
                .limit(1)
            )
            due_at: datetime | None = await session.scalar(query)
        return due_at

    async def _run_steps(self, comparison: PanelComparison) -> bool:
        deadline = time.monotonic() + _ROUND_SECONDS
        for _ in range(_STEPS):
            if await comparison.run_step():
                return True
            if time.monotonic() >= deadline:
                break
        return False

    async def _finish(self, name: str, comparison: PanelComparison) -> None:
        now = clock.now()
        await self._record(
            name,
            due_at=now + self._interval,
            compared_at=now,
            accounts=comparison.count,
            last_error=None if comparison.is_complete else _INCOMPLETE,
        )
        log.info(
            "panel_compared",
            panel=name,
            accounts=comparison.count,
            found=dict(comparison.found),
            complete=comparison.is_complete,
        )

    async def _record(self, name: str, *, due_at: datetime, **values: object) -> None:
        """Of one that is not under way, or no more."""
        statement = insert(PanelComparisonState).values(panel=name, due_at=due_at, **values)
        async with self._db.unit_of_work() as session:
            await delete_steps(session, name)
            await session.execute(
                statement.on_conflict_do_update(
                    index_elements=[PanelComparisonState.panel], set_={"due_at": due_at, **values}
                )
            )
