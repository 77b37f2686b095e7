"""Friends who bring friends: who came by whose link, and what their payments bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.db.models import EntryKind, LedgerEntry, Purchase, Subscription, User
from app.db.unit_of_work import Database
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.referrals import (
    compute_referral_reward,
    is_referral_code,
    is_referral_rewarded,
)
from app.domain.shop_settings import ShopSettings
from app.services import audit
from app.services.access import refunded_access
from app.services.ledger import add_ledger_entry, get_balance
from app.services.notifications.notify import Notification, notify
from app.services.purchases.free_days import grant_free_days
from app.services.users import lock_user

_BINDING_LOCK: Final = 0x5EFE44A1  # an advisory lock of our own


@dataclass(frozen=True, slots=True)
class ReferralStats:
    """What a user's link has brought; `earned` holds one sum a currency."""

    came: int
    paid: int
    earned: Sequence[Money]


@dataclass(frozen=True, slots=True)
class _ReferredUser:
    id: int
    name: str
    referrer_id: int


async def bind_referrer(db: Database, user_id: int, code: str) -> bool:
    """Record who invited this user, once for ever; False where that changes nothing."""
    if not is_referral_code(code):
        return False
    async with db.unit_of_work() as session:
        referrer_id = await session.scalar(select(User.id).where(User.referral_code == code))
        if referrer_id is None:
            return False
        user = await lock_user(session, user_id)
        if user is None or not await is_new_user(session, user):
            return False
        # One after the other: two at once could close a circle that neither of them sees.
        await session.execute(select(func.pg_advisory_xact_lock(_BINDING_LOCK)))
        if await _was_referred_by(session, referrer_id, user_id):
            return False
        user.referrer_id = referrer_id
        audit.record_audit_entry(
            session, f"user:{user_id}", "referral_bound", f"user:{referrer_id}"
        )
        came = {"name": user.first_name}
        await notify(
            session, Notification(f"friend-came:{user_id}", referrer_id, "friend-came", came)
        )
    return True


async def get_referrer_name(db: Database, user_id: int) -> str | None:
    brought_by = select(User.referrer_id).where(User.id == user_id).scalar_subquery()
    async with db.read_only() as session:
        name: str | None = await session.scalar(
            select(User.first_name).where(User.id == brought_by)
        )
    return name


async def get_referral_stats(db: Database, user_id: int) -> ReferralStats:
    has_paid = exists().where(LedgerEntry.user_id == User.id, LedgerEntry.kind == EntryKind.PAYMENT)
    count = select(func.count(), func.count().filter(has_paid))
    total = func.sum(LedgerEntry.amount_minor)
    sums = select(total, LedgerEntry.currency).where(
        LedgerEntry.user_id == user_id, LedgerEntry.kind == EntryKind.REFERRAL
    )
    async with db.read_only() as session:
        came, paid = (await session.execute(count.where(User.referrer_id == user_id))).one()
        rows = await session.execute(
            sums.group_by(LedgerEntry.currency).having(total > 0).order_by(LedgerEntry.currency)
        )
        earned = [Money(int(minor), currency) for minor, currency in rows]
    return ReferralStats(came, paid, earned)


async def reward_referrer(
    session: AsyncSession,
    purchase: Purchase,
    payment_key: str,
    money: Money,
    settings: ShopSettings,
) -> None:
    """For money that has just reached the ledger under `payment_key`; the payer is locked.

    A friend is always locked before who brought them. Nobody is brought in a circle, so users who
    pay at the same time never wait for each other both ways.
    """
    friend = await _get_referred_user(session, purchase.user_id)
    if friend is None or money.minor <= 0 or not is_referral_rewarded(settings):
        return
    is_first = await _has_paid_once(session, friend.id)
    due = compute_referral_reward(settings, money, is_first=is_first)
    if not due:
        return
    await lock_user(session, friend.referrer_id)
    # Of the first payment there is one for ever, whatever else the settings become.
    key = f"referral:first:{friend.id}" if is_first else f"referral:{payment_key}"
    if due.money.minor and not await _add_reward_entry(session, key, friend, purchase, due.money):
        return
    if due.days:
        await _grant_days(session, friend, purchase, due.days, settings)
    await _notify_reward(session, friend, payment_key, due.money, due.days)


async def revoke_referral_reward(session: AsyncSession, purchase: Purchase) -> None:
    """When `purchase` is refunded: what its payments brought to the buyer's referrer.

    The caller has locked the buyer. At most what the balance holds, and the days not yet used.
    """
    friend = await _get_referred_user(session, purchase.user_id)
    if friend is None:
        return
    await lock_user(session, friend.referrer_id)
    taken = await _revoke_money(session, friend, purchase)
    has_days = await _revoke_days(session, friend, purchase)
    if not taken.minor and not has_days:
        return
    amount = str(taken) if taken.minor else None
    values = {"name": friend.name, "amount": amount, "days": int(has_days)}
    key = f"referral-taken-back:{purchase.id}"
    await notify(session, Notification(key, friend.referrer_id, "referral-taken-back", values))


