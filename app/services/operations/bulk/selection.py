"""Which subscriptions a bulk action is for, as one query: counted, shown, and written as items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    String,
    and_,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeRefusedError
from app.db.models import BulkItem, Incident, Plan, Subscription, User
from app.db.parts import insert_in_parts
from app.domain.anonymous_users import FIRST_ANONYMOUS_ID
from app.domain.broadcasts import Segment, SegmentKind
from app.domain.bulk import BulkAction, BulkItemState, BulkKind
from app.domain.incidents import IncidentKind
from app.domain.panels import DEFAULT_PANEL
from app.domain.subscriptions import RUNNING_STATUSES, ActivationStatus, get_period_start
from app.services.access.panel_refs import PanelRef, find_panel_row, list_panel_names
from app.services.access.panel_work import is_on_panel
from app.services.operations.broadcasts.segments import select_segment

_EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class BulkExample:
    """`after`: its end once the action is carried out; as it is, where that changes none."""

    user: User
    subscription_id: int
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """`incident` is the outage that the action makes up for."""

    action: BulkAction
    count: int
    examples: Sequence[BulkExample]
    incident: Incident | None = None


async def preview_action(session: AsyncSession, action: BulkAction) -> BulkPreview:
    """Step. Raises ChangeRefusedError."""
    chosen = await _select_subscriptions(session, action)
    count = await session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    rows = await session.execute(
        select(Subscription, User)
        .join(User, User.id == Subscription.user_id)
        .where(Subscription.id.in_(chosen))
        .order_by(Subscription.expires_at, Subscription.id)
        .limit(_EXAMPLES)
    )
    examples = [
        BulkExample(user, row.id, row.expires_at, _get_end_after(row, action))
        for row, user in rows.all()
    ]
    incident = await session.get(Incident, action.incident_id) if action.incident_id else None
    return BulkPreview(action, count, examples, incident)


async def count_hit(session: AsyncSession, incident: Incident, until: datetime) -> int:
    """Subscriptions that an outage kept from working until then; none but a panel's has. Step."""
    if incident.kind is not IncidentKind.PANEL:
        return 0
    hit = select(func.count()).select_from(Subscription).join(User, _is_customer())
    return await session.scalar(hit.where(_was_hit(incident, until))) or 0


async def check_selection(session: AsyncSession, action: BulkAction) -> None:
    """Step. Raises ChangeRefusedError."""
    await _select_subscriptions(session, action)


async def add_items(session: AsyncSession, job_id: int, action: BulkAction) -> int:
    """One for each subscription; how many the job has. Step. Raises ChangeRefusedError."""
    chosen = await _select_subscriptions(session, action)
    rows = select(
        literal(job_id, BigInteger).label("job_id"),
        Subscription.id.label("subscription_id"),
        func.coalesce(Subscription.panel_id, 0).label("panel_id"),
        literal(BulkItemState.WAITING.value, String).label("state"),
        Subscription.expires_at.label("ended_before"),
        literal(clock.now(), DateTime(timezone=True)).label("due_at"),
        literal(0, BigInteger).label("attempts"),
    ).where(Subscription.id.in_(chosen))
    await insert_in_parts(session, BulkItem, rows, key="subscription_id")
    return await session.scalar(select(func.count()).where(BulkItem.job_id == job_id)) or 0


async def _select_subscriptions(session: AsyncSession, action: BulkAction) -> Select[int]:
    """Their ids. Raises ChangeRefusedError."""
    if action.panel is not None:
        return select(Subscription.id).where(await _is_of_panel(session, action))
    customers = select(Subscription.id).join(User, _is_customer())
    if action.incident_id is not None:
        incident = await session.get(Incident, action.incident_id)
        if incident is None or incident.closed_at is None:
            raise ChangeRefusedError(
                f"there is no outage {action.incident_id} that has ended", "refused-no-outage"
            )
        return customers.where(_was_hit(incident, incident.closed_at))
    if action.segment is None:
        raise ValueError("it says neither whose nor where")
    return customers.where(_is_running(), _is_of_segment(action.segment))


def _is_customer() -> ColumnElement[bool]:
    return and_(
        User.id == Subscription.user_id, User.blocked_at.is_(None), User.id < FIRST_ANONYMOUS_ID
    )


def _was_hit(incident: Incident, until: datetime) -> ColumnElement[bool]:
    """Also what ended while the panel was down: its last hours are what was lost."""
    if incident.kind is not IncidentKind.PANEL:
        raise ChangeRefusedError(
            "only a panel's outage keeps subscriptions from working", "refused-no-outage"
        )
    return and_(
        is_on_panel(incident.subject),
        Subscription.created_at < until,
        Subscription.ends_at > incident.opened_at,
    )


def _is_running() -> ColumnElement[bool]:
    return and_(
        Subscription.activation_status.in_(RUNNING_STATUSES), Subscription.ends_at > clock.now()
    )


def _is_of_segment(segment: Segment) -> ColumnElement[bool]:
    """Of a user who has several, those that the segment is about."""
    about: ColumnElement[bool] = true()
    if segment.kind in {SegmentKind.ACTIVE, SegmentKind.PLAN}:
        about = Subscription.is_trial.is_(False)
    if segment.kind is SegmentKind.PLAN:
        plan_id = select(Plan.id).where(Plan.code == segment.value).scalar_subquery()
        about = and_(about, Subscription.plan_id == plan_id)
    if segment.kind is SegmentKind.TRIAL:
        about = Subscription.is_trial.is_(True)
    return and_(Subscription.user_id.in_(select_segment(segment)), about)


async def _is_of_panel(session: AsyncSession, action: BulkAction) -> ColumnElement[bool]:
    """Raises ChangeRefusedError."""
    name = action.panel or DEFAULT_PANEL
    row = await find_panel_row(session, name)
    if row is None and name != DEFAULT_PANEL:
        names = ", ".join(await list_panel_names(session))
        raise ChangeRefusedError(
            f"there is no panel {name}: there are {names}",
            "refused-no-panel",
            name=name,
            known=names,
        )
    is_there = PanelRef(name, row.id if row else None).holds()
    if action.kind is BulkKind.MOVE:
        return and_(is_there, Subscription.activation_status.in_(RUNNING_STATUSES))
    is_active = Subscription.activation_status == ActivationStatus.ACTIVE
    return and_(is_there, is_active, Subscription.ends_at > clock.now())


def _get_end_after(row: Subscription, action: BulkAction) -> datetime:
    if action.kind is not BulkKind.EXTEND:
        return row.expires_at
    now = clock.now()
    start = get_period_start(row.activation_status, row.expires_at, row.ends_at, now)
    return start + timedelta(days=action.days)
