"""An order before it is paid: what is bought for which subscription, at the price that is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Plan, PromoUse, Purchase, Subscription, Term
from app.db.unit_of_work import Database
from app.domain.extras import compute_extra_left
from app.domain.payment_methods import PaymentMethodClosedError
from app.domain.payments import OPEN_STATUSES, ORDER_LIFETIME, PurchaseKind, PurchaseStatus
from app.domain.ports import UnavailableError, VpnPanel
from app.domain.pricing import PaidPeriod, compute_value_left
from app.services.access.panel_work import build_access_ref
from app.services.access.subscriptions import SubscriptionGoneError, has_subscription_ended
from app.services.ledger import get_balance
from app.services.purchases import promo_codes
from app.services.purchases.order_closing import wake_invoice_deletion
from app.services.purchases.plans import require_term_on_sale
from app.services.users import lock_user

# A second tap gets the same order while this much of its life is left.
REUSE_WHILE_LEFT = timedelta(minutes=10)


class PurchaseGoneError(ExpectedError):
    text_key = "error-purchase-gone"


@dataclass(frozen=True, slots=True)
class OrderTargetChoice:
    """What may be extended or changed: all that still work, else the one that ended last."""

    subscriptions: Sequence[Subscription]
    changes: Sequence[bool]  # for each, whether its plan would be another

    @property
    def is_open(self) -> bool:
        """Whether the user must choose: extending the only one needs no question."""
        return len(self.subscriptions) > 1 or any(self.changes)

    @property
    def only(self) -> int | None:
        return self.subscriptions[0].id if self.subscriptions else None


@dataclass(frozen=True, slots=True)
class _OrderTarget:
    """For what an order is: it must be the same where one is used again."""

    subscription_id: int | None
    is_separate: bool
    is_gift: bool


async def choose_order_target(db: Database, user_id: int, term_id: int) -> OrderTargetChoice:
    """Raises PlanGoneError."""
    async with db.read_only() as session:
        plan, _ = await require_term_on_sale(session, term_id)
        rows = (
            await session.scalars(
                select(Subscription)
                .where(Subscription.user_id == user_id)
                .order_by(Subscription.expires_at.desc(), Subscription.id)
            )
        ).all()
    now = clock.now()
    chosen = [row for row in rows if not has_subscription_ended(row, now)] or rows[:1]
    return OrderTargetChoice(chosen, [_is_plan_change(row, plan.id, now) for row in chosen])


async def require_order_target(db: Database, user_id: int, subscription_id: int) -> None:
    """Raises SubscriptionGoneError for another user's as for one that is not."""
    async with db.read_only() as session:
        await _get_own(session, subscription_id, user_id)


async def get_last_term_id(db: Database, user_id: int, subscription_id: int) -> int | None:
    """What was bought last for it; None for a trial or a gift.

    Raises SubscriptionGoneError, and PlanGoneError where that is not sold any more.
    """
    async with db.read_only() as session:
        subscription = await _get_own(session, subscription_id, user_id)
        if subscription is None or subscription.term_id is None:
            return None
        _, term = await require_term_on_sale(session, subscription.term_id)
    return term.id


def _is_plan_change(subscription: Subscription | None, plan_id: int, now: datetime) -> bool:
    """Whether buying this plan for it replaces what it has: never for a trial or a gift."""
    return (
        subscription is not None
        and not has_subscription_ended(subscription, now)
        and subscription.plan_id is not None
        and subscription.plan_id != plan_id
    )


