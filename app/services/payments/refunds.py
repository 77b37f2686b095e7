"""A refund of a purchase: its money, its access and the notifications, in one transaction."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.metrics import PURCHASES
from app.core.money import Money
from app.db.models import EntryKind, LedgerEntry, Purchase, Subscription, User
from app.db.unit_of_work import Database
from app.domain.gifts import get_return_deadline
from app.domain.payments import SOLD_STATUSES, Payout, PurchaseKind, PurchaseStatus
from app.domain.refunds import compute_refund_minor, parse_purchase_number
from app.services import audit, shop_settings
from app.services.access import refunded_access
from app.services.access.refunded_access import AccessLeft
from app.services.ledger import add_ledger_entry, get_balance
from app.services.notifications.attention import request_attention
from app.services.notifications.notify import Notification, notify
from app.services.payments import payouts
from app.services.payments.methods import PaymentMethods
from app.services.promotions import referrals
from app.services.purchases import gifts, promo_codes
from app.services.users import lock_user


class UnknownPurchaseNumberError(ExpectedError):
    text_key = "error-refund-unknown"


class AmbiguousPurchaseNumberError(ExpectedError):
    text_key = "error-refund-ambiguous"


class PurchaseNotPaidError(ExpectedError):
    text_key = "error-refund-not-paid"


class AlreadyRefundedError(ExpectedError):
    text_key = "error-refund-done-before"


class MoneySpentError(ExpectedError):
    """What would go back through the provider is not on the balance any more."""

    text_key = "error-refund-spent"


class GiftReturnOverError(ExpectedError):
    text_key = "error-gift-return-over"


class RefundUnsupportedError(ExpectedError):
    """A top-up whose provider sends nothing back: its money is on the balance already."""

    text_key = "error-refund-no-method"


@dataclass(frozen=True, slots=True)
class RefundAmounts:
    """What a refund moves: a sale's money to the balance, a payment from there to outside."""

    to_balance: Money
    outside: Money  # in the purchase's currency; zero where nothing leaves


@dataclass(frozen=True, slots=True)
class RefundPreview:
    purchase: Purchase
    owner: User
    amounts: RefundAmounts
    access: AccessLeft | None


async def preview_refund(
    db: Database, payment_methods: PaymentMethods, number: str
) -> RefundPreview:
    """What `refund_purchase` would do now. Raises its errors and AmbiguousPurchaseNumberError."""
    async with db.unit_of_work() as session:
        purchase = await _find_purchase(session, number)
        await _check_refundable(session, purchase)
        amounts = await _compute_amounts(session, purchase, payment_methods)
        await _check_money(session, purchase, amounts)
        owner = await session.get_one(User, purchase.user_id)
        access = await refunded_access.preview_access_left(session, purchase)
    return RefundPreview(purchase, owner, amounts, access)


async def refund_purchase(
    db: Database,
    payment_methods: PaymentMethods,
    purchase_id: UUID,
    operator_id: int,
    reason: str,
) -> Purchase:
    """What goes back through the provider is `due` while that is away.

    Raises UnknownPurchaseNumberError, PurchaseNotPaidError, AlreadyRefundedError, MoneySpentError,
    RefundUnsupportedError, GiftRedeemedError.
    """
    async with db.unit_of_work() as session:
        purchase = await _lock(session, purchase_id)
        await _check_refundable(session, purchase)
        amounts = await _compute_amounts(session, purchase, payment_methods)
        await _check_money(session, purchase, amounts)
        await _carry_out_refund(session, purchase, amounts, f"user:{operator_id}", reason)
        if amounts.outside.minor:
            purchase.payout = Payout.DUE
    PURCHASES.labels(PurchaseStatus.REFUNDED).inc()
    if purchase.payout is Payout.DUE:
        purchase.payout = await payouts.pay_out_refund(db, payment_methods, purchase.id)
    return purchase


async def return_gift(db: Database, purchase_id: UUID, user_id: int) -> None:
    """What it cost goes to the balance, also where it was paid outside; the code is void.

    Raises GiftGoneError, GiftReturnOverError, GiftRedeemedError, AlreadyRefundedError.
    """
    async with db.unit_of_work() as session:
        purchase = await _lock(session, purchase_id)
        if purchase.user_id != user_id or not purchase.is_gift:
            raise gifts.GiftGoneError
        await _check_refundable(session, purchase)
        if purchase.paid_at is None or get_return_deadline(purchase.paid_at) <= clock.now():
            raise GiftReturnOverError
        amounts = RefundAmounts(purchase.cost, Money(0, purchase.currency))
        await _carry_out_refund(session, purchase, amounts, f"user:{user_id}", "gift returned")
    PURCHASES.labels(PurchaseStatus.REFUNDED).inc()


