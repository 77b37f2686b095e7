"""What a round of broadcasts costs: its batch, however many recipients there are."""

import asyncpg

from app.bot.renderer import ScreenRenderer
from app.domain.broadcasts import BroadcastContent
from app.services.operations.broadcasts.drafts import create_draft
from app.services.operations.broadcasts.progress import ProgressDisplay
from app.services.operations.broadcasts.sending import BroadcastPorts
from app.services.operations.broadcasts.steering import start_broadcast
from app.services.operations.broadcasts.working import run_broadcasts
from tests.support.fakes import FakeClaims, FakeCopier, RecordingSender
from tests.support.many_users import add_users
from tests.support.plans import count_rows_read, read_plans, record
from tests.support.stall import OLGA, Stall

BATCH = 25
SMALL = {"leadership_term", "broadcasts", "group_chats"}  # of some hundred rows
# Done ones of before.
OLD = """
INSERT INTO broadcasts (operator_id, source_message_id, content, buttons, segment_kind, state,
    created_at, starts_at, ended_at, total, sent)
SELECT 1003, 1, 'text', '[]', 'all', 'done', $1, $1, $1, 0, 0 FROM generate_series(1, 500)
"""
OLD_RECIPIENTS = """
INSERT INTO broadcast_recipients (broadcast_id, user_id, state, due_at, attempts)
SELECT b.id, u.id, 'sent', $1, 1 FROM broadcasts b, users u WHERE b.id <= 3
"""


async def test_a_batch_reads_the_batch_by_indexes(stall: Stall, sql: asyncpg.Connection) -> None:
    """P10: or the rate would sink with the number of users."""
    await add_users(stall.db, 20_000)
    now = await sql.fetchval("SELECT now()")
    await sql.execute(OLD, now)
    await sql.execute(OLD_RECIPIENTS, now)
    ports = BroadcastPorts(FakeCopier(), RecordingSender(), ScreenRenderer(), FakeClaims(), (OLGA,))
    display = ProgressDisplay()
    broadcast_id = await create_draft(stall.db, OLGA, 1, BroadcastContent.TEXT)
    await start_broadcast(stall.db, OLGA, broadcast_id, at=None, message_id=1)
    await run_broadcasts(stall.db, ports, display)
    await sql.execute("ANALYZE")
    statements = record(stall)
    assert (await run_broadcasts(stall.db, ports, display))["ended"] == BATCH

    indexes, scanned = await read_plans(sql, statements, SMALL)

    assert scanned == []
    assert indexes >= {"ix_broadcast_recipients_waiting", "ix_broadcasts_wakes_at"}
    claim = next(one for one in statements if "skip locked" in one[0].lower())
    assert await count_rows_read(sql, claim) < 8 * BATCH
    # The look, the claim, its users, what is shown, and two for each that ends.
    assert len(statements) <= 6 + 2 * BATCH
