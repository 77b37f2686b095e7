"""A new key for a subscription whose old one leaked: the old one stops working at the panel."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Subscription
from app.db.unit_of_work import Database
from app.domain.customer_page import create_page_token
from app.domain.ports import AccessRef, UnavailableError, VpnPanel
from app.domain.subscriptions import ActivationStatus
from app.services import audit
from app.services.access import panel_work
from app.services.access.grants import request_provisioning
from app.services.access.subscriptions import SubscriptionGoneError

# Every new link is two calls to the panel and a notification.
_MIN_INTERVAL: Final = timedelta(minutes=10)


class KeyNotReadyError(ExpectedError):
    text_key = "error-key-not-ready"


class LinkRenewedRecentlyError(ExpectedError):
    text_key = "error-new-link-too-soon"


@dataclass(frozen=True, slots=True)
class MeasuredUsage:
    """What was used on an access, as the panel counts it."""

    access_id: UUID
    used_bytes: int


async def check_link_renewal(db: Database, user_id: int, subscription_id: int) -> None:
    """Raises SubscriptionGoneError, KeyNotReadyError, LinkRenewedRecentlyError."""
    async with db.unit_of_work() as session:
        await require_renewable_link(session, user_id, subscription_id)


async def renew_subscription_link(
    db: Database,
    panel: VpnPanel | None,
    user_id: int,
    subscription_id: int,
    operator: int | None = None,
) -> Subscription:
    """The activation worker does the rest: the new access, its notification, the old one's removal.

    `operator` is who asked for it, where its user did not.

    Raises SubscriptionGoneError, KeyNotReadyError, LinkRenewedRecentlyError and the panel's port
    errors.
    """
    async with db.unit_of_work() as session:
        subscription = await require_renewable_link(session, user_id, subscription_id)
        access = panel_work.build_access_ref(subscription)
    measured = await measure_usage(panel, access)
    async with db.unit_of_work() as session:
        return await replace_access(
            session,
            user_id,
            subscription_id,
            measured,
            actor=f"user:{operator}" if operator else None,
        )


async def require_renewable_link(
    session: AsyncSession, user_id: int, subscription_id: int
) -> Subscription:
    """Locked. Raises SubscriptionGoneError, KeyNotReadyError, LinkRenewedRecentlyError."""
    now = clock.now()
    subscription: Subscription | None = await session.scalar(
        select(Subscription)
        .where(Subscription.id == subscription_id, Subscription.user_id == user_id)
        .with_for_update()
    )
    if subscription is None:
        raise SubscriptionGoneError
    if subscription.link_renewed_at and now < subscription.link_renewed_at + _MIN_INTERVAL:
        raise LinkRenewedRecentlyError
    is_active = subscription.activation_status is ActivationStatus.ACTIVE
    if not is_active or subscription.ends_at <= now:
        raise KeyNotReadyError
    return subscription


async def measure_usage(panel: VpnPanel | None, access: AccessRef) -> MeasuredUsage:
    """Nothing for an access that the panel has lost: its counter begins anew in any case."""
    if panel is None:
        raise UnavailableError("there is no panel")
    usage = await panel_work.call_panel(panel.get_usage(access))
    return MeasuredUsage(access.access_id, usage.used_bytes if usage else 0)


async def replace_access(
    session: AsyncSession,
    user_id: int,
    subscription_id: int,
    measured: MeasuredUsage,
    actor: str | None = None,
) -> Subscription:
    """`actor`: who asked for it, where that was not its user.

    Raises SubscriptionGoneError, KeyNotReadyError, LinkRenewedRecentlyError.
    """
    subscription = await require_renewable_link(session, user_id, subscription_id)
    if subscription.access_id != measured.access_id:
        raise LinkRenewedRecentlyError
    subscription.retired_access_id = subscription.access_id
    subscription.access_id = uuid4()
    subscription.used_before_bytes += measured.used_bytes
    subscription.link = None  # of no use any more, and soon removed
    subscription.link_renewed_at = clock.now()
    subscription.page_token = create_page_token()
    audit.record_audit_entry(
        session, actor or f"user:{user_id}", "link_renewed", f"subscription:{subscription_id}"
    )
    request_provisioning(session, subscription)
    return subscription
