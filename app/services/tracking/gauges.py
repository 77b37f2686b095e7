"""Measures what is watched now, for the operators' graphs."""

from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.metrics import WATCHES
from app.db.models import Transaction, Watch
from app.domain.tracking import TxState

_ANY_CHAIN: Final = "any"
"""Awaited on whichever chain it appears."""


async def measure_watches(session: AsyncSession) -> None:
    """Open ones by chain and state, in one query; what there is none of any more disappears."""
    rows = await session.execute(
        select(Watch.chain, Transaction.state, func.count())
        .outerjoin(
            Transaction,
            and_(Transaction.chain == Watch.chain, Transaction.tx_hash == Watch.tx_hash),
        )
        .where(Watch.ended_at.is_(None))
        .group_by(Watch.chain, Transaction.state)
    )
    found = rows.all()
    WATCHES.clear()
    for chain, state, count in found:
        WATCHES.labels(chain or _ANY_CHAIN, state or TxState.UNKNOWN).inc(count)
