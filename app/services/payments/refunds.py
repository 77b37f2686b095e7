"""A purchase taken back: its money, its access and what must be told, in one transaction."""

from collections.abc import Sequence
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
from app.domain.payments import SOLD, Payout, PurchaseKind, PurchaseStatus
from app.domain.refunds import ids_of, sum_to_return
from app.services import audit, shop_settings
from app.services.access import refunded_access
from app.services.access.refunded_access import AccessLeft
from app.services.ledger import enter, get_balance
from app.services.notifications.notify import Notice, tell, tell_operators
from app.services.payments import payouts
from app.services.payments.methods import PaymentWays
from app.services.promotions import referrals
from app.services.purchases import promo_codes
from app.services.users import lock_person


class UnknownNumberError(ExpectedError):
    text_key = "error-refund-unknown"


class AmbiguousNumberError(ExpectedError):
    text_key = "error-refund-ambiguous"


class NotPaidError(ExpectedError):
    text_key = "error-refund-not-paid"


class AlreadyRefundedError(ExpectedError):
    text_key = "error-refund-done-before"


class MoneySpentError(ExpectedError):
    """What would leave by the way it came is not on the balance any more."""

    text_key = "error-refund-spent"


class NoWayBackError(ExpectedError):
    """A top-up whose provider sends nothing back: its money is on the balance already."""

    text_key = "error-refund-no-way"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a refund moves: a sale's money to the balance, a payment from there to outside."""

    to_balance: Money
    outside: Money  # in the purchase's currency; zero where nothing leaves


@dataclass(frozen=True, slots=True)
class RefundPreview:
    purchase: Purchase
    owner: User
    bill: Bill
    access: AccessLeft | None


async def preview(db: Database, ways: PaymentWays, number: str) -> RefundPreview:
    """What `refund` would do now. Raises its errors and AmbiguousNumberError."""
    async with db.unit_of_work() as session:
        purchase = await _find(session, number)
        _check_paid(purchase)
        bill = await _reckon(session, purchase, ways)
        await _check_money(session, purchase, bill)
        owner = await session.get_one(User, purchase.user_id)
        access = await refunded_access.foresee(session, purchase)
    return RefundPreview(purchase, owner, bill, access)


async def refund(
    db: Database,
    ways: PaymentWays,
    operators: Sequence[int],
    purchase_id: UUID,
    operator_id: int,
    reason: str,
) -> Purchase:
    """Taken back; what goes back by the way it came is `due` while its provider is away.

    Raises UnknownNumberError, NotPaidError, AlreadyRefundedError, MoneySpentError, NoWayBackError.
    """
    async with db.unit_of_work() as session:
        purchase = await _lock(session, purchase_id)
        _check_paid(purchase)
        bill = await _reckon(session, purchase, ways)
        await _check_money(session, purchase, bill)
        await _take_back(session, purchase, bill, f"user:{operator_id}", reason)
        if bill.outside.minor:
            purchase.payout = Payout.DUE
    PURCHASES.labels(PurchaseStatus.REFUNDED).inc()
    if purchase.payout is Payout.DUE:
        purchase.payout = await payouts.pay_out(db, ways, operators, purchase.id)
    return purchase


async def note_refunded(
    session: AsyncSession, provider: str, payment_id: str, operators: Sequence[int]
) -> bool | None:
    """A payment went back outside: whether that was news. Also right as the echo of our own.

    None where the payment is not in the ledger, perhaps not yet.
    """
    payment = await payouts.get_payment(session, provider, payment_id)
    if payment is None or payment.purchase_id is None:
        return None
    purchase = await _lock(session, payment.purchase_id)
    outside = Money(payment.amount_minor, payment.currency)
    is_sale = (purchase.provider, purchase.payment_id) == (provider, payment_id)
    if is_sale and purchase.status is PurchaseStatus.REFUNDED:
        return await payouts.note_done(session, purchase, outside)
    if await payouts.is_out(session, provider, payment_id):
        return False
    if not is_sale or purchase.status is not PurchaseStatus.PAID:
        # Paid a second time, or never sold: no more than money on the balance.
        await payouts.take_out(session, purchase, provider, payment_id, outside)
        return True
    to_balance = await _sum_to_return(session, purchase)
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    covered = Money(min(outside.minor, balance.minor + to_balance.minor), outside.currency)
    bill = Bill(to_balance, covered)
    await _take_back(session, purchase, bill, f"provider:{provider}", "refunded outside")
    purchase.payout = Payout.DONE
    missing = Money(outside.minor - covered.minor, outside.currency)
    if missing.minor:
        await _tell_missing(session, operators, purchase, missing)
    return True


