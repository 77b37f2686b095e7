"""Writes what became of transactions, and the notifications of it: one unit of work (P3, P11).

Every function here is a step of the loops' unit of work.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

import structlog
from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.metrics import MILESTONES
from app.core.worker_names import WorkerName
from app.db.any_of import any_of
from app.db.models import Transaction, Watch
from app.db.unit_of_work import wake_after_commit
from app.domain.chain_ports import Inclusion, NonceUse, TxDetails
from app.domain.tracking import (
    ChainView,
    ReachedMilestone,
    Tracked,
    TrackedChange,
    TxState,
    apply_absence,
    apply_inclusion,
    apply_pending,
    apply_reorg,
    await_receipt,
)
from app.services.notifications.notify import notify
from app.services.tracking.following.evidence import TxFinding, merge_tx_details
from app.services.tracking.following.milestone_notifications import (
    to_milestone_notifications,
)

log = structlog.get_logger()

_UNDECIDED: Final = timedelta(seconds=15)


async def apply_findings(
    session: AsyncSession,
    hashes: Collection[str],
    findings: Mapping[str, TxFinding],
    orphaned: Collection[str],
    view: ChainView,
) -> int:
    """How many milestones there were. Those without a finding are asked about again soon."""
    if not hashes:
        return 0
    rows = await session.scalars(
        select(Transaction)
        .where(Transaction.chain == view.spec.key, any_of(Transaction.tx_hash, hashes))
        .order_by(Transaction.tx_hash)
        .with_for_update()
    )
    changes = []
    for row in rows:
        before = to_tracked(row)
        change = decide_change(
            before, findings.get(row.tx_hash), view, is_orphan=row.tx_hash in orphaned
        )
        write_tracked(row, change.after)
        if change.reached or change.after.state is not before.state:
            changes.append((before, change))
    await session.flush()
    await _notify_watchers(session, changes, view)
    return sum(len(change.reached) for _, change in changes)


def decide_change(
    before: Tracked, finding: TxFinding | None, view: ChainView, *, is_orphan: bool
) -> TrackedChange:
    node_tx = finding.node_tx if finding else None
    if is_orphan and (node_tx is None or node_tx.inclusion is None):
        return apply_reorg(before, view)
    if finding is None:
        return TrackedChange(replace(before, check_at=view.now + _UNDECIDED))
    if finding.listed_in is not None:
        return await_receipt(before, finding.listed_in, view)
    if node_tx is None:
        known = replace(before, nonce_use=finding.nonce_use or before.nonce_use)
        return apply_absence(known, view, finding.next_nonce)
    details = merge_tx_details(before.details, node_tx.details)
    if node_tx.inclusion is None:
        return apply_pending(before, details, view)
    return apply_inclusion(replace(before, details=details), node_tx.inclusion, view)


async def _notify_watchers(
    session: AsyncSession, changes: Sequence[tuple[Tracked, TrackedChange]], view: ChainView
) -> None:
    if not changes:
        return
    key, now = view.spec.key, view.now
    appeared = [before.tx_hash for before, _ in changes if before.state is TxState.UNKNOWN]
    if appeared:
        await _attach_to_chain(session, key, appeared)
    by_hash = {before.tx_hash: change for before, change in changes}
    watches = list(
        await session.scalars(
            select(Watch).where(
                Watch.chain == key, any_of(Watch.tx_hash, by_hash), Watch.stopped_at.is_(None)
            )
        )
    )
    for watch in watches:
        after = by_hash[watch.tx_hash].after
        watch.card_due_at = None if watch.card_lost else now
        watch.ended_at = after.ended_at
    if watches or appeared:
        wake_after_commit(session, WorkerName.WATCH_CARDS)
    await notify(
        session,
        *(
            notification
            for watch in watches
            for notification in to_milestone_notifications(watch, by_hash[watch.tx_hash], view)
        ),
    )
    for change in by_hash.values():
        for reached in change.reached:
            _count(key, change.after.tx_hash, reached)


def _count(chain: str, tx_hash: str, reached: ReachedMilestone) -> None:
    MILESTONES.labels(chain, reached.milestone).inc()
    log.info("milestone", chain=chain, tx=tx_hash, milestone=reached.milestone.value)


async def _attach_to_chain(session: AsyncSession, chain: str, hashes: Sequence[str]) -> None:
    """Awaited ones have appeared here: the other chains need not look for them any longer."""
    other = aliased(Watch)
    taken = exists().where(
        other.chat_id == Watch.chat_id, other.tx_hash == Watch.tx_hash, other.chain == chain
    )
    await session.execute(
        update(Watch)
        .where(
            Watch.chain.is_(None),
            any_of(Watch.tx_hash, hashes),
            Watch.ended_at.is_(None),
            ~taken,
        )
        .values(chain=chain, awaited_until=None)
        .execution_options(synchronize_session=False)
    )
    # Each chat that is left has another card that shows it.
    now = clock.now()
    await session.execute(
        update(Watch)
        .where(Watch.chain.is_(None), any_of(Watch.tx_hash, hashes), Watch.ended_at.is_(None))
        .values(ended_at=now, stopped_at=now, card_due_at=now)
        .execution_options(synchronize_session=False)
    )
    await end_unwatched(session, hashes)


async def end_unwatched(session: AsyncSession, hashes: Sequence[str]) -> None:
    """Transactions that nobody watches any more are not asked about."""
    wanted = exists().where(
        Watch.tx_hash == Transaction.tx_hash,
        or_(Watch.chain == Transaction.chain, Watch.chain.is_(None)),
        Watch.stopped_at.is_(None),
        Watch.ended_at.is_(None),
    )
    # Another chain's loop may hold its row and want ours: it comes to it by itself.
    free = (
        select(Transaction.chain, Transaction.tx_hash)
        .where(
            and_(any_of(Transaction.tx_hash, hashes), Transaction.ended_at.is_(None), ~wanted),
        )
        .with_for_update(skip_locked=True)
        .cte("forsaken")
    )
    await session.execute(
        update(Transaction)
        .where(Transaction.chain == free.c.chain, Transaction.tx_hash == free.c.tx_hash)
        .values(ended_at=clock.now(), check_at=None)
        .execution_options(synchronize_session=False)
    )


def to_tracked(row: Transaction) -> Tracked:
    inclusion = None
    if row.block_hash is not None:
        inclusion = Inclusion(
            block_hash=row.block_hash,
            succeeded=row.succeeded,
            block_number=row.block_number,
            gas_used=row.gas_used,
            fee=_to_int(row.fee),
            confirmations=row.confirmations,
            reason=row.reason,
        )
    return Tracked(
        chain=row.chain,
        tx_hash=row.tx_hash,
        state=row.state,
        first_seen_at=row.first_seen_at,
        inclusion=inclusion,
        details=TxDetails(
            sender=row.sender,
            nonce=row.nonce,
            recipient=row.recipient,
            value=_to_int(row.value),
            gas_limit=row.gas_limit,
            max_fee_per_gas=_to_int(row.max_fee_per_gas),
            action=row.action,
            expires_at=row.expires_at,
        ),
        missing_since=row.missing_since,
        nonce_use=_to_nonce_use(row),
        check_at=row.check_at,
        ended_at=row.ended_at,
        listed_in=row.block_number if inclusion is None else None,
    )


def _to_nonce_use(row: Transaction) -> NonceUse | None:
    is_known = row.nonce_authorized or row.replaced_by is not None
    return NonceUse(row.replaced_by) if is_known else None


def write_tracked(row: Transaction, after: Tracked) -> None:
    if row.state is not after.state:
        row.changed_at = clock.now()
    write_tx_details(row, after.details)
    inclusion = after.inclusion
    row.state = after.state
    row.block_number = inclusion.block_number if inclusion else after.listed_in
    row.block_hash = inclusion.block_hash if inclusion else None
    row.succeeded = inclusion.succeeded if inclusion else None
    row.confirmations = inclusion.confirmations if inclusion else None
    row.gas_used = inclusion.gas_used if inclusion else None
    row.fee = _to_decimal(inclusion.fee) if inclusion else None
    row.reason = inclusion.reason[:256] if inclusion and inclusion.reason else None
    row.missing_since = after.missing_since
    row.replaced_by = after.replaced_by
    row.nonce_authorized = after.is_nonce_authorized
    row.check_at = after.check_at
    row.ended_at = after.ended_at


def write_tx_details(row: Transaction, details: TxDetails) -> None:
    row.sender = details.sender
    row.nonce = details.nonce
    row.recipient = details.recipient
    row.value = _to_decimal(details.value)
    row.gas_limit = details.gas_limit
    row.max_fee_per_gas = _to_decimal(details.max_fee_per_gas)
    row.action = details.action[:64] if details.action else None
    row.expires_at = details.expires_at


def _to_int(value: Decimal | None) -> int | None:
    return None if value is None else int(value)


def _to_decimal(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
