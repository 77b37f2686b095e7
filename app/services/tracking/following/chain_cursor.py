"""Where each chain's loop stands: read before a pass, moved on in the unit of work that ends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, case, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Address, ChainBlock, ChainState, Transaction
from app.domain.chain_ports import Block
from app.domain.chains import ChainKind, ChainSpec
from app.domain.tracking import ChainView, TxState

_MAX_RECENT_BLOCKS: Final = 4096
"""Though finality may stall for longer."""
_NOT_FINAL: Final = (TxState.MINED, TxState.CONFIRMED, TxState.SAFE)


class TransferKind(StrEnum):
    """By the column that says up to which block its incoming transfers have been read.

    A position each: a node that refuses one query does not hold up the other.
    """

    TOKENS = "logs_number"
    COINS = "coins_number"


@dataclass(frozen=True, slots=True)
class ChainCursor:
    revision: int
    recent_blocks: Mapping[int, str]  # empty: the chain has not been followed yet
    safe: int | None
    final: int | None
    transfers: Mapping[TransferKind, int | None]
    is_awaited: bool  # a transaction above what was final waits to be
    is_watched: bool = True  # a transaction that has not ended
    is_notified: bool = True  # somebody, of what comes in

    @property
    def head(self) -> int | None:
        return max(self.recent_blocks, default=None)


async def read_cursor(session: AsyncSession, spec: ChainSpec) -> ChainCursor:
    chain = spec.key
    is_watched = exists().where(Transaction.chain == chain, Transaction.ended_at.is_(None))
    found = await session.execute(
        select(
            ChainState,
            _is_finality_awaited(chain),
            is_watched,
            _is_anybody_notified(spec.kind),
        ).where(ChainState.chain == chain)
    )
    row = found.one_or_none()
    if row is None:
        no_transfers = dict.fromkeys(TransferKind)
        return ChainCursor(0, {}, None, None, no_transfers, is_awaited=False)
    state = row[0]
    recent_blocks = await session.execute(
        select(ChainBlock.number, ChainBlock.hash).where(ChainBlock.chain == chain)
    )
    return ChainCursor(
        revision=state.revision,
        recent_blocks=dict(recent_blocks.all()),
        safe=state.safe_number,
        final=state.final_number,
        transfers=get_transfer_cursors(state),
        is_awaited=row[1],
        is_watched=row[2],
        is_notified=row[3],
    )


def get_transfer_cursors(state: ChainState) -> dict[TransferKind, int | None]:
    return {kind: getattr(state, kind.value) for kind in TransferKind}


def _is_finality_awaited(chain: str) -> ColumnElement[bool]:
    return exists().where(
        Transaction.chain == chain,
        Transaction.state.in_(_NOT_FINAL),
        Transaction.block_number > func.coalesce(ChainState.final_number, 0),
        Transaction.ended_at.is_(None),
    )


def _is_anybody_notified(kind: ChainKind) -> ColumnElement[bool]:
    return exists().where(Address.notify_incoming, Address.kind == kind)


async def count_open_transactions(session: AsyncSession, chain: str, limit: int) -> int:
    """Of the transactions that are watched, at most `limit`: more need not be counted."""
    some = (
        select(Transaction.tx_hash)
        .where(Transaction.chain == chain, Transaction.ended_at.is_(None))
        .limit(limit)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def claim_cursor(session: AsyncSession, chain: str, cursor: ChainCursor) -> bool:
    """Locks the chain's row until the end; False when another loop was here meanwhile."""
    if cursor.revision == 0:  # the first pass of all
        await session.execute(insert(ChainState).values(chain=chain).on_conflict_do_nothing())
    found = await session.scalar(
        select(ChainState.revision)
        .where(ChainState.chain == chain, ChainState.revision == cursor.revision)
        .with_for_update()
    )
    return found is not None


async def move_cursor(
    session: AsyncSession, view: ChainView, blocks: Sequence[Block], fork: int | None
) -> None:
    """Recent blocks above `fork` are dropped; None: they begin anew with these blocks."""
    chain = view.spec.key
    if blocks:
        await _write_recent_blocks(session, view, blocks, fork)
    values: dict[str, object] = {
        "revision": ChainState.revision + 1,
        "safe_number": view.safe,
        "final_number": view.final,
        "seen_at": view.now,
        # For a user who waits, a node that still synchronises is no answer.
        "failing_since": None
        if view.is_ready
        else func.coalesce(ChainState.failing_since, view.now),
    }
    if blocks:
        last = blocks[-1]
        values |= {"head_number": last.number, "head_hash": last.hash, "head_at": last.at}
    for kind in TransferKind:
        position: ColumnElement[int | None] = getattr(ChainState, kind.value).expression
        if blocks and fork is not None:
            # Transfers in blocks that lost their place are read again.
            position = func.least(position, fork)
        # What comes in is no news while nobody waits for it.
        values[kind.value] = case((_is_anybody_notified(view.spec.kind), position), else_=view.head)
    await session.execute(
        update(ChainState)
        .where(ChainState.chain == chain)
        .values(values)
        .execution_options(synchronize_session=False)
    )


async def _write_recent_blocks(
    session: AsyncSession, view: ChainView, blocks: Sequence[Block], fork: int | None
) -> None:
    chain, head = view.spec.key, blocks[-1].number
    recent_blocks = delete(ChainBlock).where(ChainBlock.chain == chain)
    if fork is None:
        await session.execute(recent_blocks)
    else:
        lowest = max(head - _MAX_RECENT_BLOCKS, min(view.final_number, head))
        await session.execute(
            recent_blocks.where(or_(ChainBlock.number > fork, ChainBlock.number < lowest))
        )
    rows = [{"chain": chain, "number": block.number, "hash": block.hash} for block in blocks]
    await session.execute(insert(ChainBlock).values(rows))


async def record_chain_answer(session: AsyncSession, spec: ChainSpec) -> None:
    """Of a chain without blocks for us."""
    await session.execute(
        insert(ChainState)
        .values(chain=spec.key, seen_at=clock.now())
        .on_conflict_do_update(
            index_elements=[ChainState.chain],
            set_={"seen_at": clock.now(), "failing_since": None},
        )
    )


async def record_chain_failure(session: AsyncSession, spec: ChainSpec) -> None:
    now = clock.now()
    await session.execute(
        insert(ChainState)
        .values(chain=spec.key, failing_since=now)
        .on_conflict_do_update(
            index_elements=[ChainState.chain],
            set_={"failing_since": func.coalesce(ChainState.failing_since, now)},
        )
    )
