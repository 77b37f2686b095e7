"""The list of what needs attention costs what is open, not what there ever was."""

import asyncpg

from app.domain.operator_roles import OperatorRole
from app.services.access.activation import retry_all_activations
from app.services.notifications.attention import request_attention, settle_by_itself
from app.services.operations.attention import list_attention_items, settle_attention_item
from tests.db.test_models_due import SMALL, fill
from tests.support.plans import read_plans, record
from tests.support.stall import OLGA, Stall

SETTLED = """
INSERT INTO attention_items (key, template, values, user_id, opened_at, settled_at, settlement)
SELECT 'old:' || n, 'operator-payment-short', '{}', n, now(), now(), 'refunded'
FROM generate_series(1, $1::int) n
"""


async def test_every_query_of_an_items_life_has_its_index(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    await fill(sql, 20_000)
    await sql.execute(SETTLED, 20_000)
    await sql.execute("ANALYZE")
    statements = record(stall)
    for number in range(2):
        async with stall.db.unit_of_work() as session:
            await request_attention(
                session, f"removal:{number}", "operator-unsent", message="paid", person=1
            )
    listed = await list_attention_items(stall.db, OperatorRole.OWNER, 0)
    item = listed.items[0]
    await settle_attention_item(stall.db, OLGA, OperatorRole.OWNER, item.id, "seen")
    async with stall.db.unit_of_work() as session:
        await settle_by_itself(session, "removal:1")
    await retry_all_activations(stall.db, OLGA)

    indexes, scanned = await read_plans(sql, statements, SMALL)

    assert scanned == []
    assert indexes >= {"ix_attention_items_open", "ix_outbox_item"}
