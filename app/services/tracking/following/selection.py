"""Which transactions a pass asks its chain about: one query for all reasons."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Select, and_, literal_column, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.db.any_of import any_of
from app.db.models import Transaction
from app.domain.tracking import CHECK_AT_ONCE, ChainView, TxState

MAX_ASKED: Final = 500
"""Of a kind in one pass; what remains comes in the next one, which follows at once."""
MAX_DUE: Final = 40
"""Of the slow sweep: one batch a pass, however many wait. Blocks tell what is mined anyway."""
_REVIVABLE: Final = (TxState.REPLACED, TxState.DROPPED)


class _Reason(StrEnum):
    MATCHED = "matched"
    LOST = "lost"
    URGENT = "urgent"
    DUE = "due"
    CROSSING = "crossing"


@dataclass(frozen=True, slots=True)
class Selection:
    """`lost`: those whose blocks have lost their place. `more` are left for the next pass."""

    rows: Sequence[Transaction]
    lost: frozenset[str]
    more: bool


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


async def select_transactions(
    session: AsyncSession, view: ChainView, hashes: Collection[str], fork: int | None
) -> Selection:
    """`hashes` are those of new blocks; blocks above `fork` have lost their place."""
    branches = [
        _select_urgent(view.spec.key),
        _select_due(view),
        _select_crossing(view),
        *([_select_matched(view.spec.key, hashes)] if hashes else []),
        *([_select_above(view.spec.key, fork)] if fork is not None else []),
    ]
    # A branch for each reason, so that each reads its own part of an index and stops. Nothing is
    # joined: a table that PostgreSQL still takes for small would have them read once for each row.
    asked = union_all(*branches).subquery()
    asked_row = aliased(Transaction, asked)
    rows = (await session.execute(select(asked_row, asked.c.asked_for))).all()
    by_reason = Counter(reason for _, reason in rows)
    return Selection(
        rows=list({row.tx_hash: row for row, _ in rows}.values()),
        lost=frozenset(row.tx_hash for row, reason in rows if reason == _Reason.LOST),
        more=MAX_ASKED in (by_reason[_Reason.URGENT], by_reason[_Reason.CROSSING]),
    )


_Branch = Select[Transaction, str]


def _select(chain: str, reason: _Reason) -> _Branch:
    return select(Transaction, literal_column(f"'{reason}'").label("asked_for")).where(
        Transaction.chain == chain
    )


def _select_matched(chain: str, hashes: Collection[str]) -> _Branch:
    wanted = or_(Transaction.ended_at.is_(None), Transaction.state.in_(_REVIVABLE))
    return _select(chain, _Reason.MATCHED).where(any_of(Transaction.tx_hash, hashes), wanted)


def _select_above(chain: str, fork: int) -> _Branch:
    is_above = and_(Transaction.block_number > fork, Transaction.ended_at.is_(None))
    return _select(chain, _Reason.LOST).where(is_above)


def _select_urgent(chain: str) -> _Branch:
    is_urgent = Transaction.check_at <= CHECK_AT_ONCE
    return _select(chain, _Reason.URGENT).where(is_urgent).limit(MAX_ASKED)


def _select_due(view: ChainView) -> _Branch:
    check_at = Transaction.check_at
    return (
        _select(view.spec.key, _Reason.DUE)
        .where(check_at > CHECK_AT_ONCE, check_at <= view.now)
        .order_by(check_at)
        .limit(MAX_DUE)
    )


def _select_crossing(view: ChainView) -> _Branch:
    """What the head's progress makes confirmed, safe or final, if its receipt agrees."""
    number = Transaction.block_number
    of_each_state = union_all(
        *(
            _select(view.spec.key, _Reason.CROSSING)
            .where(Transaction.state == state, number <= below, Transaction.ended_at.is_(None))
            .order_by(number)
            .limit(MAX_ASKED)
            for state, below in _thresholds(view).items()
        )
    ).subquery()
    return select(of_each_state).limit(MAX_ASKED)


def _thresholds(view: ChainView) -> dict[TxState, int]:
    """For each state, the block up to which there may be news."""
    spec, head = view.spec, view.head or 0
    final = min(view.final_number, head - view.least + 1)
    safe = max(final, view.safe) if spec.has_safe_tag and view.safe is not None else final
    confirmed = max(safe, head - spec.count + 1) if spec.count else safe
    return {TxState.MINED: confirmed, TxState.CONFIRMED: safe, TxState.SAFE: final}