async def record_provider_refund(
    session: AsyncSession, provider: str, payment_id: str
) -> bool | None:
    """A payment went back outside: whether that was news. Also right as the echo of our own.

    None where the payment is not in the ledger, perhaps not yet.
    """
    payment = await payouts.get_payment_entry(session, provider, payment_id)
    if payment is None or payment.purchase_id is None:
        return None
    purchase = await _lock(session, payment.purchase_id)
    outside = Money(payment.amount_minor, payment.currency)
    is_sale = (purchase.provider, purchase.payment_id) == (provider, payment_id)
    if is_sale and purchase.status is PurchaseStatus.REFUNDED:
        return await payouts.mark_payout_done(session, purchase, outside)
    if await payouts.is_paid_out(session, provider, payment_id):
        return False
    if not is_sale or purchase.status is not PurchaseStatus.PAID:
        # Paid a second time, or never sold: no more than money on the balance.
        await payouts.debit_payout(session, purchase, provider, payment_id, outside)
        return True
    to_balance = await _sum_to_return(session, purchase)
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    covered = Money(min(outside.minor, balance.minor + to_balance.minor), outside.currency)
    amounts = RefundAmounts(to_balance, covered)
    await _carry_out_refund(session, purchase, amounts, f"provider:{provider}", "refunded outside")
    purchase.payout = Payout.DONE
    missing = Money(outside.minor - covered.minor, outside.currency)
    if missing.minor:
        await _notify_missing(session, purchase, missing)
    return True


async def _carry_out_refund(
    session: AsyncSession, purchase: Purchase, amounts: RefundAmounts, actor: str, reason: str
) -> None:
    """The caller has locked the user and the purchase, and has checked that it is paid."""
    access = await refunded_access.revoke_access(session, purchase)
    if purchase.is_gift and not await gifts.void_gift(session, purchase):
        await _notify_gift_redeemed(session, purchase)
    if (await shop_settings.load_shop_settings(session)).refund_frees_code:
        await promo_codes.delete_promo_use(session, purchase)
    purchase.status, purchase.refunded_at = PurchaseStatus.REFUNDED, clock.now()
    if amounts.to_balance.minor:
        await add_ledger_entry(
            session,
            f"refund:{purchase.id}",
            purchase.user_id,
            EntryKind.REFUND,
            amounts.to_balance,
            purchase_id=purchase.id,
        )
    if amounts.outside.minor and purchase.provider and purchase.payment_id:
        await payouts.debit_payout(
            session, purchase, purchase.provider, purchase.payment_id, amounts.outside
        )
    audit.record_audit_entry(
        session,
        actor,
        "purchase_refunded",
        f"purchase:{purchase.id}",
        reason=reason,
        to_balance=str(amounts.to_balance),
        outside=str(amounts.outside),
        subscription=purchase.subscription_id,
    )
    await _notify_user(session, purchase, amounts, access)
    await referrals.revoke_referral_reward(session, purchase)


async def _compute_amounts(
    session: AsyncSession, purchase: Purchase, payment_methods: PaymentMethods
) -> RefundAmounts:
    to_balance = await _sum_to_return(session, purchase)
    provider = payment_methods.providers.get(purchase.provider or "")
    outside = Money(0, purchase.currency)
    if provider is not None and provider.payment_method.refunds and purchase.payment_id:
        payment = await payouts.get_payment_entry(session, provider.name, purchase.payment_id)
        if payment is not None:
            outside = Money(payment.amount_minor, payment.currency)
    return RefundAmounts(to_balance, outside)


