"""What a person has: granting what was bought, and the page that shows it."""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Purchase, Subscription
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.ports import PortError, Usage, VpnPanel
from app.domain.subscriptions import ActivationStatus, extend
from app.services.reminders import withdraw

ACTIVATION = "activation"  # the worker's name


async def grant(session: AsyncSession, purchase: Purchase) -> Subscription:
    """A new subscription, or more of the one there is; the caller has locked the person."""
    now = clock.now()
    subscription = await session.scalar(
        select(Subscription)
        .where(Subscription.user_id == purchase.user_id)
        .order_by(Subscription.id.desc())
        .limit(1)
        .with_for_update()
    )
    if subscription is None:
        subscription = Subscription(
            user_id=purchase.user_id, access_id=uuid4(), created_at=now, revision=0
        )
        session.add(subscription)
    subscription.expires_at = extend(subscription.expires_at, purchase.days, now)
    subscription.traffic_limit_bytes = purchase.traffic_limit_bytes
    subscription.device_limit = purchase.device_limit
    subscription.revision += 1
    subscription.activation_status = ActivationStatus.PENDING
    subscription.attempts = 0
    subscription.due_at = now
    await withdraw(session, subscription)
    await session.flush()
    wake_after_commit(session, ACTIVATION)
    return subscription


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    """`usage` is None when the panel does not tell."""

    subscription: Subscription
    usage: Usage | None


async def get_page(db: Database, panel: VpnPanel | None, user_id: int) -> SubscriptionPage | None:
    async with db.unit_of_work() as session:
        subscription = await session.scalar(
            select(Subscription)
            .where(Subscription.user_id == user_id)
            .order_by(Subscription.id.desc())
            .limit(1)
        )
    if subscription is None:
        return None
    if panel is None or subscription.activation_status is not ActivationStatus.ACTIVE:
        return SubscriptionPage(subscription, None)
    try:
        return SubscriptionPage(subscription, await panel.get_usage(subscription.access_id))
    except PortError:
        return SubscriptionPage(subscription, None)
