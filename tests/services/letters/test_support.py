"""Letters between a person and the operator."""

import pytest

from app.domain.messages import Doubt, Lane
from app.services.letters.outbox import Post, deliver_due
from app.services.letters.support import LONGEST, NoOperatorLetterError, answer, ask
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, BEN, OLGA, OPERATORS, Stall


async def test_a_question_reaches_every_operator_once(stall: Stall) -> None:
    for _ in range(2):
        await ask(stall.db, (OLGA, BEN), ANNA, "Anna", 5, "How?")

    for operator in (OLGA, BEN):
        (letter,) = await stall.letters(operator)
        assert (letter.template, letter.doubt) == ("operator-question", Doubt.SEND_AGAIN)
        assert letter.values == {"person": ANNA, "name": "Anna", "text": "How?"}


async def test_two_questions_are_two_letters_and_a_long_one_is_cut(stall: Stall) -> None:
    """P12: input is bounded."""
    await ask(stall.db, OPERATORS, ANNA, "Anna", 5, "How?")
    await ask(stall.db, OPERATORS, ANNA, "Anna", 6, "x" * 10_000)

    _, long = await stall.letters(OLGA)
    assert long.values["text"] == "x" * LONGEST


async def test_an_answer_reaches_whoever_asked(stall: Stall) -> None:
    sender = RecordingSender()
    await ask(stall.db, OPERATORS, BEN, "Ben", 4, "Why?")
    await ask(stall.db, OPERATORS, ANNA, "Anna", 5, "How?")
    post = Post(sender, PlainRenderer(), FakeClaims(), OPERATORS)
    for _ in range(2):
        await deliver_due(stall.db, post, Lane.NOTICE)
    *_, question = await stall.letters(OLGA)
    assert question.message_id is not None

    for _ in range(2):  # an update that comes again is answered once
        await answer(stall.db, OLGA, question.message_id, 77, "So.")

    (letter,) = await stall.letters(ANNA)
    assert (letter.template, letter.values) == ("support-answer", {"text": "So."})
    assert await stall.told(BEN) == []


async def test_a_reply_to_anything_else_is_no_answer(stall: Stall) -> None:
    """P9: nor may somebody who is no operator answer another's question."""
    await ask(stall.db, OPERATORS, ANNA, "Anna", 5, "How?")
    (question,) = await stall.letters(OLGA)
    await stall.change(question, message_id=10)

    for operator, message_id in ((OLGA, 11), (BEN, 10)):
        with pytest.raises(NoOperatorLetterError):
            await answer(stall.db, operator, message_id, 77, "So.")
    assert await stall.told(ANNA) == []
