"""Tracking as operators see it: each chain's state and endpoints, and the number of watches."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.metrics import WATCHES
from app.db.models import ChainState, Transaction, Watch
from app.db.unit_of_work import Database
from app.domain.chain_ports import EndpointStatus
from app.domain.chains import ChainSpec
from app.domain.tracking import TxState
from app.services.tracking.chains import Chains

_ANY_CHAIN: Final = "any"
"""Awaited on whichever chain it appears."""


@dataclass(frozen=True, slots=True)
class ChainOverview:
    """`state` None: its loop has not run yet."""

    spec: ChainSpec
    state: ChainState | None
    endpoints: list[EndpointStatus]


async def list_chain_overviews(db: Database, chains: Chains) -> list[ChainOverview]:
    """Of all that are switched on. Endpoints are as this instance has found them."""
    keys = list(chains.all)
    async with db.read_only() as session:
        rows = await session.scalars(select(ChainState).where(ChainState.chain.in_(keys)))
        states = {row.chain: row for row in rows}
    return [
        ChainOverview(chain.spec, states.get(key), chain.list_endpoints())
        for key, chain in chains.all.items()
    ]


async def measure_watches(session: AsyncSession) -> None:
    """For the metric: open ones by chain and state, in one query.

    What there is none of any more disappears.
    """
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
