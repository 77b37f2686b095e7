"""Questions cost what waits for an answer, not what was ever asked."""

from datetime import timedelta

import asyncpg

from app.core import clock
from app.services.notifications import support
from app.services.operations.questions import list_questions, load_question
from app.services.retention.conversations import (
    delete_conversation_messages,
    delete_conversations,
)
from tests.db.test_models_due import SMALL, fill
from tests.support.plans import read_plans, record
from tests.support.stall import ANNA, OLGA, Stall

MESSAGES = """
INSERT INTO conversation_messages (conversation_id, chat_id, message_id, kind, text, created_at)
SELECT id, user_id, 1, 'text', '?', $1 FROM conversations
"""
CLOSED = "UPDATE conversations SET state = 'closed' WHERE id % 2 = 0"


async def test_every_query_of_a_conversations_life_has_its_index(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    await fill(sql, 20_000)
    await sql.execute(MESSAGES, clock.now() + timedelta(days=1))
    await sql.execute(CLOSED)
    await sql.execute("ANALYZE")
    statements = record(stall)
    await support.ask_operators(stall.db, ANNA, "Anna", 1, "?")
    await support.keep_note(stall.db, ANNA, 2)
    assert (await list_questions(stall.db, 0)).count == 1
    await load_question(stall.db, ANNA)
    await support.answer_user(stall.db, OLGA, ANNA, 3, "!")
    await support.close_answered_conversations(stall.db, timedelta(hours=72))
    await support.close_conversation(stall.db, ANNA, OLGA)
    async with stall.db.unit_of_work() as session:
        await delete_conversation_messages(session)
        await delete_conversations(session)

    indexes, scanned = await read_plans(sql, statements, SMALL)

    assert scanned == []
    assert indexes >= {
        "ix_conversations_open",
        "ix_conversations_answered",
        "ix_conversations_closed",
        "ix_conversation_messages_conversation",
        "ix_conversation_messages_created_at",
    }
