"""One pass of a chain without blocks for us (Cellframe): it is asked about what is due."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.round_counts import MORE_DUE
from app.db.claims import lock_due
from app.db.models import Transaction
from app.db.unit_of_work import Database
from app.domain.chain_ports import PolledChain
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import ChainView, Tracked
from app.services.tracking.following import chain_cursor, progress
from app.services.tracking.following.evidence import UnconfirmedClaims, get_findings

_BATCH: Final = 10
# Longer than a node may take for all of them, two at a time.
_LEASE: Final = timedelta(seconds=75)


@dataclass(frozen=True, slots=True)
class Poller:
    """What a chain's loop needs; one for a process and chain."""

    db: Database
    chain: PolledChain
    unconfirmed: UnconfirmedClaims = field(default_factory=UnconfirmedClaims)


async def poll_chain(poller: Poller, shop: ShopSettings) -> dict[str, int]:
    """Raises UnavailableError."""
    db, spec = poller.db, poller.chain.spec
    async with db.unit_of_work() as session:
        tracked = await _claim(session, spec.key)
    if not tracked:
        return {}
    reader = await poller.chain.pin()
    findings = await get_findings(reader, tracked, (), poller.unconfirmed)
    least = shop.least_confirmations.get(spec.key, 0)
    view = ChainView(spec, clock.now(), least=least, is_ready=reader.is_ready)
    async with db.unit_of_work() as session:
        hashes = {one.tx_hash for one in tracked}
        notified = await progress.apply_findings(session, hashes, findings, (), view)
        note = (
            chain_cursor.record_chain_answer if view.is_ready else chain_cursor.record_chain_failure
        )
        await note(session, spec)
    return {"asked": len(tracked), "notified": notified, MORE_DUE: int(len(tracked) == _BATCH)}


async def _claim(session: AsyncSession, chain: str) -> Sequence[Tracked]:
    """What is due is put off for as long as asking may take: another loop takes others."""
    now = clock.now()
    waiting = (
        select(Transaction.chain, Transaction.tx_hash)
        .where(Transaction.chain == chain, Transaction.check_at <= now)
        .order_by(Transaction.check_at)
    )
    due = lock_due(waiting, _BATCH)
    rows = await session.scalars(
        update(Transaction)
        .where(Transaction.chain == due.c.chain, Transaction.tx_hash == due.c.tx_hash)
        .values(check_at=now + _LEASE)
        .returning(Transaction)
    )
    return [progress.to_tracked(row) for row in rows]
