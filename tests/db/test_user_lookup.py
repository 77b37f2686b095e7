"""Whatever an operator types, no table is read whole to find a user."""

import asyncpg

from app.domain.user_lookup import parse_user_query
from app.services.operations.user_lookup import find_user, find_users_by_name
from tests.support.plans import read_plans, record
from tests.support.stall import Stall


async def test_each_lookup_key_has_its_index(stall: Stall, sql: asyncpg.Connection) -> None:
    statements = record(stall)
    for typed in ("@anna", "12345678", "u1001_5", f"0x{'ab' * 32}"):
        query = parse_user_query(typed)
        assert query is not None
        assert await find_user(stall.db, query) is None
    assert await find_users_by_name(stall.db, "nobody") == []
    # Few rows would be read whole in any case.
    await sql.execute("SET enable_seqscan = off")
    indexes, scanned = await read_plans(sql, statements, ())
    assert scanned == []
    assert indexes >= {
        "ix_users_username",
        "pk_users",
        "pk_purchases",
        "ix_purchases_invoice_id",
        "ix_purchases_payment_id",
        "pk_subscriptions",
        "ix_subscriptions_panel_name",
        "ix_watches_tx_hash",
        "ix_users_first_name",
    }
    assert len(statements) == 5
