"""The transactions' rows when a watch begins, or the last one has ended.

Code that changes watches locks these rows first, in the order of their keys, as the loops do: so
that "does anybody else watch it?" has one answer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Transaction, Watch
from app.domain.chain_ports import NodeTx
from app.domain.tracking import (
    CHECK_AT_ONCE,
    ENDED_STATES,
    INCLUDED_STATES,
    ChainView,
    Tracked,
    TxState,
)
from app.services.tracking.following.evidence import TxFinding, merge_tx_details
from app.services.tracking.following.progress import (
    decide_change,
    to_tracked,
    write_tracked,
    write_tx_details,
)


async def lock_transactions(
    session: AsyncSession, hashes: Collection[str]
) -> Sequence[Transaction]:
    """Of all chains, until the end of the unit of work."""
    rows = await session.scalars(
        select(Transaction)
        .where(Transaction.tx_hash.in_(hashes))
        .order_by(Transaction.chain, Transaction.tx_hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def open_transactions(
    session: AsyncSession, views: Mapping[str, ChainView], tx_hash: str, node_tx: NodeTx | None
) -> dict[str, Transaction]:
    """Rows of these chains, locked, and due to be looked at by their loops.

    With a `node_tx` there is one chain. A row that others watch keeps its state: its loop notifies
    them of what the `node_tx` shows.
    """
    now = clock.now()
    await session.execute(
        insert(Transaction)
        .values([_unknown(key, tx_hash, now) for key in sorted(views)])
        .on_conflict_do_nothing()
    )
    rows = {
        row.chain: row for row in await lock_transactions(session, [tx_hash]) if row.chain in views
    }
    if rows.keys() != views.keys():  # retention has just removed one
        return await open_transactions(session, views, tx_hash, node_tx)
    watched = set(
        await session.scalars(
            select(Watch.chain).where(Watch.tx_hash == tx_hash, Watch.ended_at.is_(None))
        )
    )
    for key, row in rows.items():
        if row.ended_at is None and not watched.isdisjoint({key, None}):
            _note_details(row, node_tx)
        else:
            _resume_row(row, node_tx, views[key])
        row.check_at = None if row.ended_at else CHECK_AT_ONCE
    return rows


def _unknown(chain: str, tx_hash: str, now: datetime) -> dict[str, object]:
    return {
        "chain": chain,
        "tx_hash": tx_hash,
        "state": TxState.UNKNOWN,
        "first_seen_at": now,
        "changed_at": now,
        "check_at": CHECK_AT_ONCE,
    }


def _note_details(row: Transaction, node_tx: NodeTx | None) -> None:
    if node_tx is not None:
        write_tx_details(row, merge_tx_details(node_tx.details, to_tracked(row).details))


def _resume_row(row: Transaction, node_tx: NodeTx | None, view: ChainView) -> None:
    """Nobody watches it: what is seen now is written at once, and nobody is notified."""
    if row.state in {TxState.UNKNOWN, TxState.DROPPED}:
        row.first_seen_at = view.now
    write_tracked(row, resume_tracking(to_tracked(row), node_tx, view))


def resume_tracking(before: Tracked, node_tx: NodeTx | None, view: ChainView) -> Tracked:
    """As it is followed from now on, by what one node says."""
    if before.state not in ENDED_STATES:
        before = replace(before, ended_at=None, missing_since=None)
    if node_tx is None:
        is_awaited = before.state is TxState.DROPPED
        unknown = replace(before, state=TxState.UNKNOWN, ended_at=None, missing_since=None)
        return unknown if is_awaited else before
    if node_tx.inclusion is None and before.state in INCLUDED_STATES:
        # That a block lost it needs two witnesses: its loop looks.
        return replace(before, details=merge_tx_details(before.details, node_tx.details))
    return decide_change(before, TxFinding(node_tx), view, is_orphan=False).after
