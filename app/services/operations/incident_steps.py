"""From the first failure of an outage to its end, and what its message says at each moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Select, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Incident, OutboxMessage, OutboxStatus, Purchase, Subscription
from app.domain.incidents import (
    QUIET_KINDS,
    SUCCESSES_TO_CLOSE,
    CheckStreak,
    IncidentFinding,
    IncidentKind,
    PastIncident,
    choose_incident_to_reopen,
    is_edit_due,
    is_settled,
)
from app.domain.messages import Lane
from app.domain.payments import PurchaseStatus
from app.domain.subscriptions import STATUSES_TO_PROVISION
from app.services.access.activation import hurry_provisioning
from app.services.access.panel_work import is_on_panel
from app.services.notifications.incident_messages import (
    edit_incident_messages,
    send_incident_message,
)
from app.services.operations.bulk.selection import count_hit

log = structlog.get_logger()

_COUNTED_UP_TO: Final = 1000
_PAST: Final = 5  # of one subject: more than an hour can have
_MAX_ERROR_LENGTH: Final = 300
_ONE: Final = literal(1)
_WAITING: Final[dict[IncidentKind, Select[Any]]] = {
    IncidentKind.CRYPTOBOT: select(_ONE).where(
        Purchase.status == PurchaseStatus.PENDING,
        Purchase.provider == IncidentKind.CRYPTOBOT.value,
    ),
    IncidentKind.OUTBOX: select(_ONE).where(
        OutboxMessage.status == OutboxStatus.WAITING, OutboxMessage.lane == Lane.NOTIFICATION
    ),
}


@dataclass(frozen=True, slots=True)
class IncidentReaders:
    """Whom messages go to, and whether it is night for them."""

    operators: Sequence[int]
    is_night: bool

    def is_quiet_about(self, kind: IncidentKind) -> bool:
        return self.is_night and kind in QUIET_KINDS


async def open_incident(
    session: AsyncSession,
    finding: IncidentFinding,
    streak: CheckStreak,
    now: datetime,
    readers: IncidentReaders,
) -> None:
    """Or open one again that was closed. Nothing where another instance has opened it."""
    error = (streak.error or "")[:_MAX_ERROR_LENGTH]
    id_ = choose_incident_to_reopen(await _list_past(session, finding), now)
    if id_ is None:
        incident = await session.scalar(
            insert(Incident)
            .values(kind=finding.kind, subject=finding.subject, opened_at=streak.since, error=error)
            .on_conflict_do_nothing()
            .returning(Incident)
        )
    else:
        incident = await session.get(Incident, id_, with_for_update=True)
    if incident is None:
        return
    if incident.closed_at is not None:
        incident.closed_at = None
        incident.outages += 1
        incident.error = error
    log.warning("incident_opened", kind=finding.kind, subject=finding.subject, error=error)
    await _count_waiting(session, incident)
    await _show(session, incident, now, readers)


async def update_incident(
    session: AsyncSession,
    incident_id: int,
    streak: CheckStreak,
    now: datetime,
    readers: IncidentReaders,
) -> None:
    """Close it where its check has recovered."""
    incident = await session.get(Incident, incident_id, with_for_update=True)
    if incident is None or incident.closed_at is not None:
        return
    await _count_waiting(session, incident)
    if streak.is_recovery:
        if _is_to_hurry(incident, streak):
            await hurry_provisioning(session, incident.subject)
        elif is_settled(incident.kind, incident.waiting, streak.since, now):
            await _close(session, incident, streak.since, now, readers)
            return
    await _show(session, incident, now, readers)


def _is_to_hurry(incident: Incident, streak: CheckStreak) -> bool:
    """Once: what waits for the panel has its next attempt now, and not after its back-off."""
    is_new = streak.count == SUCCESSES_TO_CLOSE
    return incident.kind is IncidentKind.PANEL and incident.waiting > 0 and is_new


async def _close(
    session: AsyncSession,
    incident: Incident,
    well_since: datetime,
    now: datetime,
    readers: IncidentReaders,
) -> None:
    """Not before its message says so, or it would say for ever that the outage lasts."""
    closed_at = max(well_since, incident.opened_at)
    hit = await count_hit(session, incident, closed_at) if incident.shown is not None else 0
    values = _build_values(incident, closed_at) | {"hit": hit}
    if incident.shown is not None and not await _edit(session, incident, values, now, readers):
        return
    incident.closed_at = closed_at
    log.info("incident_closed", kind=incident.kind, subject=incident.subject)


async def _show(
    session: AsyncSession, incident: Incident, now: datetime, readers: IncidentReaders
) -> None:
    """Where the message would say something else, and once a minute at the most."""
    if incident.shown is None or incident.shown_at is None:
        if readers.is_quiet_about(incident.kind):
            return  # what still lasts in the morning is sent then
        incident.shown, incident.shown_at = _build_values(incident, None), now
        await send_incident_message(session, incident.id, incident.shown)
    elif is_edit_due(incident.shown_at, now):
        values = _build_values(incident, None)
        if values != incident.shown:
            await _edit(session, incident, values, now, readers)


async def _edit(
    session: AsyncSession,
    incident: Incident,
    values: dict[str, str | int | None],
    now: datetime,
    readers: IncidentReaders,
) -> bool:
    """False: not now; the next round tries again."""
    edit = incident.edits + 1
    if not await edit_incident_messages(session, incident.id, edit, readers.operators, values):
        return False
    incident.shown, incident.shown_at, incident.edits = values, now, edit
    return True


def _build_values(incident: Incident, closed_at: datetime | None) -> dict[str, str | int | None]:
    length = closed_at - incident.opened_at if closed_at else None
    return {
        "incident": incident.id,
        "kind": incident.kind.value,
        "subject": incident.subject,
        "since": incident.opened_at.isoformat(),
        "lasted_seconds": None if length is None else int(length.total_seconds()),
        "outages": incident.outages,
        "waiting": incident.waiting,
        "affected": incident.affected,
        "error": incident.error,
    }


async def _list_past(session: AsyncSession, finding: IncidentFinding) -> list[PastIncident]:
    rows = await session.execute(
        select(Incident.id, Incident.opened_at, Incident.closed_at)
        .where(
            Incident.kind == finding.kind,
            Incident.subject == finding.subject,
            Incident.closed_at.is_not(None),
        )
        .order_by(Incident.opened_at.desc())
        .limit(_PAST)
    )
    return [
        PastIncident(id_, opened_at, closed_at) for id_, opened_at, closed_at in rows if closed_at
    ]


async def _count_waiting(session: AsyncSession, incident: Incident) -> None:
    rows = _WAITING.get(incident.kind)
    if incident.kind is IncidentKind.PANEL:
        rows = select(_ONE).where(
            Subscription.activation_status.in_(STATUSES_TO_PROVISION),
            is_on_panel(incident.subject),
        )
    if rows is None:
        return
    counted = select(func.count()).select_from(rows.limit(_COUNTED_UP_TO).subquery())
    incident.waiting = await session.scalar(counted) or 0
    incident.affected = max(incident.affected, incident.waiting)