async def place_order(
    db: Database,
    panel: VpnPanel | None,
    user_id: int,
    term_id: int,
    subscription_id: int | None,
    *,
    is_separate: bool = False,
    is_gift: bool = False,
) -> Purchase:
    """An order without a payment method yet; a gift is for no subscription of its buyer.

    Raises PlanGoneError, SubscriptionGoneError, and where the plan is changed the panel's errors:
    without the traffic used nobody can say what is left.
    """
    async with db.read_only() as session:
        plan, term = await require_term_on_sale(session, term_id)
        subscription = await _get_own(session, subscription_id, user_id)
    used_bytes = 0
    if subscription is not None and _is_plan_change(subscription, plan.id, clock.now()):
        used_bytes = await _get_used(panel, subscription, term)
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)  # of two taps at once the second finds the first's row
        subscription = await _get_own(session, subscription_id, user_id)
        target = _OrderTarget(subscription_id, is_separate, is_gift)
        reused = await _get_reusable(session, user_id, term, target)
        if reused is not None and not _is_plan_change(subscription, plan.id, clock.now()):
            if not await promo_codes.has_unapplied_discount(session, reused):
                return reused
            session.expunge(reused)
            purchase = await require_draft_order(session, reused.id, user_id)
            await promo_codes.apply_held_discount(session, purchase)
            return purchase
        purchase = build_purchase(user_id, PurchaseKind.PLAN, plan, term)
        purchase.subscription_id, purchase.is_separate = subscription_id, is_separate
        purchase.is_gift = is_gift
        if subscription is not None and _is_plan_change(subscription, plan.id, clock.now()):
            await _credit(session, purchase, subscription, used_bytes)
        session.add(purchase)
        await session.flush()
        await promo_codes.apply_held_discount(session, purchase)
    return purchase


async def set_order_balance_use(
    db: Database, purchase_id: UUID, user_id: int, *, use: bool
) -> Purchase:
    """Pay a part of an order from the balance, or not.

    Raises PurchaseGoneError, and PaymentMethodClosedError where the order is for the balance
    itself.
    """
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)
        purchase = await require_draft_order(session, purchase_id, user_id)
        if purchase.kind is PurchaseKind.TOP_UP:
            raise PaymentMethodClosedError
        purchase.from_balance_minor = 0
        if use:
            balance = await get_balance(session, user_id, purchase.currency)
            purchase.from_balance_minor = min(max(balance.minor, 0), purchase.due.minor)
    return purchase


async def require_draft_order(session: AsyncSession, purchase_id: UUID, user_id: int) -> Purchase:
    """An order whose price may still change: itself, or a copy where a payment method was chosen.

    Raises PurchaseGoneError. The caller has locked the user.
    """
    purchase = await require_open_order(session, purchase_id, user_id)
    return purchase if purchase.provider is None else await copy_order(session, purchase)


async def require_open_order(session: AsyncSession, purchase_id: UUID, user_id: int) -> Purchase:
    """Locked. Raises PurchaseGoneError."""
    purchase = await session.get(Purchase, purchase_id, with_for_update=True)
    if (
        purchase is None
        or purchase.user_id != user_id
        or purchase.status not in OPEN_STATUSES
        or purchase.expires_at <= clock.now()
    ):
        raise PurchaseGoneError
    return purchase


async def copy_order(session: AsyncSession, purchase: Purchase) -> Purchase:
    """The same order without a payment method, in place of one that has an invoice.

    It ends when the first one does (P15). Nothing is lost when that one's invoice is paid before
    it is deleted: a cancelled order still sells, and its use of a promo code counts again.
    """
    old_id = purchase.id
    wake_invoice_deletion(session)
    purchase.status = PurchaseStatus.CANCELLED
    await session.flush()
    make_transient(purchase)
    purchase.id, purchase.status = uuid4(), PurchaseStatus.CREATED
    purchase.original_id = purchase.original_id or old_id
    purchase.provider = purchase.chosen_at = purchase.invoice_id = purchase.pay_url = None
    purchase.charge_minor = purchase.charge_currency = None
    session.add(purchase)
    await session.flush()
    use = select(
        PromoUse.promo_code_id, PromoUse.user_id, literal(purchase.id), PromoUse.created_at
    )
    await session.execute(
        insert(PromoUse).from_select(
            ["promo_code_id", "user_id", "purchase_id", "created_at"],
            use.where(PromoUse.purchase_id == old_id),
        )
    )
    return purchase


