"""The operators' home costs what the day brought, not what there is."""

import asyncpg

from app.domain.operator_roles import OperatorRole
from app.services.operations.shop_home import load_shop_home
from tests.support.plans import read_plans, record
from tests.support.stall import Stall


async def test_each_number_has_its_index(stall: Stall, sql: asyncpg.Connection) -> None:
    statements = record(stall)
    home = await load_shop_home(stall.db, "Europe/Moscow", OperatorRole.OWNER)
    assert (home.today.sales, home.today.new_users, home.open_items) == ([], 3, {})
    # Few rows would be read whole in any case.
    await sql.execute("SET enable_seqscan = off")
    indexes, scanned = await read_plans(sql, statements, ())
    assert scanned == []
    assert indexes >= {
        "ix_users_created_at_id",
        "ix_purchases_paid_at_id",
        "ix_attention_items_open",
        "ix_conversations_open",
    }
    assert len(statements) == 4
