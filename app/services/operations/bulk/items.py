"""A bulk job's items: claimed panel by panel, and each one's end counted beside it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, exists, func, literal, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.claims import (
    RELEASED,
    claim_due,
    is_lease_free,
    update_claimed,
)
from app.db.models import BulkItem, BulkJob, Incident, Panel, Subscription
from app.domain.bulk import BulkItemState, BulkState
from app.domain.incidents import IncidentKind
from app.domain.panels import DEFAULT_PANEL
from app.domain.subscriptions import ActivationStatus
from app.services.access.panel_work import get_incident_subject

# Longer than a call of the panel and the statements after it.
_LEASE: Final = timedelta(seconds=90)
_OF_A_PANEL: Final = 10
_AT_MOST: Final = 40
# So many under way at a panel, and it gets no more: who buys must not wait behind a whole segment.
_PANEL_BACKLOG: Final = 20


@dataclass(frozen=True, slots=True)
class ClaimedItem:
    id: int
    job_id: int
    subscription_id: int
    user_id: int
    attempt: int
    lease_token: UUID


async def claim_items(session: AsyncSession, job_id: int) -> list[ClaimedItem]:
    """Of a job that runs; of each panel that is up and has little to do, some. Step."""
    token = uuid4()
    busy = await _list_busy_panels(session)
    panels = select(Panel.id).union_all(select(literal(0))).subquery("places")
    first = (
        select(BulkItem.id)
        .where(
            _is_waiting(job_id),
            BulkItem.panel_id == panels.c.id,
            BulkItem.due_at <= clock.now(),
            is_lease_free(BulkItem.leased_until, BulkItem.lease_term),
        )
        .order_by(BulkItem.due_at, BulkItem.id)
        .limit(_OF_A_PANEL)
        .lateral()
    )
    chosen = select(first.c.id).select_from(panels).join(first, true())
    is_running = exists().where(BulkJob.id == job_id, BulkJob.state == BulkState.RUNNING)
    waiting = select(BulkItem.id).where(
        BulkItem.id.in_(chosen.where(panels.c.id.not_in(busy))),
        BulkItem.state == BulkItemState.WAITING,
        is_running,
    )
    claim = claim_due(BulkItem, waiting, token, limit=_AT_MOST, lease=_LEASE)
    claimed = {row.subscription_id: row for row in await session.scalars(claim)}
    owners = await session.execute(
        select(Subscription.id, Subscription.user_id).where(Subscription.id.in_(claimed))
    )
    items = [
        ClaimedItem(claimed[id_].id, job_id, id_, user_id, claimed[id_].attempts, token)
        for id_, user_id in owners
    ]
    return sorted(items, key=lambda item: item.id)


async def _list_busy_panels(session: AsyncSession) -> Collection[int]:
    """Those that are down, and those that have enough to do; 0: the default one."""
    open_incidents = select(Incident.subject).where(
        Incident.kind == IncidentKind.PANEL, Incident.closed_at.is_(None)
    )
    busy: set[int] = set()
    if down := set(await session.scalars(open_incidents)):
        rows = (await session.execute(select(Panel.id, Panel.name))).all()
        busy = {
            id_ for id_, name in [*rows, (0, DEFAULT_PANEL)] if get_incident_subject(name) in down
        }
    panel_id = func.coalesce(Subscription.panel_id, 0)
    loaded = await session.scalars(
        select(panel_id)
        .where(
            Subscription.activation_status == ActivationStatus.PENDING,
            Subscription.awaits_panel.is_(False),
        )
        .group_by(panel_id)
        .having(func.count() >= _PANEL_BACKLOG)
    )
    return busy | set(loaded)


async def end_item(
    session: AsyncSession,
    item: ClaimedItem,
    state: BulkItemState,
    *,
    ends_now: datetime | None = None,
    error: str | None = None,
) -> bool:
    """False when the lease was lost: its new owner decides. Step."""
    ended = await session.scalar(
        update_claimed(BulkItem, item.id, item.lease_token)
        .where(BulkItem.state == BulkItemState.WAITING)
        .values(
            state=state,
            ended_at=clock.now(),
            ends_now=ends_now,
            last_error=error and error[:500],
            **RELEASED,
        )
        .returning(BulkItem.id)
    )
    if ended is None:
        return False
    # Last of all: its row is the one that others wait for.
    count = getattr(BulkJob, state.value)
    await session.execute(
        update(BulkJob)
        .where(BulkJob.id == item.job_id)
        .values({count: count + 1})
        .execution_options(synchronize_session=False)
    )
    return True


async def postpone_item(
    session: AsyncSession, item: ClaimedItem, wait: timedelta, error: str
) -> None:
    """Step."""
    await session.execute(
        update_claimed(BulkItem, item.id, item.lease_token).values(
            due_at=clock.now() + wait, last_error=error[:500], **RELEASED
        )
    )


async def has_waiting_items(session: AsyncSession, job_id: int) -> bool:
    """Claimed ones included. Step."""
    return bool(await session.scalar(select(exists().where(_is_waiting(job_id)))))


def _is_waiting(job_id: int) -> ColumnElement[bool]:
    return and_(BulkItem.job_id == job_id, BulkItem.state == BulkItemState.WAITING)
