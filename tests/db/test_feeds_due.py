"""A look for what groups are notified of costs what has happened since the last one."""

import asyncpg

from app.domain.feeds import FeedKind
from app.services.operations.feeds import SETTLING, notify_feeds, send_feed_to
from tests.conftest import Skip
from tests.support.plans import read_plans, record
from tests.support.stall import ANNA, OLGA, Stall


async def test_each_kind_is_found_by_its_time(
    stall: Stall, sql: asyncpg.Connection, skip: Skip
) -> None:
    for kind in FeedKind:
        await send_feed_to(stall.db, OLGA, kind, -5, None)
    await stall.buy_and_pay(ANNA)
    skip(SETTLING * 2)
    statements = record(stall)
    assert await notify_feeds(stall.db) == {"notified": 1}
    selects = [
        one for one in statements if one[0].startswith("SELECT") and "pg_notify" not in one[0]
    ]
    # Whether there are feeds at all, and which; sums and the newest sales; trials; new users.
    assert len(selects) == 6
    await sql.execute("SET enable_seqscan = off")
    indexes, scanned = await read_plans(sql, selects, {"feeds"})
    assert scanned == []
    assert indexes >= {"ix_purchases_paid_at_id", "ix_users_created_at_id"}
