"""The shop's panels as one: each call goes to the panel that holds the access.

The default panel is the environment's; further ones are rows, whose changes hold without a restart.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

import structlog
from sqlalchemy import select

from app.core import clock
from app.core.side_by_side import run_side_by_side
from app.db.models import Panel
from app.db.outage import is_outage
from app.db.unit_of_work import Database
from app.domain.panels import DEFAULT_PANEL, PanelDescription, PanelState
from app.domain.ports import Access, AccessRef, RefusedError, UnavailableError, Usage, VpnPanel
from app.services.access.absent_panels import RetiredPanel, UnusablePanel

log = structlog.get_logger()

T = TypeVar("T")

# How old what was read may be: another instance and the command line change rows too.
_MAX_AGE: Final = timedelta(seconds=30)
# Longer than any call: what a changed row has replaced may have some under way.
_CLOSED_AFTER: Final = timedelta(minutes=1)


class ClosablePanel(VpnPanel, Protocol):
    async def aclose(self) -> None: ...


OpenPanel = Callable[[PanelDescription], ClosablePanel]
"""Raises RefusedError: a variable that the row names is not set, or says nothing sensible."""


@dataclass(frozen=True, slots=True)
class NamedPanel:
    name: str
    panel: VpnPanel


@dataclass(slots=True)
class _Entry:
    """`opened` is the same panel, where it was opened for a row's `description`."""

    name: str
    panel: VpnPanel
    description: PanelDescription | None = None
    opened: ClosablePanel | None = None
    is_away: bool = False


class PanelRouter:
    """A VpnPanel and a PanelChoice; one for a process, closed with `aclose`."""

    def __init__(self, db: Database, first: VpnPanel, open_panel: OpenPanel) -> None:
        self._db = db
        self._first = _Entry(DEFAULT_PANEL, first)
        self._open_panel = open_panel
        self._entries: dict[int, _Entry] = {}
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()
        self._replaced: list[tuple[datetime, ClosablePanel]] = []

    async def aclose(self) -> None:
        """What was opened here; the default panel was not."""
        for entry in self._entries.values():
            self._replace(entry)
        for _, panel in self._replaced:
            await panel.aclose()

    @property
    def has_several(self) -> bool:
        return any(entry is not self._first for entry in self._entries.values())

    @property
    def away_ids(self) -> Collection[int | None]:
        """Of a shop with one panel none: there is no other that it could hold up."""
        if not self.has_several:
            return frozenset()
        away: set[int | None] = {id_ for id_, entry in self._entries.items() if entry.is_away}
        return away | {None} if self._first.is_away else away

    async def choose(self, access: AccessRef) -> VpnPanel:
        return (await self._find(access.panel_id)).panel

    async def list_further(self) -> Sequence[NamedPanel]:
        """All but the default one, as far as something may be asked of them."""
        await self._refresh(None)
        entries = [entry for entry in self._entries.values() if entry is not self._first]
        return [
            NamedPanel(entry.name, entry.panel)
            for entry in entries
            if not isinstance(entry.panel, RetiredPanel)
        ]

    async def list_all(self) -> Sequence[NamedPanel]:
        """The default one first."""
        return [NamedPanel(self._first.name, self._first.panel), *await self.list_further()]

    async def provision(self, access: Access) -> str:
        return await self._ask(access, lambda panel: panel.provision(access))

    async def retire(self, replaced: AccessRef) -> None:
        await self._ask(replaced, lambda panel: panel.retire(replaced))

    async def deprovision(self, access: AccessRef) -> None:
        await self._ask(access, lambda panel: panel.deprovision(access))

    async def get_usage(self, access: AccessRef) -> Usage | None:
        return await self._ask(access, lambda panel: panel.get_usage(access))

    async def check(self) -> None:
        """All of them, side by side."""
        further = await self.list_further()
        await run_side_by_side(
            [self._first.panel.check(), *(self._check_named(one) for one in further)]
        )

    async def _check_named(self, one: NamedPanel) -> None:
        try:
            await one.panel.check()
        except UnavailableError as error:
            raise UnavailableError(f"{one.name}: {error}") from None

    async def _ask(self, access: AccessRef, call: Callable[[VpnPanel], Awaitable[T]]) -> T:
        entry = await self._find(access.panel_id)
        is_away = True  # also where its caller has given up
        try:
            answer = await call(entry.panel)
            is_away = False
        except UnavailableError:
            raise
        except Exception:
            is_away = False
            raise
        finally:
            entry.is_away = is_away
        return answer

    async def _find(self, panel_id: int | None) -> _Entry:
        if panel_id is None:
            return self._first
        await self._refresh(panel_id)
        entry = self._entries.get(panel_id)
        if entry is None:
            raise UnavailableError("panel: nothing is known of it now")
        return entry

    async def _refresh(self, wanted: int | None) -> None:
        """At once for a panel that is new; where the database is away, what was read is used."""
        async with self._reading:  # who waited for it takes what was read meanwhile
            now = clock.now()
            is_fresh = self._read_at is not None and now < self._read_at + _MAX_AGE
            if is_fresh and (wanted is None or wanted in self._entries):
                return
            try:
                async with self._db.read_only() as session:
                    rows = (await session.scalars(select(Panel).order_by(Panel.id))).all()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("panels_not_read", error=type(error).__name__)
                return
            self._entries = {row.id: self._renew(row) for row in rows}
            self._read_at = now
            await self._close_replaced(now)

    def _renew(self, row: Panel) -> _Entry:
        """What has not changed keeps its connections, its breaker and what it knows."""
        description, old = row.description, self._entries.get(row.id)
        if description is None:
            return self._first
        is_retired = row.state is PanelState.RETIRED
        if old is not None and old.description == description and not is_retired:
            return old
        self._replace(old)
        if is_retired:
            return _Entry(row.name, RetiredPanel(row.name))
        try:
            opened = self._open_panel(description)
        except RefusedError as error:
            log.warning("panel_not_opened", panel=row.name, error=str(error))
            return _Entry(row.name, UnusablePanel(str(error)))
        return _Entry(row.name, opened, description, opened)

    def _replace(self, old: _Entry | None) -> None:
        if old is not None and old.opened is not None:
            self._replaced.append((clock.now(), old.opened))

    async def _close_replaced(self, now: datetime) -> None:
        until = now - _CLOSED_AFTER
        over = [panel for replaced_at, panel in self._replaced if replaced_at < until]
        self._replaced = [one for one in self._replaced if one[0] >= until]
        for panel in over:
            await panel.aclose()
