"""Claims on subscriptions that are due at the panel: one at a time each, under a lease."""

import asyncio
from collections.abc import Awaitable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.claims import RELEASED, claim_due, update_claimed
from app.db.models import Incident, Panel, Subscription
from app.db.unit_of_work import wake_after_commit
from app.domain.incidents import IncidentKind
from app.domain.panel_ports import PanelChoice
from app.domain.panels import DEFAULT_PANEL
from app.domain.ports import (
    Access,
    AccessRef,
    PortError,
    RefusedError,
    UnavailableError,
    VpnPanel,
)
from app.domain.subscriptions import (
    ATTENTION_RETRY_DELAY,
    MAX_ATTEMPTS_REFUSED,
    MAX_ATTEMPTS_UNAVAILABLE,
    ActivationStatus,
    build_panel_name,
    get_limit_left,
    get_retry_delay,
    is_panel_name_ours,
)
from app.services import port_guard

T = TypeVar("T")

_CALL_SECONDS = 25  # a call of the port may be several of the panel's
_SHARED_SECONDS = 3
# Longer than two of them, so that two workers never call for one subscription.
_LEASE = timedelta(seconds=60)
PANEL_BATCH: Final = 20
_REMOVED: Final[dict[str, None]] = dict.fromkeys(("panel_name", "next_panel_id", "next_access_id"))


@dataclass(frozen=True, slots=True)
class PanelClaim:
    subscription_id: int
    user_id: int
    revision: int
    attempt: int  # counted from 1
    lease_token: UUID
    access: Access
    link: str | None  # as the user has it now
    page_token: str | None
    key_message_ids: tuple[int, ...]  # of those that show it
    is_trial: bool
    expires_at: datetime  # what was paid for; the access may be on for a grace longer
    target: AccessRef | None = None  # where it is moved to, until its key is there
    moved_from: AccessRef | None = None  # where it was, until that is removed
    used_before_bytes: int = 0
    traffic_limit_bytes: int = 0  # as the row has it
    awaits_panel: bool = False
    placement_error: PortError | None = None  # why it awaits one still
    trace_parent: str | None = None

    @property
    def is_waited_for(self) -> bool:
        """Else the old key works on, or the new one has come already."""
        is_moving = self.target is not None or self.moved_from is not None
        return self.access.replaces is None and (self.link is None or not is_moving)


class PanelLane(StrEnum):
    """Who waits for a panel that does not answer holds up none of those whose panel does."""

    ANSWERING = "answering"
    AWAY = "away"


def select_lane(panel: VpnPanel, lane: PanelLane) -> ColumnElement[bool]:
    """Of a shop with one panel all is in the first lane."""
    ids = panel.away_ids if isinstance(panel, PanelChoice) else ()
    if not ids:
        return false() if lane is PanelLane.AWAY else true()
    return is_on_any_panel(ids) if lane is PanelLane.AWAY else not_(is_on_any_panel(ids))


def is_on_any_panel(ids: Collection[int | None]) -> ColumnElement[bool]:
    """Of subscriptions; None is the default panel, as those have it from before it had a row."""
    is_on = Subscription.panel_id.in_({id_ for id_ in ids if id_ is not None})
    is_default = and_(Subscription.panel_id.is_(None), Subscription.awaits_panel.is_(False))
    return func.coalesce(or_(is_on, is_default) if None in ids else is_on, false())


def wake_activation(session: AsyncSession) -> None:
    """Both lanes: whether the panel answers, the process knows that calls it."""
    wake_after_commit(session, WorkerName.ACTIVATION)
    wake_after_commit(session, WorkerName.ACTIVATION_AWAY)


async def claim_due_subscriptions(
    session: AsyncSession,
    statuses: Collection[ActivationStatus],
    is_in_lane: ColumnElement[bool],
) -> list[PanelClaim]:
    token = uuid4()
    waiting = (
        select(Subscription.id)
        .where(Subscription.activation_status.in_(statuses), is_in_lane)
        .order_by(Subscription.due_at)
    )
    # A shop without rows of panels has one, and nothing to choose.
    awaits_panel = and_(Subscription.awaits_panel, exists(select(Panel.id)))
    rows = await session.scalars(
        claim_due(Subscription, waiting, token, limit=PANEL_BATCH, lease=_LEASE).values(
            awaits_panel=awaits_panel
        )
    )
    return [_to_claim(row, token) for row in rows]


