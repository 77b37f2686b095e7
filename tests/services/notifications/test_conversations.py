"""A conversation with support: its state, who answered, and how long it stays."""

import asyncio
from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import AuditEntry, Conversation, ConversationMessage
from app.domain.conversations import ConversationState
from app.domain.messages import Lane
from app.services.notifications import support
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.privacy.erasure import erase_user
from app.services.privacy.export import export_user_data
from app.services.retention.cleanup import run_retention
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.locks import overlap
from tests.support.stall import ANNA, BEN, OLGA, OPERATORS, Stall

OF_ANNA = f"SELECT id FROM conversations WHERE user_id = {ANNA} FOR UPDATE"
ANNA_HERSELF = f"SELECT id FROM users WHERE id = {ANNA} FOR UPDATE"


async def talk_of(stall: Stall) -> Conversation:
    (talk,) = await stall.rows(Conversation)
    return talk


async def test_a_message_that_comes_again_is_one(stall: Stall) -> None:
    for _ in range(2):
        passed_on = await support.ask_operators(stall.db, ANNA, "Anna", 5, "How?")
        assert passed_on.unanswered == 1
    assert len(await stall.rows(ConversationMessage)) == 1


async def test_who_waits_waits_since_the_first_message_without_an_answer(stall: Stall) -> None:
    await support.ask_operators(stall.db, ANNA, "Anna", 1, "How?")
    since = (await talk_of(stall)).waiting_since
    await support.ask_operators(stall.db, ANNA, "Anna", 2, "Well?")
    talk = await talk_of(stall)
    assert (talk.state, talk.waiting_since, talk.unanswered) == (
        ConversationState.OPEN,
        since,
        2,
    )
    await support.answer_user(stall.db, OLGA, ANNA, 3, "So.")
    talk = await talk_of(stall)
    assert (talk.state, talk.waiting_since, talk.unanswered, talk.answered_by) == (
        ConversationState.ANSWERED,
        None,
        0,
        OLGA,
    )


async def test_two_operators_who_answer_at_once_are_both_heard(
    stall: Stall, database_url: str
) -> None:
    await support.ask_operators(stall.db, ANNA, "Anna", 1, "How?")
    results = await overlap(
        database_url,
        OF_ANNA,
        support.answer_user(stall.db, OLGA, ANNA, 2, "So."),
        support.answer_user(stall.db, BEN, ANNA, 2, "Or so."),
    )
    assert results == [None, None]
    assert [row.values["text"] for row in await stall.notifications(ANNA)] == ["So.", "Or so."]
    assert (await talk_of(stall)).answered_by == BEN
    assert [entry.actor for entry in await stall.rows(AuditEntry)] == [
        "user:1003",
        "user:1002",
    ]


async def test_an_erasure_at_the_same_moment_leaves_nothing(
    stall: Stall, database_url: str
) -> None:
    await support.ask_operators(stall.db, ANNA, "Anna", 1, "How?")
    answered, erased = await overlap(
        database_url,
        ANNA_HERSELF,
        support.answer_user(stall.db, OLGA, ANNA, 2, "So."),
        erase_user(stall.db, ANNA, b"a"),
    )
    assert (answered, erased) == (None, True)
    assert await stall.rows(Conversation) == []
    assert await stall.rows(ConversationMessage) == []
    assert await stall.notifications(ANNA) == []
    with pytest.raises(support.AskingUserGoneError):
        await support.answer_user(stall.db, OLGA, ANNA, 3, "So.")


async def test_a_copy_that_may_have_arrived_is_sent_again(stall: Stall, skip: Skip) -> None:
    """P3: the process ends between the copy and its record; an operator has it twice or once."""
    sender, claims = RecordingSender(), FakeClaims()
    ports = DeliveryPorts(sender, PlainRenderer(), claims, OPERATORS)
    await support.ask_operators(stall.db, ANNA, "Anna", 5, "", "photo")

    async def die() -> None:
        sender.sent.append((OLGA, "first"))
        raise asyncio.CancelledError

    sender.on_call = die
    with pytest.raises(asyncio.CancelledError):
        await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    sender.on_call = _nothing
    skip(timedelta(seconds=91))
    await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    assert [chat_id for chat_id, _ in sender.sent] == [OLGA, OLGA]


async def _nothing() -> None: ...


async def test_messages_leave_after_a_quarter_and_what_is_open_stays(stall: Stall) -> None:
    old = clock.now() - timedelta(days=90)
    await support.ask_operators(stall.db, ANNA, "Anna", 1, "How?")
    await support.ask_operators(stall.db, BEN, "Ben", 2, "How?")
    await support.close_conversation(stall.db, BEN)
    for row in await stall.rows(ConversationMessage):
        await stall.change(row, created_at=old)
    for talk in await stall.rows(Conversation):
        await stall.change(talk, last_message_at=old)

    removed = (await run_retention(stall.db)).removed

    assert (removed["conversation_messages"], removed["conversations"]) == (2, 1)
    assert [talk.user_id for talk in await stall.rows(Conversation)] == [ANNA]


async def test_the_user_s_copy_holds_what_was_said_and_no_operator(stall: Stall) -> None:
    await support.ask_operators(stall.db, ANNA, "Anna", 1, "How come?")
    await support.answer_user(stall.db, OLGA, ANNA, 2, "That is why.")
    copy = (await export_user_data(stall.db, ANNA)).decode()
    assert "How come?" in copy
    assert "That is why." in copy
    assert str(OLGA) not in copy


async def test_an_answered_one_closes_by_itself_and_another_stays(stall: Stall, skip: Skip) -> None:
    for user in (ANNA, BEN):
        await support.ask_operators(stall.db, user, "Name", 1, "How?")
    await support.answer_user(stall.db, OLGA, ANNA, 2, "So.")
    notified = len(await stall.notifications(ANNA))
    after = timedelta(hours=72)
    skip(after - timedelta(minutes=1))
    assert await support.close_answered_conversations(stall.db, after) == 0
    skip(timedelta(minutes=1))
    assert await support.close_answered_conversations(stall.db, timedelta()) == 0
    assert await support.close_answered_conversations(stall.db, after) == 1
    assert await support.close_answered_conversations(stall.db, after) == 0
    talks = {talk.user_id: talk.state for talk in await stall.rows(Conversation)}
    assert talks == {ANNA: ConversationState.CLOSED, BEN: ConversationState.OPEN}
    assert len(await stall.notifications(ANNA)) == notified