def build_purchase(
    user_id: int, kind: PurchaseKind, plan: Plan | None = None, term: Term | None = None
) -> Purchase:
    """With the plan and its term as they are now; without them, nothing at price zero."""
    now = clock.now()
    purchase = Purchase(
        id=uuid4(),
        user_id=user_id,
        kind=kind,
        status=PurchaseStatus.CREATED,
        titles=plan.titles if plan else {},
        days=0,
        traffic_limit_bytes=0,
        device_limit=0,
        is_change=False,
        is_separate=False,
        is_gift=False,
        base_used_bytes=0,
        price_minor=0,
        currency="USD",
        discount_minor=0,
        credit_minor=0,
        from_balance_minor=0,
        created_at=now,
        expires_at=now + ORDER_LIFETIME,
    )
    if plan and term:
        purchase.plan_id, purchase.term_id = plan.id, term.id
        purchase.months, purchase.days = term.months, term.days
        purchase.price_minor, purchase.currency = term.price_minor, term.currency
        purchase.traffic_limit_bytes = term.traffic_limit_bytes
        purchase.device_limit = term.device_limit
    return purchase


async def _get_own(
    session: AsyncSession, subscription_id: int | None, user_id: int
) -> Subscription | None:
    if subscription_id is None:
        return None
    subscription = await session.get(Subscription, subscription_id)
    if subscription is None or subscription.user_id != user_id:
        raise SubscriptionGoneError
    return subscription


async def _get_used(panel: VpnPanel | None, subscription: Subscription, term: Term) -> int:
    """Matters for what is left of a limit, and for where the new one begins."""
    if not subscription.traffic_limit_bytes and not term.traffic_limit_bytes:
        return 0
    usage = await panel.get_usage(build_access_ref(subscription)) if panel else None
    if usage is None:
        raise UnavailableError("the panel does not tell what was used")
    return subscription.used_before_bytes + usage.used_bytes


async def _get_reusable(
    session: AsyncSession, user_id: int, term: Term, target: _OrderTarget
) -> Purchase | None:
    """The same order, if it is open and nothing of the term has changed since."""
    reusable: Purchase | None = await session.scalar(
        select(Purchase)
        .where(
            Purchase.user_id == user_id,
            Purchase.kind == PurchaseKind.PLAN,
            Purchase.term_id == term.id,
            Purchase.subscription_id.is_not_distinct_from(target.subscription_id),
            Purchase.status.in_(OPEN_STATUSES),
            Purchase.is_change.is_(False),
            Purchase.is_separate == target.is_separate,
            Purchase.is_gift == target.is_gift,
            Purchase.expires_at > clock.now() + REUSE_WHILE_LEFT,
            Purchase.price_minor == term.price_minor,
            Purchase.currency == term.currency,
            Purchase.days == term.days,
            Purchase.traffic_limit_bytes == term.traffic_limit_bytes,
            Purchase.device_limit == term.device_limit,
        )
        .order_by(Purchase.created_at.desc())
        .limit(1)
    )
    return reusable


async def _credit(
    session: AsyncSession, purchase: Purchase, subscription: Subscription, used_bytes: int
) -> None:
    limit = subscription.traffic_limit_bytes
    periods = await _list_paid_periods(session, subscription.id, purchase.currency)
    kept_bytes = compute_extra_left(subscription.extra_traffic_bytes, limit, used_bytes)
    left_bytes = limit - used_bytes - kept_bytes if limit else None
    purchase.is_change = True
    purchase.credit_minor = compute_value_left(periods, left_bytes, clock.now())
    purchase.base_expires_at = subscription.expires_at
    purchase.base_used_bytes = used_bytes


async def _list_paid_periods(
    session: AsyncSession, subscription_id: int, currency: str
) -> list[PaidPeriod]:
    """The periods of it that were paid for in this currency and are not over."""
    rows = await session.scalars(
        select(Purchase).where(
            Purchase.subscription_id == subscription_id,
            Purchase.status == PurchaseStatus.PAID,
            Purchase.currency == currency,
            Purchase.covers_until > clock.now(),
            Purchase.extra_id.is_(None),
        )
    )
    return [
        PaidPeriod(row.cost.minor, row.covers_from, row.covers_until, row.traffic_limit_bytes)
        for row in rows
        if row.covers_from and row.covers_until
    ]