async def complete_claim(
    session: AsyncSession, claim: PanelClaim, done: ActivationStatus, link: str | None = None
) -> bool:
    """Give the claim back; False when the lease was lost to another claim.

    `done` holds only if nothing changed meanwhile: a newer revision keeps its own state.
    """
    current = Subscription.revision == claim.revision
    replaced = claim.moved_from.access_id if claim.moved_from else claim.access.replaces
    is_gone = Subscription.retired_access_id == replaced
    revision = await _end(
        session,
        claim,
        **{
            name: case((is_gone, null()), else_=getattr(Subscription, name))
            for name in ("retired_access_id", "retired_panel_id", "retired_panel_name")
        },
        activation_status=case((current, done), else_=Subscription.activation_status),
        attempts=0,
        last_error=None,
        link=_link_after(claim, done) if link is None else link,
        **(_REMOVED if done is ActivationStatus.REMOVED else {}),
    )
    if revision is not None and revision != claim.revision:
        # What changed meanwhile had to wait for the lease.
        wake_activation(session)
    return revision is not None


def _link_after(claim: PanelClaim, done: ActivationStatus) -> ColumnElement[str | None]:
    """A key that the panel has removed is none."""
    if done is not ActivationStatus.REMOVED:
        return Subscription.link.expression
    return case((Subscription.revision == claim.revision, null()), else_=Subscription.link)


async def save_link(session: AsyncSession, claim: PanelClaim, link: str) -> bool:
    """The new key as soon as it works; False when the lease was lost to another claim."""
    noted = await session.scalar(
        update_claimed(Subscription, claim.subscription_id, claim.lease_token)
        .values(link=link)
        .returning(Subscription.id)
    )
    return noted is not None


def build_access_ref(subscription: Subscription) -> AccessRef:
    return AccessRef(
        subscription.access_id, _get_name(subscription), panel_id=subscription.panel_id
    )


async def find_panel(panel: VpnPanel | None, access: AccessRef) -> VpnPanel | None:
    """The one that holds it, of several: what a panel can do beside differs. Raises PortError."""
    return await panel.choose(access) if isinstance(panel, PanelChoice) else panel


def _get_name(row: Subscription) -> str:
    return row.panel_name or build_panel_name(row.user_id, row.id)


async def is_access_replaced(session: AsyncSession, claim: PanelClaim) -> bool:
    """Whether the subscription has another access by now."""
    access_id = await session.scalar(
        select(Subscription.access_id).where(Subscription.id == claim.subscription_id)
    )
    return access_id != claim.access.access_id


async def is_access_elsewhere(session: AsyncSession, claim: PanelClaim) -> bool:
    """Whether it is on another panel by now, so that what this one holds is of no use."""
    default = select(Panel.id).where(Panel.name == DEFAULT_PANEL).scalar_subquery()
    then = func.coalesce(cast(claim.access.panel_id, BigInteger), default)
    is_elsewhere: bool | None = await session.scalar(
        select(func.coalesce(Subscription.panel_id, default).is_distinct_from(then)).where(
            Subscription.id == claim.subscription_id
        )
    )
    return bool(is_elsewhere)


async def deprovision_claimed(panel: VpnPanel, claim: PanelClaim) -> None:
    """All accesses, where a new link or a move was not brought to its end. Raises PortError."""
    await retire_replaced(panel, claim)
    if claim.target is not None:
        await call_panel(panel.deprovision(claim.target))
    await call_panel(panel.deprovision(claim.access))


async def retire_replaced(panel: VpnPanel, claim: PanelClaim) -> None:
    """Raises PortError."""
    access = claim.access
    if claim.moved_from is not None:
        await call_panel(panel.deprovision(claim.moved_from))
    elif access.replaces is not None:
        replaced = AccessRef(access.replaces, access.name, panel_id=access.panel_id)
        await call_panel(panel.retire(replaced))


def may_have_been_exhausted(claim: PanelClaim) -> bool:
    """Whether an operator may have been asked to act before."""
    return claim.attempt > min(MAX_ATTEMPTS_REFUSED, MAX_ATTEMPTS_UNAVAILABLE)


def is_claim_exhausted(claim: PanelClaim, error: PortError) -> bool:
    """Whether an operator must act now."""
    limit = MAX_ATTEMPTS_REFUSED if isinstance(error, RefusedError) else MAX_ATTEMPTS_UNAVAILABLE
    return claim.attempt >= limit


def get_incident_subject(panel_name: str) -> str:
    """Of incidents about it."""
    return IncidentKind.PANEL if panel_name == DEFAULT_PANEL else panel_name


