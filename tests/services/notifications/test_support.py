"""Questions of users to the operators, and the answers."""

import pytest

from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.ports import UndecidedError
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.notifications.support import (
    MAX_QUESTION_LENGTH,
    NotAQuestionError,
    answer_user,
    ask_operators,
    find_asking_user,
)
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, BEN, OLGA, OPERATORS, Stall


async def reply(stall: Stall, question_message_id: int) -> None:
    user_id = await find_asking_user(stall.db, OLGA, question_message_id)
    await answer_user(stall.db, OLGA, user_id, 77, "So.")


async def test_a_question_reaches_every_operator_once(stall: Stall) -> None:
    stall.operators = (OLGA, BEN)
    for _ in range(2):
        await ask_operators(stall.db, ANNA, "Anna", 5, "How?")

    for operator in (OLGA, BEN):
        (notification,) = await stall.notifications(operator)
        assert (notification.template, notification.guarantee) == (
            "operator-question",
            DeliveryGuarantee.AT_LEAST_ONCE,
        )
        assert notification.values == {"person": ANNA, "name": "Anna", "text": "How?"}


async def test_two_questions_are_two_notifications_and_a_long_one_is_cut(stall: Stall) -> None:
    """P12: input is bounded."""
    await ask_operators(stall.db, ANNA, "Anna", 5, "How?")
    await ask_operators(stall.db, ANNA, "Anna", 6, "x" * 10_000)

    _, long = await stall.notifications(OLGA)
    assert long.values["text"] == "x" * MAX_QUESTION_LENGTH


async def test_an_answer_reaches_the_user_who_asked(stall: Stall) -> None:
    sender = RecordingSender()
    await ask_operators(stall.db, BEN, "Ben", 4, "Why?")
    await ask_operators(stall.db, ANNA, "Anna", 5, "How?")
    ports = DeliveryPorts(sender, PlainRenderer(), FakeClaims(), OPERATORS)
    for _ in range(2):
        await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    *_, question = await stall.notifications(OLGA)
    assert question.message_id is not None

    for _ in range(2):  # an update that comes again is answered once
        await reply(stall, question.message_id)

    (notification,) = await stall.notifications(ANNA)
    assert (notification.template, notification.values) == (
        "support-answer",
        {"text": "So.", "by": OLGA},
    )
    assert await stall.notified(BEN) == []


async def test_a_reply_to_anything_else_is_no_answer(stall: Stall) -> None:
    """P9: nor may somebody who is no operator answer another's question."""
    await ask_operators(stall.db, ANNA, "Anna", 5, "How?")
    (question,) = await stall.notifications(OLGA)
    await stall.change(question, message_id=10)

    for operator, message_id in ((OLGA, 11), (BEN, 10)):
        with pytest.raises(NotAQuestionError):
            await find_asking_user(stall.db, operator, message_id)
    assert await stall.notified(ANNA) == []


async def test_what_one_user_asks_in_a_row_is_one_message_with_one_answer(stall: Stall) -> None:
    """P12: a crowd of questions is read by one operator."""
    sender = RecordingSender()
    for message_id in range(1, 6):
        await ask_operators(stall.db, ANNA, "Anna", message_id, f"Question {message_id}?")
        await ask_operators(stall.db, BEN, "Ben", 10 + message_id, f"From Ben, {message_id}?")
    ports = DeliveryPorts(sender, PlainRenderer(), FakeClaims(), OPERATORS)
    while (await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["more"]:
        pass

    sent = [
        notification
        for notification in await stall.notifications(OLGA)
        if notification.message_id is not None
    ]
    assert [
        (notification.values["person"], notification.values["text"]) for notification in sent
    ] == [
        (ANNA, "Question 1?\n\nQuestion 2?\n\nQuestion 3?\n\nQuestion 4?\n\nQuestion 5?"),
        (BEN, "\n\n".join(f"From Ben, {number}?" for number in range(1, 6))),
    ]
    assert len(sender.sent) == 2
    assert sent[1].message_id is not None
    await reply(stall, sent[1].message_id)
    assert await stall.notified(BEN) == ["support-answer"]


async def test_what_does_not_fit_into_one_message_comes_in_another(stall: Stall) -> None:
    for message_id in range(1, 4):
        await ask_operators(stall.db, ANNA, "Anna", message_id, str(message_id) * 1400)
    ports = DeliveryPorts(RecordingSender(), PlainRenderer(), FakeClaims(), OPERATORS)
    while (await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["more"]:
        pass

    sent = [
        notification
        for notification in await stall.notifications(OLGA)
        if notification.message_id is not None
    ]
    assert [len(notification.values["text"]) for notification in sent] == [2802, 1400]


async def test_a_question_that_may_have_arrived_takes_no_other_with_it(stall: Stall) -> None:
    """P4: what is sent again must be what was sent, or a question is lost with it."""
    sender = RecordingSender()
    sender.failures = {OLGA: [UndecidedError("no answer")]}
    ports = DeliveryPorts(sender, PlainRenderer(), FakeClaims(), OPERATORS)
    await ask_operators(stall.db, ANNA, "Anna", 1, "First?")
    await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    await ask_operators(stall.db, ANNA, "Anna", 2, "Second?")
    (first, _) = await stall.notifications(OLGA)
    await stall.change(first, due_at=first.created_at)
    while (await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["more"]:
        pass

    texts = [
        notification.values["text"]
        for notification in await stall.notifications(OLGA)
        if notification.message_id
    ]
    assert texts == ["First?", "Second?"]