async def is_new_user(session: AsyncSession, user: User) -> bool:
    """Nobody has sent them yet, and they have had nothing of the shop."""
    if user.referrer_id is not None or user.had_access_at is not None:
        return False
    has_bought = exists().where(Purchase.user_id == user.id, Purchase.paid_at.is_not(None))
    return not await session.scalar(select(has_bought))


async def _was_referred_by(session: AsyncSession, user_id: int, by_id: int) -> bool:
    """Over however many others; everybody counts as brought by themselves."""
    first = select(User.id, User.referrer_id).where(User.id == user_id)
    chain = first.cte("chain", recursive=True)
    chain = chain.union(select(User.id, User.referrer_id).where(User.id == chain.c.referrer_id))
    return bool(await session.scalar(select(exists().where(chain.c.id == by_id))))


async def _get_referred_user(session: AsyncSession, user_id: int) -> _ReferredUser | None:
    """None for who came by themselves. The caller has locked the user."""
    user = await session.get_one(User, user_id)
    if user.referrer_id is None:
        return None
    return _ReferredUser(user_id, user.first_name, user.referrer_id)


async def _has_paid_once(session: AsyncSession, user_id: int) -> bool:
    """Whether the payment that was just entered is their first one."""
    payments = (
        select(LedgerEntry.id)
        .where(LedgerEntry.user_id == user_id, LedgerEntry.kind == EntryKind.PAYMENT)
        .limit(2)
    )
    return len((await session.scalars(payments)).all()) == 1


async def _add_reward_entry(
    session: AsyncSession, key: str, friend: _ReferredUser, purchase: Purchase, money: Money
) -> bool:
    return await add_ledger_entry(
        session,
        key,
        friend.referrer_id,
        EntryKind.REFERRAL,
        money,
        purchase_id=purchase.id,
    )


async def _grant_days(
    session: AsyncSession,
    friend: _ReferredUser,
    purchase: Purchase,
    days: int,
    settings: ShopSettings,
) -> None:
    gift = await grant_free_days(session, friend.referrer_id, days, settings)
    gift.payment_id = str(purchase.id)  # what paid it: a refund finds it by that


async def _notify_reward(
    session: AsyncSession, friend: _ReferredUser, payment_key: str, money: Money, days: int
) -> None:
    amount = str(money) if money.minor else None
    audit.record_audit_entry(
        session,
        "referrals",
        "referral_rewarded",
        f"user:{friend.referrer_id}",
        friend=friend.id,
        payment=payment_key,
        amount=amount,
        days=days,
    )
    # A payment's key can be longer than a message's.
    key = f"referral-reward:{uuid5(NAMESPACE_OID, payment_key)}"
    values = {"name": friend.name, "amount": amount, "days": days}
    await notify(session, Notification(key, friend.referrer_id, "referral-reward", values))


async def _revoke_money(session: AsyncSession, friend: _ReferredUser, purchase: Purchase) -> Money:
    """What was taken: a balance never goes below zero, and what was spent is only noted."""
    total = await session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0)).where(
            LedgerEntry.purchase_id == purchase.id,
            LedgerEntry.user_id == friend.referrer_id,
            LedgerEntry.kind == EntryKind.REFERRAL,
        )
    )
    given = int(total or 0)
    balance = await get_balance(session, friend.referrer_id, purchase.currency)
    taken = Money(max(min(given, balance.minor), 0), purchase.currency)
    if given:
        audit.record_audit_entry(
            session,
            "referrals",
            "referral_taken_back",
            f"user:{friend.referrer_id}",
            friend=friend.id,
            purchase=str(purchase.id),
            taken=str(taken),
            missing=str(Money(given - taken.minor, purchase.currency)),
        )
    if taken.minor:
        back = Money(-taken.minor, purchase.currency)
        await _add_reward_entry(session, f"referral-back:{purchase.id}", friend, purchase, back)
    return taken


async def _revoke_days(session: AsyncSession, friend: _ReferredUser, purchase: Purchase) -> bool:
    gift = await session.scalar(
        select(Purchase).where(
            Purchase.user_id == friend.referrer_id,
            Purchase.kind == PurchaseKind.GIFT,
            Purchase.payment_id == str(purchase.id),
            Purchase.status == PurchaseStatus.PAID,
        )
    )
    if gift is None:
        return False
    # Locked in the order of refunds: user, subscription, purchase.
    await session.get(Subscription, gift.subscription_id, with_for_update=True)
    await session.refresh(gift, with_for_update=True)
    left = await refunded_access.revoke_access(session, gift)
    gift.status, gift.refunded_at = PurchaseStatus.REFUNDED, clock.now()
    subject = f"purchase:{gift.id}"
    audit.record_audit_entry(
        session, "referrals", "referral_days_taken_back", subject, friend=friend.id
    )
    return left is not None
