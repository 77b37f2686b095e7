"""Which transactions a pass asks its chain about: all steps, one query each."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import and_, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.any_of import any_of
from app.db.models import Transaction
from app.domain.tracking import CHECK_AT_ONCE, ChainView, TxState

MAX_ASKED: Final = 500
"""Of a kind in one pass; what remains comes in the next one, which follows at once."""
MAX_DUE: Final = 40
"""Of the slow sweep: one batch a pass, however many wait. Blocks tell what is mined anyway."""
_REVIVABLE: Final = (TxState.REPLACED, TxState.DROPPED)


async def recheck_all_transactions(session: AsyncSession, view: ChainView) -> None:
    """Nothing is known of the blocks between: each is asked about, by receipt."""
    await session.execute(
        update(Transaction)
        .where(
            Transaction.chain == view.spec.key,
            Transaction.ended_at.is_(None),
            or_(Transaction.check_at.is_(None), Transaction.check_at > CHECK_AT_ONCE),
        )
        .values(check_at=CHECK_AT_ONCE)
        .execution_options(synchronize_session=False)
    )


async def list_matched_transactions(
    session: AsyncSession, chain: str, hashes: Collection[str]
) -> Sequence[Transaction]:
    if not hashes:
        return ()
    wanted = or_(Transaction.ended_at.is_(None), Transaction.state.in_(_REVIVABLE))
    is_hit = any_of(Transaction.tx_hash, hashes)
    return (
        await session.scalars(select(Transaction).where(Transaction.chain == chain, is_hit, wanted))
    ).all()


async def list_transactions_above(
    session: AsyncSession, chain: str, fork: int
) -> Sequence[Transaction]:
    """Those whose blocks have lost their place."""
    return (
        await session.scalars(
            select(Transaction).where(
                Transaction.chain == chain,
                Transaction.block_number > fork,
                Transaction.ended_at.is_(None),
            )
        )
    ).all()


async def list_urgent_transactions(session: AsyncSession, chain: str) -> Sequence[Transaction]:
    return (
        await session.scalars(
            select(Transaction)
            .where(Transaction.chain == chain, Transaction.check_at <= CHECK_AT_ONCE)
            .limit(MAX_ASKED)
        )
    ).all()


async def list_due_transactions(session: AsyncSession, view: ChainView) -> Sequence[Transaction]:
    return (
        await session.scalars(
            select(Transaction)
            .where(
                Transaction.chain == view.spec.key,
                Transaction.check_at > CHECK_AT_ONCE,
                Transaction.check_at <= view.now,
            )
            .order_by(Transaction.check_at)
            .limit(MAX_DUE)
        )
    ).all()


async def list_crossing_transactions(
    session: AsyncSession, view: ChainView
) -> Sequence[Transaction]:
    """What the head's progress makes confirmed, safe or final, if its receipt agrees."""
    number = Transaction.block_number
    of_each_state = [
        select(Transaction.chain, Transaction.tx_hash)
        .where(
            Transaction.chain == view.spec.key,
            Transaction.state == state,
            number <= below,
            Transaction.ended_at.is_(None),
        )
        .order_by(number)
        .limit(MAX_ASKED)
        for state, below in _thresholds(view).items()
    ]
    # A branch for each state, so that each reads its own part of the index and stops.
    due = union_all(*of_each_state).cte("due")
    is_due = and_(Transaction.chain == due.c.chain, Transaction.tx_hash == due.c.tx_hash)
    return (await session.scalars(select(Transaction).join(due, is_due).limit(MAX_ASKED))).all()


def _thresholds(view: ChainView) -> dict[TxState, int]:
    """For each state, the block up to which there may be news."""
    spec, head = view.spec, view.head or 0
    final = min(view.final_number, head - view.least + 1)
    safe = max(final, view.safe) if spec.has_safe_tag and view.safe is not None else final
    confirmed = max(safe, head - spec.count + 1) if spec.count else safe
    return {TxState.MINED: confirmed, TxState.CONFIRMED: safe, TxState.SAFE: final}
