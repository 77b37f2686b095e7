"""Claims on subscriptions that are due at the panel: one at a time each, under a lease."""

import asyncio
from collections.abc import Awaitable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, case, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.claims import RELEASED, claim_due, update_claimed
from app.db.models import Incident, Subscription
from app.db.unit_of_work import wake_after_commit
from app.domain.incidents import IncidentKind
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
)
from app.services import port_guard

T = TypeVar("T")

_CALL_SECONDS = 25  # a call of the port may be several of the panel's
# Longer than two of them, so that two workers never call for one subscription.
_LEASE = timedelta(seconds=60)
PANEL_BATCH: Final = 20


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


async def claim_due_subscriptions(
    session: AsyncSession, statuses: Collection[ActivationStatus]
) -> list[PanelClaim]:
    token = uuid4()
    waiting = (
        select(Subscription.id)
        .where(Subscription.activation_status.in_(statuses))
        .order_by(Subscription.due_at)
    )
    rows = await session.scalars(
        claim_due(Subscription, waiting, token, limit=PANEL_BATCH, lease=_LEASE)
    )
    return [_to_claim(row, token) for row in rows]


async def complete_claim(
    session: AsyncSession, claim: PanelClaim, done: ActivationStatus, link: str | None = None
) -> bool:
    """Give the claim back; False when the lease was lost to another claim.

    `done` holds only if nothing changed meanwhile: a newer revision keeps its own state.
    """
    current = Subscription.revision == claim.revision
    is_gone = Subscription.retired_access_id == claim.access.replaces
    revision = await _end(
        session,
        claim,
        retired_access_id=case((is_gone, null()), else_=Subscription.retired_access_id),
        activation_status=case((current, done), else_=Subscription.activation_status),
        attempts=0,
        last_error=None,
        link=_link_after(claim, done) if link is None else link,
        **({"panel_name": None} if done is ActivationStatus.REMOVED else {}),
    )
    if revision is not None and revision != claim.revision:
        # What changed meanwhile had to wait for the lease.
        wake_after_commit(session, WorkerName.ACTIVATION)
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
    return AccessRef(subscription.access_id, _get_name(subscription))


def _get_name(row: Subscription) -> str:
    return row.panel_name or build_panel_name(row.user_id, row.id)


async def is_access_replaced(session: AsyncSession, claim: PanelClaim) -> bool:
    """Whether the subscription has another access by now."""
    access_id = await session.scalar(
        select(Subscription.access_id).where(Subscription.id == claim.subscription_id)
    )
    return access_id != claim.access.access_id


async def deprovision_claimed(panel: VpnPanel, claim: PanelClaim) -> None:
    """Both accesses, where a new link was not brought to its end. Raises PortError."""
    await retire_replaced(panel, claim)
    await call_panel(panel.deprovision(claim.access))


async def retire_replaced(panel: VpnPanel, claim: PanelClaim) -> None:
    """Raises PortError."""
    if claim.access.replaces is not None:
        await call_panel(panel.retire(AccessRef(claim.access.replaces, claim.access.name)))


def is_claim_exhausted(claim: PanelClaim, error: PortError) -> bool:
    """Whether an operator must act now."""
    limit = MAX_ATTEMPTS_REFUSED if isinstance(error, RefusedError) else MAX_ATTEMPTS_UNAVAILABLE
    return claim.attempt >= limit


async def is_outage_known(session: AsyncSession, error: PortError) -> bool:
    """Whether operators have a message about the panel's outage: none for each order, then."""
    if isinstance(error, RefusedError):
        return False
    open_incident = select(Incident.id).where(
        Incident.kind == IncidentKind.PANEL,
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


async def call_panel(panel_call: Awaitable[T]) -> T:
    """Raises PortError for every failure."""
    try:
        async with asyncio.timeout(_CALL_SECONDS):
            return await port_guard.guard_port_call(panel_call, "panel_call_failed")
    except TimeoutError:
        raise UnavailableError(f"panel: no end within {_CALL_SECONDS} s") from None


async def _end(session: AsyncSession, claim: PanelClaim, **values: object) -> int | None:
    """Give the lease back; the row's revision, None when the lease was lost to another claim."""
    revision: int | None = await session.scalar(
        update_claimed(Subscription, claim.subscription_id, claim.lease_token)
        .values(**RELEASED, **values)
        .returning(Subscription.revision)
    )
    return revision


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
            expires_at=row.ends_at,
            traffic_limit_bytes=get_limit_left(row.traffic_limit_bytes, row.used_before_bytes),
            device_limit=row.device_limit,
            replaces=row.retired_access_id,
            link=row.link,
        ),
        link=row.link,
        page_token=row.page_token,
        key_message_ids=tuple(row.key_message_ids or ()),
        is_trial=row.is_trial,
        expires_at=row.expires_at,
    )
