"""A page of the audit reads as many entries as it shows, however many a user has."""

import asyncpg

from app.services.operations.audit_log import get_audit_log
from tests.support.plans import count_rows_read, read_plans, record
from tests.support.stall import ANNA, Stall

MANY = """
INSERT INTO audit (actor, action, subject, details, created_at)
SELECT CASE WHEN n % 2 = 0 THEN 'user:1001' ELSE 'user:' || n END, 'x',
    CASE WHEN n % 3 = 0 THEN 'user:1001' ELSE 'purchase:' || n END, '{}', now()
FROM generate_series(1, 20000) n
"""


async def test_each_page_reads_what_it_shows(stall: Stall, sql: asyncpg.Connection) -> None:
    await sql.execute(MANY)
    await sql.execute("ANALYZE audit")
    statements = record(stall)
    for user_id, before in ((None, None), (None, 5_000), (ANNA, None), (ANNA, 5_000), (7, None)):
        await get_audit_log(stall.db, user_id, before)
    indexes, scanned = await read_plans(sql, statements, ())
    assert scanned == []
    assert indexes >= {"pk_audit"}
    assert max([await count_rows_read(sql, one) for one in statements]) <= 100
