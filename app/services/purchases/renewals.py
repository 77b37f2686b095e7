"""Renewing from the balance: one unit of work a subscription, at most one charge a period."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.worker_names import WorkerName
from app.db.models import EventOutcome, Purchase, Subscription, User
from app.db.outage import is_outage
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.messages import DeliveryGuarantee
from app.domain.payment_methods import BALANCE_METHOD
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.renewals import (
    PENDING_ORDER_WAIT,
    RENEWAL_LEAD_TIME,
    RenewalOutlook,
    build_end_key,
    compute_renewal_id,
)
from app.domain.subscriptions import RUNNING_STATUSES
from app.services import audit, shop_settings
from app.services.access.renewal_forecasts import RenewalForecast, list_renewal_forecasts
from app.services.access.subscriptions import (
    SubscriptionGoneError,
    list_subscription_numbers,
)
from app.services.ledger import get_balance
from app.services.notifications.notify import Notification, notify, notify_operators
from app.services.purchases.orders import build_purchase
from app.services.purchases.sales import complete_sale, count_sale
from app.services.users import lock_user

log = structlog.get_logger()

RENEWAL_BATCH = 100
# Of a round's length; what is left is the next round's, which follows at once.
_BUDGET = timedelta(seconds=15)


class NothingToRenewError(ExpectedError):
    """A trial, or a gift without a term: there is no price that it could renew at."""

    text_key = "error-nothing-to-renew"


class RenewalResult(StrEnum):
    RENEWED = "renewed"
    SHORT = "short"
    CHANGED = "changed"
    WAITING = "waiting"  # for an order that may be paid just now
    BUSY = "busy"  # something else is done for the user at this moment
    SETTLED = "settled"  # no longer due


@dataclass(frozen=True, slots=True)
class DueRenewal:
    subscription_id: int
    user_id: int
    expires_at: datetime


async def set_subscription_auto_renew(
    db: Database, user_id: int, subscription_id: int, *, on: bool
) -> Subscription:
    """Raises SubscriptionGoneError, and NothingToRenewError for a trial or a gift."""
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)  # a renewal under way ends first
        subscription = await session.get(Subscription, subscription_id, with_for_update=True)
        if subscription is None or subscription.user_id != user_id:
            raise SubscriptionGoneError
        if on and (subscription.is_trial or subscription.term_id is None):
            raise NothingToRenewError
        if subscription.auto_renew is not on:
            subscription.auto_renew = on
            action = "auto_renew_on" if on else "auto_renew_off"
            audit.record_audit_entry(
                session, f"user:{user_id}", action, f"subscription:{subscription_id}"
            )
        if on:
            wake_after_commit(session, WorkerName.AUTO_RENEWAL)
    return subscription


async def renew_due_subscriptions(
    db: Database,
    after: DueRenewal | None = None,
    budget: timedelta = _BUDGET,
) -> tuple[dict[str, int], DueRenewal | None]:
    """One round in the order of the ends; where it stopped when its time was over, else None."""
    counts: Counter[str] = Counter()
    until = time.monotonic() + budget.total_seconds()
    while True:
        async with db.unit_of_work() as session:
            batch = await _list_due(session, after)
        for due in batch:
            counts[await _renew_isolated(db, due)] += 1
            after = due
            if time.monotonic() >= until:
                return dict(counts), after
        if len(batch) < RENEWAL_BATCH:
            return dict(counts), None


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        Subscription.auto_renew,
        Subscription.activation_status.in_(RUNNING_STATUSES),
        Subscription.expires_at <= now + RENEWAL_LEAD_TIME,
        Subscription.ends_at > now,
        Subscription.is_trial.is_(False),
        Subscription.term_id.is_not(None),
    )


async def _list_due(session: AsyncSession, after: DueRenewal | None) -> list[DueRenewal]:
    query = (
        select(Subscription.id, Subscription.user_id, Subscription.expires_at)
        .where(_is_due(clock.now()))
        .order_by(Subscription.expires_at, Subscription.id)
        .limit(RENEWAL_BATCH)
    )
    if after is not None:
        query = query.where(
            Subscription.expires_at >= after.expires_at,
            (Subscription.expires_at > after.expires_at)
            | (Subscription.id > after.subscription_id),
        )
    return [DueRenewal(*row) for row in await session.execute(query)]


async def _renew_isolated(db: Database, due: DueRenewal) -> str:
    """One that cannot be renewed must not keep the others from it (P6)."""
    try:
        async with db.unit_of_work() as session:
            result = await renew_subscription(session, due)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("renewal_failed", subscription=due.subscription_id)
        async with db.unit_of_work() as session:
            await notify_operators(
                session,
                build_end_key("renewal-failed", due.subscription_id, due.expires_at),
                "operator-renewal-failed",
                subscription=due.subscription_id,
                person=due.user_id,
            )
        return "failed"
    if result is RenewalResult.RENEWED:
        count_sale(EventOutcome.SETTLED)
    return result


async def renew_subscription(session: AsyncSession, due: DueRenewal) -> RenewalResult:
    """A step, everything of one renewal: looked at again once the user is locked."""
    if not await _lock_if_free(session, due.user_id):
        return RenewalResult.BUSY
    now = clock.now()
    subscription = await session.scalar(
        select(Subscription)
        .where(Subscription.id == due.subscription_id, _is_due(now))
        .with_for_update()
    )
    if subscription is None:
        return RenewalResult.SETTLED
    if subscription.ends_at - now > PENDING_ORDER_WAIT and await _is_being_paid(
        session, subscription
    ):
        return RenewalResult.WAITING
    id_ = compute_renewal_id(subscription.id, subscription.expires_at)
    if await session.get(Purchase, id_) is not None:
        return (
            RenewalResult.SETTLED
        )  # it was renewed and taken back: not against the user's will again
    forecast = (await list_renewal_forecasts(session, [subscription]))[subscription.id]
    if forecast.outlook is not RenewalOutlook.RENEWS:
        await _notify_not_renewed(session, subscription, forecast)
        return RenewalResult(forecast.outlook)
    purchase = build_purchase(due.user_id, PurchaseKind.RENEWAL, forecast.plan, forecast.term)
    purchase.id, purchase.subscription_id = id_, subscription.id
    purchase.from_balance_minor = purchase.price_minor
    purchase.provider = BALANCE_METHOD
    purchase.charge_minor, purchase.charge_currency = 0, purchase.currency
    session.add(purchase)
    await session.flush()
    await complete_sale(session, purchase)
    await _notify_renewed(session, subscription, purchase)
    return RenewalResult.RENEWED


async def _lock_if_free(session: AsyncSession, user_id: int) -> bool:
    """As `lock_user`, but a round waits for nobody."""
    locked = await session.scalar(
        select(User.id).where(User.id == user_id).with_for_update(key_share=True, skip_locked=True)
    )
    return locked is not None


async def _is_being_paid(session: AsyncSession, subscription: Subscription) -> bool:
    """The user has an invoice for it: paying that renews, and a second time is not wanted."""
    being_paid = await session.scalar(
        select(
            exists().where(
                Purchase.subscription_id == subscription.id,
                Purchase.status == PurchaseStatus.PENDING,
                Purchase.invoice_id.is_not(None),
                Purchase.expires_at > clock.now(),
            )
        )
    )
    return bool(being_paid)


async def _notify_not_renewed(
    session: AsyncSession, subscription: Subscription, forecast: RenewalForecast
) -> None:
    template = f"renewal-{forecast.outlook}"
    numbers = await list_subscription_numbers(session, [subscription])
    await notify(
        session,
        Notification(
            build_end_key(template, subscription.id, subscription.expires_at),
            subscription.user_id,
            template,
            {
                **forecast.to_values(await shop_settings.load_shop_settings(session)),
                "subscription": subscription.id,
                "number": numbers.get(subscription.id),
                "ends_at": subscription.ends_at.isoformat(),
            },
        ),
    )


async def _notify_renewed(
    session: AsyncSession, subscription: Subscription, purchase: Purchase
) -> None:
    if purchase.covers_until is None:
        raise ValueError("what was sold covers nothing")
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    numbers = await list_subscription_numbers(session, [subscription])
    await notify(
        session,
        Notification(
            f"renewed:{purchase.id}",
            purchase.user_id,
            "renewed",
            {
                "subscription": subscription.id,
                "number": numbers.get(subscription.id),
                "expires_at": purchase.covers_until.isoformat(),
                "price": str(purchase.cost),
                "balance": str(balance),
            },
            guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
        ),
    )
