"""How each chain stands, as its loop last wrote it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import ChainState
from app.domain.chains import ChainSpec
from app.domain.shop import ShopSettings
from app.domain.watching import View
from app.services.tracking.chains import Chains

Specs = Mapping[str, ChainSpec]


@dataclass(frozen=True, slots=True)
class Standing:
    view: View
    failing_since: datetime | None  # no endpoint of it has answered since


def specs_of(chains: Chains) -> dict[str, ChainSpec]:
    return {key: chain.spec for key, chain in chains.all.items()}


async def load_standings(
    session: AsyncSession, specs: Iterable[ChainSpec], shop: ShopSettings
) -> dict[str, Standing]:
    """One for each of the chains, also for those whose loop has not run yet."""
    by_key = {spec.key: spec for spec in specs}
    rows = await session.scalars(select(ChainState).where(ChainState.chain.in_(by_key)))
    states = {row.chain: row for row in rows}
    return {key: _stand(spec, states.get(key), shop) for key, spec in by_key.items()}


def _stand(spec: ChainSpec, state: ChainState | None, shop: ShopSettings) -> Standing:
    view = View(
        spec,
        clock.now(),
        head=state.head_number if state else None,
        safe=state.safe_number if state else None,
        final=state.final_number if state else None,
        least=shop.least_confirmations.get(spec.key, 0),
    )
    return Standing(view, state.failing_since if state else None)
