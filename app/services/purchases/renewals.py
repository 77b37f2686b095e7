"""Renewing from the balance: one unit of work a subscription, at most one charge a period.

What cannot be renewed waits: nobody looks at it before its last try unless something has come that
it may have waited for: money, the user's switch, another price, another end.
"""

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    all_,
    and_,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.round_counts import MORE_DUE, NEXT_IN_MS
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
from app.services.notifications.attention import request_attention
from app.services.notifications.notify import Notification, notify
from app.services.purchases.orders import build_purchase
from app.services.purchases.sales import complete_sale, count_sale
from app.services.users import lock_user

log = structlog.get_logger()

RENEWAL_BATCH = 100
# Of a round's length; what is left is the next round's, which follows at once.
_BUDGET = timedelta(seconds=15)
# A user who was busy, perhaps with paying, is looked at again soon.
_BUSY_PAUSE_MS = 1000
_FAILURE_PAUSE = timedelta(minutes=10)


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
        subscription.renewal_waits_until = None
        if subscription.auto_renew is not on:
            subscription.auto_renew = on
            action = "auto_renew_on" if on else "auto_renew_off"
            audit.record_audit_entry(
                session, f"user:{user_id}", action, f"subscription:{subscription_id}"
            )
        if on:
            wake_after_commit(session, WorkerName.AUTO_RENEWAL)
    return subscription


async def retry_renewals_of_term(session: AsyncSession, term_id: int) -> None:
    """A step: its price or limits have changed, and what could not be renewed now may be."""
    retried = await session.execute(
        update(Subscription)
        .where(
            Subscription.term_id == term_id,
            Subscription.auto_renew,
            Subscription.activation_status.in_(RUNNING_STATUSES),
            Subscription.renewal_waits_until.is_not(None),
        )
        .values(renewal_waits_until=None)
        .returning(Subscription.id)
        .execution_options(synchronize_session=False)
    )
    if retried.first() is not None:
        wake_after_commit(session, WorkerName.AUTO_RENEWAL)


async def renew_due_subscriptions(db: Database, budget: timedelta = _BUDGET) -> dict[str, int]:
    """One round: each that is due once, the rest in the next round when the time is over."""
    counts: Counter[str] = Counter()
    tried: list[int] = []
    until = time.monotonic() + budget.total_seconds()
    while batch := await _list_due(db, tried):
        for due in batch:
            counts[await _renew_isolated(db, due)] += 1
            tried.append(due.subscription_id)
            if time.monotonic() >= until:
                return {**counts, MORE_DUE: 1}
    return {**counts, NEXT_IN_MS: _BUSY_PAUSE_MS} if counts[RenewalResult.BUSY] else dict(counts)


def _is_near_end(now: datetime) -> ColumnElement[bool]:
    return and_(
        Subscription.auto_renew,
        Subscription.activation_status.in_(RUNNING_STATUSES),
        Subscription.expires_at <= now + RENEWAL_LEAD_TIME,
        Subscription.ends_at > now,
        Subscription.is_trial.is_(False),
        Subscription.term_id.is_not(None),
    )


async def _list_due(db: Database, tried: Collection[int]) -> list[DueRenewal]:
    """A branch for the first try and one for the next: each reads its own part of the index."""
    now, waits_until = clock.now(), Subscription.renewal_waits_until
    is_untried = Subscription.id != all_(literal(list(tried), ARRAY(BigInteger)))
    branches = [
        select(Subscription.id, Subscription.user_id, Subscription.expires_at)
        .where(_is_near_end(now), is_due, is_untried)
        .order_by(waits_until, Subscription.expires_at)
        .limit(RENEWAL_BATCH)
        for is_due in (waits_until.is_(None), waits_until <= now)
    ]
    due = union_all(*branches).subquery()
    async with db.unit_of_work() as session:
        rows = await session.execute(select(due).order_by(due.c.expires_at))
        return [DueRenewal(*row) for row in rows]


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
            await session.execute(
                update(Subscription)
                .where(Subscription.id == due.subscription_id)
                .values(renewal_waits_until=clock.now() + _FAILURE_PAUSE)
            )
            await request_attention(
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
    waits_until = Subscription.renewal_waits_until
    subscription = await session.scalar(
        select(Subscription)
        .where(Subscription.id == due.subscription_id, _is_near_end(now))
        .where(or_(waits_until.is_(None), waits_until <= now))
        .with_for_update()
    )
    if subscription is None:
        return RenewalResult.SETTLED
    last_try_at = subscription.ends_at - PENDING_ORDER_WAIT
    subscription.renewal_waits_until = last_try_at if now < last_try_at else subscription.ends_at
    paid_until = await _get_payment_end(session, subscription) if now < last_try_at else None
    if paid_until is not None:
        subscription.renewal_waits_until = min(paid_until, last_try_at)
        return RenewalResult.WAITING
    id_ = compute_renewal_id(subscription.id, subscription.expires_at)
    if await session.get(Purchase, id_) is not None:
        # It was renewed and taken back: not against the user's will again.
        return RenewalResult.SETTLED
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
    await complete_sale(session, purchase, await shop_settings.load_shop_settings(session))
    await _notify_renewed(session, subscription, purchase)
    return RenewalResult.RENEWED


async def _lock_if_free(session: AsyncSession, user_id: int) -> bool:
    """As `lock_user`, but a round waits for nobody."""
    locked = await session.scalar(
        select(User).where(User.id == user_id).with_for_update(key_share=True, skip_locked=True)
    )
    return locked is not None


async def _get_payment_end(session: AsyncSession, subscription: Subscription) -> datetime | None:
    """Until when the user may pay an invoice for it: that renews, and twice is not wanted."""
    paid_until: datetime | None = await session.scalar(
        select(func.max(Purchase.expires_at)).where(
            Purchase.subscription_id == subscription.id,
            Purchase.extra_id.is_(None),
            Purchase.status == PurchaseStatus.PENDING,
            Purchase.invoice_id.is_not(None),
            Purchase.expires_at > clock.now(),
        )
    )
    return paid_until


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
