"""The operators' home costs what the day brought, not what there is."""

import asyncpg

from app.services.operations.shop_home import load_shop_home
from tests.support.plans import read_plans, record
from tests.support.stall import Stall


async def test_each_number_has_its_index(stall: Stall, sql: asyncpg.Connection) -> None:
    statements = record(stall)
    home = await load_shop_home(stall.db, "Europe/Moscow")
    assert (home.sales, home.new_users, home.needs_decision) == ([], 3, 0)
    # Few rows would be read whole in any case.
    await sql.execute("SET enable_seqscan = off")
    indexes, scanned = await read_plans(sql, statements, ())
    assert scanned == []
    assert indexes >= {
        "ix_users_created_at",
        "ix_purchases_paid_at",
        "ix_purchases_refused_payout",
        "ix_subscriptions_to_provision",
        "ix_failed_updates_created_at",
    }
    assert len(statements) == 2
