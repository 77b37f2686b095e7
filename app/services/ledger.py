"""Money as entries that are only ever added; a balance is their sum (P9)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.core.worker_names import WorkerName
from app.db.models import EntryKind, LedgerEntry, Subscription
from app.db.unit_of_work import wake_after_commit


async def add_ledger_entry(
    session: AsyncSession,
    key: str,
    user_id: int,
    kind: EntryKind,
    amount: Money,
    *,
    purchase_id: UUID | None = None,
    reason: str | None = None,
) -> bool:
    """Whether the entry is new: `key` is what makes it happen once (P2). The user is locked.

    What else waits to be written does not matter to it, and is not written first.
    """
    entry = (
        insert(LedgerEntry)
        .values(
            key=key,
            user_id=user_id,
            purchase_id=purchase_id,
            kind=kind,
            amount_minor=amount.minor,
            currency=amount.currency,
            reason=reason,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(LedgerEntry.id)
        .cte("entry")
    )
    # A renewal may have waited for the money.
    waiting = (
        update(Subscription)
        .where(
            Subscription.user_id == user_id,
            Subscription.renewal_waits_until.is_not(None),
            exists(select(entry)),
            literal(amount.minor) > 0,
        )
        .values(renewal_waits_until=None)
        .returning(Subscription.id)
        .cte("waiting")
    )
    enter = select(exists(select(entry)), exists(select(waiting)))
    entered = await session.execute(enter, execution_options={"autoflush": False})
    is_new, is_awaited = entered.one()
    if is_awaited:
        wake_after_commit(session, WorkerName.AUTO_RENEWAL)
    return bool(is_new)


async def get_ledger_entry(session: AsyncSession, key: str) -> LedgerEntry | None:
    entry: LedgerEntry | None = await session.scalar(
        select(LedgerEntry).where(LedgerEntry.key == key)
    )
    return entry


async def get_balance(session: AsyncSession, user_id: int, currency: str) -> Money:
    """Lock the user first where something is decided by it."""
    total = await session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0)).where(
            LedgerEntry.user_id == user_id, LedgerEntry.currency == currency
        )
    )
    return Money(int(total or 0), currency)


async def list_balances(session: AsyncSession, user_id: int, currency: str) -> list[Money]:
    """The one in `currency` first, then those in others that are not zero."""
    total = func.sum(LedgerEntry.amount_minor)
    rows = await session.execute(
        select(LedgerEntry.currency, total)
        .where(LedgerEntry.user_id == user_id)
        .group_by(LedgerEntry.currency)
        .having(total != 0)
        .order_by(LedgerEntry.currency)
    )
    found = {name: Money(int(minor), name) for name, minor in rows}
    return [found.pop(currency, Money(0, currency)), *found.values()]


async def list_ledger_entries(
    session: AsyncSession, user_id: int, *, limit: int, offset: int = 0
) -> Sequence[LedgerEntry]:
    """The newest first, without those that moved no money, such as a trial's sale."""
    return (
        await session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.user_id == user_id, LedgerEntry.amount_minor != 0)
            .order_by(LedgerEntry.id.desc())
            .limit(limit)
            .offset(offset)
        )
    ).all()