async def _take_back(
    session: AsyncSession, purchase: Purchase, bill: Bill, actor: str, reason: str
) -> None:
    """The caller has locked the person and the purchase, and has checked that it is paid."""
    access = await refunded_access.take_back(session, purchase)
    if (await shop_settings.load(session)).refund_frees_code:
        await promo_codes.drop_use(session, purchase)
    purchase.status, purchase.refunded_at = PurchaseStatus.REFUNDED, clock.now()
    if bill.to_balance.minor:
        await enter(
            session,
            f"refund:{purchase.id}",
            purchase.user_id,
            EntryKind.REFUND,
            bill.to_balance,
            purchase_id=purchase.id,
        )
    if bill.outside.minor and purchase.provider and purchase.payment_id:
        await payouts.take_out(
            session, purchase, purchase.provider, purchase.payment_id, bill.outside
        )
    audit.record(
        session,
        actor,
        "purchase_refunded",
        f"purchase:{purchase.id}",
        reason=reason,
        to_balance=str(bill.to_balance),
        outside=str(bill.outside),
        subscription=purchase.subscription_id,
    )
    await _tell_person(session, purchase, bill, access)
    await referrals.take_back(session, purchase)


async def _reckon(session: AsyncSession, purchase: Purchase, ways: PaymentWays) -> Bill:
    to_balance = await _sum_to_return(session, purchase)
    provider = ways.providers.get(purchase.provider or "")
    outside = Money(0, purchase.currency)
    if provider is not None and provider.way.refunds and purchase.payment_id:
        payment = await payouts.get_payment(session, provider.name, purchase.payment_id)
        if payment is not None:
            outside = Money(payment.amount_minor, payment.currency)
    return Bill(to_balance, outside)


async def _sum_to_return(session: AsyncSession, purchase: Purchase) -> Money:
    """What the sale took, without what a later change of plan has credited of it."""
    if purchase.kind is PurchaseKind.TOP_UP:
        return Money(0, purchase.currency)
    # Where a change of plan cut this purchase short, its own period begins.
    change = await session.scalar(
        select(Purchase).where(
            Purchase.subscription_id == purchase.subscription_id,
            Purchase.status.in_(SOLD),
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
            Purchase.status.in_(SOLD),
            Purchase.covers_until == purchase.covers_until,
            Purchase.currency == purchase.currency,
        )
    )
    group = [row.cost.minor - (returned or 0) for row, returned in rows]
    minor = sum_to_return(purchase.cost.minor, group, change.credit_minor)
    return Money(minor, purchase.currency)


async def _check_money(session: AsyncSession, purchase: Purchase, bill: Bill) -> None:
    if purchase.kind is PurchaseKind.TOP_UP and not bill.outside.minor:
        raise NoWayBackError
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    if balance.minor + bill.to_balance.minor < bill.outside.minor:
        raise MoneySpentError


async def _lock(session: AsyncSession, purchase_id: UUID) -> Purchase:
    """Person, subscription, purchase: in the order in which everybody else locks them."""
    purchase = await session.get(Purchase, purchase_id)
    if purchase is None:
        raise UnknownNumberError
    await lock_person(session, purchase.user_id)
    if purchase.subscription_id is not None:
        await session.get(Subscription, purchase.subscription_id, with_for_update=True)
    await session.refresh(purchase, with_for_update=True)
    return purchase


async def _find(session: AsyncSession, number: str) -> Purchase:
    """By the first digits of its id; one that was sold before those that were not."""
    ids = ids_of(number)
    if ids is None:
        raise UnknownNumberError
    query = select(Purchase).where(Purchase.id.between(*ids)).limit(2)
    rows = (await session.scalars(query.where(Purchase.status.in_(SOLD)))).all()
    rows = rows or (await session.scalars(query)).all()
    if not rows:
        raise UnknownNumberError
    if len(rows) > 1:
        raise AmbiguousNumberError
    return rows[0]


def _check_paid(purchase: Purchase) -> None:
    if purchase.status is PurchaseStatus.REFUNDED:
        raise AlreadyRefundedError
    if purchase.status is not PurchaseStatus.PAID:
        raise NotPaidError


async def _tell_person(
    session: AsyncSession, purchase: Purchase, bill: Bill, access: AccessLeft | None
) -> None:
    """What was returned where, and what is left of the access."""
    stays = Money(max(bill.to_balance.minor - bill.outside.minor, 0), bill.to_balance.currency)
    expires_at = access.expires_at if access else None
    await tell(
        session,
        Notice(
            f"refunded:{purchase.id}",
            purchase.user_id,
            "refunded",
            {
                "outside": str(purchase.charge or bill.outside) if bill.outside.minor else None,
                "balance": str(stays) if stays.minor else None,
                "has_ended": int(access is not None and expires_at is None),
                "expires_at": expires_at.isoformat() if expires_at else None,
            },
        ),
    )


async def _tell_missing(
    session: AsyncSession, operators: Sequence[int], purchase: Purchase, missing: Money
) -> None:
    """Money left outside that was spent here before: a person must decide."""
    await tell_operators(
        session,
        operators,
        f"refund-missing:{purchase.id}",
        "operator-refund-missing",
        number=purchase.number,
        person=purchase.user_id,
        amount=str(missing),
    )
