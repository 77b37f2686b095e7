"""How each chain stands, as its loop last wrote it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import ChainState
from app.domain.chains import ChainSpec
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import ChainView
from app.services.tracking.chains import Chains

ChainSpecs = Mapping[str, ChainSpec]


@dataclass(frozen=True, slots=True)
class KnownChainState:
    view: ChainView
    failing_since: datetime | None  # no endpoint of it has answered since


def get_chain_specs(chains: Chains) -> dict[str, ChainSpec]:
    return {key: chain.spec for key, chain in chains.all.items()}


async def load_chain_states(
    session: AsyncSession, specs: Iterable[ChainSpec], shop: ShopSettings
) -> dict[str, KnownChainState]:
    """One for each of the chains, also for those whose loop has not run yet."""
    by_key = {spec.key: spec for spec in specs}
    rows = await session.scalars(select(ChainState).where(ChainState.chain.in_(by_key)))
    states = {row.chain: row for row in rows}
    return {key: _to_known_state(spec, states.get(key), shop) for key, spec in by_key.items()}


def _to_known_state(
    spec: ChainSpec, state: ChainState | None, shop: ShopSettings
) -> KnownChainState:
    view = ChainView(
        spec,
        clock.now(),
        head=state.head_number if state else None,
        safe=state.safe_number if state else None,
        final=state.final_number if state else None,
        least=shop.least_confirmations.get(spec.key, 0),
    )
    return KnownChainState(view, state.failing_since if state else None)
