"""Notices an outage within a minute, though nobody buys: operators get one message of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Incident
from app.db.unit_of_work import Database
from app.domain.incidents import CheckStreak, IncidentFinding, IncidentKind, continue_streak
from app.domain.operator_roles import is_notified_of
from app.domain.reminders import is_waking_hour
from app.services.notifications.incident_messages import INCIDENT_TEMPLATE
from app.services.operations.incident_checks import (
    IncidentCheck,
    check_outbox,
    check_workers,
    run_incident_checks,
)
from app.services.operations.incident_steps import (
    IncidentReaders,
    open_incident,
    update_incident,
)
from app.services.shop_settings import ShopSettingsCache
from app.services.staff import list_operator_roles

_Key = tuple[IncidentKind, str]


async def _list_none() -> Sequence[IncidentCheck]:
    return ()


@dataclass(frozen=True, slots=True)
class IncidentSources:
    """`get_worker_failures`: by worker, how many of its rounds have failed in a row.

    `list_further_checks`: of what operators add and take away while the service runs.
    """

    checks: Sequence[IncidentCheck]
    get_worker_failures: Callable[[], Mapping[str, int]]
    list_further_checks: Callable[[], Awaitable[Sequence[IncidentCheck]]] = _list_none


class IncidentMonitor:
    """Remembers what each check said last; what is open stands in the database.

    `findings` are those of the last round.
    """

    def __init__(
        self,
        db: Database,
        shop: ShopSettingsCache,
        owners: Sequence[int],
        sources: IncidentSources,
    ) -> None:
        self._db = db
        self._shop = shop
        self._owners = owners
        self._sources = sources
        self.findings: Sequence[IncidentFinding] = ()
        self._streaks: dict[_Key, CheckStreak] = {}

    async def run_round(self) -> dict[str, int]:
        further = await self._sources.list_further_checks()
        findings = await run_incident_checks([*self._sources.checks, *further])
        findings.append(check_workers(self._sources.get_worker_failures(), findings))
        shop = await self._shop.settings()
        async with self._db.read_only() as session:
            findings.append(await check_outbox(session))
            open_ids = await _list_open(session)
        self.findings = tuple(findings)
        checked = {(one.kind, one.subject) for one in findings}
        # What was switched off meanwhile fails no more.
        findings += [IncidentFinding(*key, None) for key in open_ids if key not in checked]
        if not open_ids and all(one.error is None for one in findings):
            operators: Sequence[int] = ()  # no message is sent or edited
        else:
            operators = await self._list_operators()
        readers = IncidentReaders(operators, not is_waking_hour(clock.now(), shop))
        for finding in findings:
            await self._handle(finding, open_ids.get((finding.kind, finding.subject)), readers)
        failing = sum(finding.error is not None for finding in findings)
        return {"failing": failing, "open": len(open_ids)}

    async def _list_operators(self) -> Sequence[int]:
        async with self._db.read_only() as session:
            roles = await list_operator_roles(session, self._owners)
        return [id_ for id_, role in roles.items() if is_notified_of(role, INCIDENT_TEMPLATE)]

    async def _handle(
        self, finding: IncidentFinding, incident_id: int | None, readers: IncidentReaders
    ) -> None:
        now, key = clock.now(), (finding.kind, finding.subject)
        streak = continue_streak(self._streaks.get(key), finding.error, now)
        self._streaks[key] = streak
        if incident_id is not None:
            async with self._db.unit_of_work() as session:
                await update_incident(session, incident_id, streak, now, readers)
        elif streak.is_outage:
            async with self._db.unit_of_work() as session:
                await open_incident(session, finding, streak, now, readers)


async def _list_open(session: AsyncSession) -> dict[_Key, int]:
    rows = await session.execute(
        select(Incident.kind, Incident.subject, Incident.id).where(Incident.closed_at.is_(None))
    )
    return {(kind, subject): id_ for kind, subject, id_ in rows}
