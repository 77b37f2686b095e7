"""One round of following a chain; each has a worker, so that one that is down holds up no other."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from app.core.metrics import CHAIN_PASS_SECONDS
from app.core.round_counts import Counts
from app.db.unit_of_work import Database
from app.domain.chains import ChainSpec
from app.domain.ports import UnavailableError
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains
from app.services.tracking.following import chain_cursor, follow, poll
from app.workers.loop import Round

log = structlog.get_logger()

_Pass = Callable[[ShopSettings], Awaitable[Counts]]


def create_chain_rounds(
    db: Database, chains: Chains, shop: ShopSettingsCache
) -> list[tuple[ChainSpec, Round]]:
    passes: list[tuple[ChainSpec, _Pass]] = []
    for followed in chains.followed.values():
        follower = follow.Follower(db, followed)
        passes.append((followed.spec, partial(follow.follow_chain, follower)))
    for polled in chains.polled.values():
        poller = poll.Poller(db, polled)
        passes.append((polled.spec, partial(poll.poll_chain, poller)))
    return [(spec, _guarded(db, spec, shop, run)) for spec, run in passes]


def _guarded(db: Database, spec: ChainSpec, shop: ShopSettingsCache, run: _Pass) -> Round:
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
