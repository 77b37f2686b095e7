"""The chains as operators see them: how far each is followed, and by which endpoints."""

from dataclasses import dataclass

from sqlalchemy import select

from app.db.models import ChainState
from app.db.unit_of_work import Database
from app.domain.chain_ports import EndpointStatus
from app.domain.chains import ChainSpec
from app.services.tracking.chains import Chains


@dataclass(frozen=True, slots=True)
class ChainOverview:
    """`state` None: its loop has not run yet."""

    spec: ChainSpec
    state: ChainState | None
    endpoints: list[EndpointStatus]


async def list_chain_overviews(db: Database, chains: Chains) -> list[ChainOverview]:
    """Of all that are switched on. Endpoints are as this instance has found them."""
    keys = list(chains.all)
    async with db.unit_of_work() as session:
        rows = await session.scalars(select(ChainState).where(ChainState.chain.in_(keys)))
        states = {row.chain: row for row in rows}
    return [
        ChainOverview(chain.spec, states.get(key), chain.list_endpoints())
        for key, chain in chains.all.items()
    ]