async def _sum_to_return(session: AsyncSession, purchase: Purchase) -> Money:
    """What the sale took, without what a later change of plan has credited of it."""
    if purchase.kind is PurchaseKind.TOP_UP:
        return Money(0, purchase.currency)
    if purchase.extra_id is not None:  # a change of plan keeps it, and credits nothing of it
        return purchase.cost
    # Where a change of plan cut this purchase short, its own period begins.
    change = await session.scalar(
        select(Purchase).where(
            Purchase.subscription_id == purchase.subscription_id,
            Purchase.status.in_(SOLD_STATUSES),
            Purchase.is_change,
            Purchase.covers_from == purchase.covers_until,
            Purchase.currency == purchase.currency,
            Purchase.id != purchase.id,
        )
    )
    if change is None:
        return purchase.cost
    refunded = select(LedgerEntry.amount_minor).where(
        LedgerEntry.purchase_id == Purchase.id, LedgerEntry.kind == EntryKind.REFUND
    )
    rows = await session.execute(
        select(Purchase, refunded.scalar_subquery()).where(
            Purchase.subscription_id == purchase.subscription_id,
            Purchase.status.in_(SOLD_STATUSES),
            Purchase.covers_until == purchase.covers_until,
            Purchase.currency == purchase.currency,
            Purchase.extra_id.is_(None),
        )
    )
    group = [row.cost.minor - (returned or 0) for row, returned in rows]
    minor = compute_refund_minor(purchase.cost.minor, group, change.credit_minor)
    return Money(minor, purchase.currency)


async def _check_money(session: AsyncSession, purchase: Purchase, amounts: RefundAmounts) -> None:
    if purchase.kind is PurchaseKind.TOP_UP and not amounts.outside.minor:
        raise RefundUnsupportedError
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    if balance.minor + amounts.to_balance.minor < amounts.outside.minor:
        raise MoneySpentError


async def _lock(session: AsyncSession, purchase_id: UUID) -> Purchase:
    """User, subscription, purchase: in the order in which everybody else locks them."""
    purchase = await session.get(Purchase, purchase_id)
    if purchase is None:
        raise UnknownPurchaseNumberError
    await lock_user(session, purchase.user_id)
    if purchase.subscription_id is not None:
        await session.get(Subscription, purchase.subscription_id, with_for_update=True)
    await session.refresh(purchase, with_for_update=True)
    return purchase


async def _find_purchase(session: AsyncSession, number: str) -> Purchase:
    """By the first digits of its id; one that was sold before those that were not."""
    ids = parse_purchase_number(number)
    if ids is None:
        raise UnknownPurchaseNumberError
    query = select(Purchase).where(Purchase.id.between(*ids)).limit(2)
    rows = (await session.scalars(query.where(Purchase.status.in_(SOLD_STATUSES)))).all()
    rows = rows or (await session.scalars(query)).all()
    if not rows:
        raise UnknownPurchaseNumberError
    if len(rows) > 1:
        raise AmbiguousPurchaseNumberError
    return rows[0]


async def _check_refundable(session: AsyncSession, purchase: Purchase) -> None:
    if purchase.status is PurchaseStatus.REFUNDED:
        raise AlreadyRefundedError
    if purchase.status is not PurchaseStatus.PAID:
        raise PurchaseNotPaidError
    if purchase.is_gift:
        await gifts.require_waiting_gift(session, purchase)


async def _notify_user(
    session: AsyncSession, purchase: Purchase, amounts: RefundAmounts, access: AccessLeft | None
) -> None:
    """What was returned where, and what is left of the access."""
    stays = Money(
        max(amounts.to_balance.minor - amounts.outside.minor, 0), amounts.to_balance.currency
    )
    expires_at = access.expires_at if access else None
    await notify(
        session,
        Notification(
            f"refunded:{purchase.id}",
            purchase.user_id,
            "refunded",
            {
                "outside": str(purchase.charge or amounts.outside)
                if amounts.outside.minor
                else None,
                "balance": str(stays) if stays.minor else None,
                "has_ended": int(access is not None and expires_at is None),
                "expires_at": expires_at.isoformat() if expires_at else None,
            },
        ),
    )


async def _notify_gift_redeemed(session: AsyncSession, purchase: Purchase) -> None:
    """Its money left outside, and another user has its access: an operator must decide."""
    await request_attention(
        session,
        f"refund-gift:{purchase.id}",
        "operator-refund-gift",
        number=purchase.number,
        person=purchase.user_id,
        amount=str(purchase.paid),
        redemption=await gifts.get_redemption_number(session, purchase),
    )


async def _notify_missing(session: AsyncSession, purchase: Purchase, missing: Money) -> None:
    """Money left outside that was spent here before: an operator must decide."""
    await request_attention(
        session,
        f"refund-missing:{purchase.id}",
        "operator-refund-missing",
        number=purchase.number,
        person=purchase.user_id,
        amount=str(missing),
    )