def is_on_panel(subject: str) -> ColumnElement[bool]:
    """Of subscriptions, by the subject of an incident."""
    is_default = subject == IncidentKind.PANEL
    name = DEFAULT_PANEL if is_default else subject
    is_on_it = Subscription.panel_id == select(Panel.id).where(Panel.name == name).scalar_subquery()
    if not is_default:
        return is_on_it
    # What still awaits a panel will be on it, where there is no other.
    has_no_other = or_(Subscription.awaits_panel.is_(False), not_(exists(select(Panel.id))))
    return or_(and_(Subscription.panel_id.is_(None), has_no_other), is_on_it)


async def is_outage_known(session: AsyncSession, claim: PanelClaim, error: PortError) -> bool:
    """Whether operators have a message about its panel's outage: none for each order, then."""
    if isinstance(error, RefusedError):
        return False
    name: str | None = await session.scalar(
        select(Panel.name).where(Panel.id == claim.access.panel_id)
    )
    subject = get_incident_subject(name or DEFAULT_PANEL)
    open_incident = select(Incident.id).where(
        Incident.kind == IncidentKind.PANEL,
        Incident.subject == subject,
        Incident.closed_at.is_(None),
        Incident.shown_at.is_not(None),
    )
    return await session.scalar(open_incident) is not None


async def postpone_claim(session: AsyncSession, claim: PanelClaim, error: PortError) -> bool:
    """Give a failed claim back, due again later.

    False when the failure concerns nobody any more: the lease was lost, or a newer revision waits.
    """
    delay = (
        ATTENTION_RETRY_DELAY
        if is_claim_exhausted(claim, error)
        else get_retry_delay(claim.attempt)
    )
    revision = await _end(
        session,
        claim,
        last_error=str(error)[:500],
        # A change that came meanwhile made it due at once.
        due_at=case(
            (Subscription.revision == claim.revision, clock.now() + delay),
            else_=Subscription.due_at,
        ),
    )
    return revision == claim.revision


async def call_panel(panel_call: Awaitable[T], seconds: int = _CALL_SECONDS) -> T:
    """Raises PortError for every failure."""
    try:
        async with asyncio.timeout(seconds):
            return await port_guard.guard_port_call(panel_call, "panel_call_failed")
    except TimeoutError:
        raise UnavailableError(f"panel: no end within {seconds} s") from None


def get_patience(panel: VpnPanel, lane: PanelLane) -> int:
    """Seconds for one call: who takes longer has a lane where nobody of another panel waits."""
    is_shared = isinstance(panel, PanelChoice) and panel.has_several
    return _SHARED_SECONDS if is_shared and lane is PanelLane.ANSWERING else _CALL_SECONDS


async def _end(session: AsyncSession, claim: PanelClaim, **values: object) -> int | None:
    """Give the lease back; the row's revision, None when the lease was lost to another claim."""
    revision: int | None = await session.scalar(
        update_claimed(Subscription, claim.subscription_id, claim.lease_token)
        .values(**RELEASED, **values)
        .returning(Subscription.revision)
    )
    return revision


def _build_target(row: Subscription) -> AccessRef | None:
    """An imported account's name may be another one's there: it gets ours."""
    if row.next_panel_id is None or row.next_access_id is None:
        return None
    is_ours = row.panel_name is not None and is_panel_name_ours(row.panel_name)
    name = _get_name(row) if is_ours else build_panel_name(row.user_id, row.id)
    return AccessRef(row.next_access_id, name, panel_id=row.next_panel_id)


def _build_moved_from(row: Subscription) -> AccessRef | None:
    if row.retired_panel_id is None or row.retired_access_id is None:
        return None
    name = row.retired_panel_name or _get_name(row)
    return AccessRef(row.retired_access_id, name, panel_id=row.retired_panel_id)


def _to_claim(row: Subscription, token: UUID) -> PanelClaim:
    return PanelClaim(
        subscription_id=row.id,
        user_id=row.user_id,
        revision=row.revision,
        attempt=row.attempts,
        lease_token=token,
        access=Access(
            access_id=row.access_id,
            name=_get_name(row),
            panel_id=row.panel_id,
            expires_at=row.ends_at,
            traffic_limit_bytes=get_limit_left(row.traffic_limit_bytes, row.used_before_bytes),
            device_limit=row.device_limit,
            groups=tuple(row.access_groups or ()),
            replaces=row.retired_access_id if row.retired_panel_id is None else None,
            link=row.link,
        ),
        link=row.link,
        page_token=row.page_token,
        key_message_ids=tuple(row.key_message_ids or ()),
        is_trial=row.is_trial,
        expires_at=row.expires_at,
        target=_build_target(row),
        moved_from=_build_moved_from(row),
        used_before_bytes=row.used_before_bytes,
        traffic_limit_bytes=row.traffic_limit_bytes,
        awaits_panel=row.awaits_panel,
        trace_parent=row.trace_parent,
    )
