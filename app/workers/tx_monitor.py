"""Follows each chain, one loop for each: a chain that is down holds up no other."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog

from app.core.metrics import CHAIN_PASS_SECONDS
from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.domain.chains import ChainSpec
from app.domain.ports import UnavailableError
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains
from app.services.tracking.following import chain_cursor, follow, poll
from app.workers.base import Counts, Worker

log = structlog.get_logger()

_Pass = Callable[[ShopSettings], Awaitable[Counts]]


def create_tx_monitors(
    db: Database, chains: Chains, shop: ShopSettingsCache, interval: timedelta | None
) -> list[Worker]:
    """Without an interval, each chain at its own pace."""
    passes: list[tuple[ChainSpec, _Pass]] = []
    for evm in chains.evm.values():
        follower = follow.Follower(db, evm)
        passes.append((evm.spec, partial(follow.follow_chain, follower)))
    for polled in chains.polled.values():
        poller = poll.Poller(db, polled)
        passes.append((polled.spec, partial(poll.poll_chain, poller)))
    return [
        Worker(
            WorkerName.TX_MONITOR.for_chain(spec.key),
            interval or spec.poll,
            _guarded(db, spec, shop, run),
        )
        for spec, run in passes
    ]


def _guarded(
    db: Database, spec: ChainSpec, shop: ShopSettingsCache, run: _Pass
) -> Callable[[], Awaitable[Counts]]:
    """A chain that does not answer is no failure of ours: it is noted for the cards."""

    async def iterate() -> Counts:
        started, outcome = time.monotonic(), "ok"
        try:
            return await run(await shop.settings())
        except UnavailableError as error:
            outcome = "unavailable"
            log.warning("chain_unavailable", chain=spec.key, reason=str(error))
            async with db.unit_of_work() as session:
                await chain_cursor.record_chain_failure(session, spec)
            return {"unavailable": 1}
        finally:
            CHAIN_PASS_SECONDS.labels(spec.key, outcome).observe(time.monotonic() - started)

    return iterate
