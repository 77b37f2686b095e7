"""One pass of a chain without blocks for us (Cellframe): it is asked about what is due."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Transaction
from app.db.unit_of_work import Database
from app.domain.chain_ports import PolledChain
from app.domain.shop import ShopSettings
from app.domain.watching import Tracked, View
from app.services.tracking.following import positions, progress
from app.services.tracking.following.evidence import Doubts, look

BATCH: Final = 10
# Longer than a node may take for all of them, two at a time.
LEASE: Final = timedelta(seconds=75)


@dataclass(frozen=True, slots=True)
class Poller:
    """What a chain's loop needs; one for a process and chain."""

    db: Database
    chain: PolledChain
    doubts: Doubts = field(default_factory=Doubts)


async def poll(poller: Poller, shop: ShopSettings) -> dict[str, int]:
    """Raises UnavailableError."""
    db, spec = poller.db, poller.chain.spec
    async with db.unit_of_work() as session:
        tracked = await _claim(session, spec.key)
    if not tracked:
        return {}
    reader = await poller.chain.pin()
    findings = await look(reader, tracked, (), poller.doubts)
    least = shop.least_confirmations.get(spec.key, 0)
    view = View(spec, clock.now(), least=least, is_ready=reader.is_ready)
    async with db.unit_of_work() as session:
        hashes = {one.tx_hash for one in tracked}
        told = await progress.apply(session, hashes, findings, (), view)
        note = positions.note_answer if view.is_ready else positions.note_failure
        await note(session, spec)
    return {"asked": len(tracked), "told": told, "more": int(len(tracked) == BATCH)}


async def _claim(session: AsyncSession, chain: str) -> Sequence[Tracked]:
    """What is due is put off for as long as asking may take: another loop takes others."""
    now = clock.now()
    due = (
        select(Transaction.chain, Transaction.tx_hash)
        .where(Transaction.chain == chain, Transaction.check_at <= now)
        .order_by(Transaction.check_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    rows = await session.scalars(
        update(Transaction)
        .where(Transaction.chain == due.c.chain, Transaction.tx_hash == due.c.tx_hash)
        .values(check_at=now + LEASE)
        .returning(Transaction)
    )
    return [progress.to_tracked(row) for row in rows]
