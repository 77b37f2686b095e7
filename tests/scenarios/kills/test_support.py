"""The process is killed while a question is passed on or answered, and starts again."""

import pytest

from tests.support.killing import Site, Where, answered, at_commit, before, marked
from tests.support.shop import OLGA, ChatUser, Message, text_of

SAVED = ("INSERT ON conversation_messages", "NEW.operator_id IS NULL")
ANSWERED = ("INSERT ON conversation_messages", "NEW.operator_id IS NOT NULL")
MESSAGES = """
SELECT m.id FROM conversation_messages m JOIN conversations c ON c.id = m.conversation_id
WHERE c.user_id = $1
"""
ASKING = {
    "the question is not stored": before(*SAVED),
    "the question's commit was sent": at_commit(*SAVED),
    "the operator has it": answered("/sendMessage", b"Where is my key"),
    "it is not marked": before(*marked("operator-question")),
}
ANSWERING = {
    "the answer is not stored": before(*ANSWERED),
    "the answer's commit was sent": at_commit(*ANSWERED),
}


async def open_chat(site: Site) -> ChatUser:
    olga = site.sut.world.user(OLGA)
    await olga.send("/start")
    return olga


def is_of(buyer: ChatUser, message: Message) -> bool:
    return f"({buyer.id})" in text_of(message) and "Where is my key" in text_of(message)


async def ask(buyer: ChatUser) -> None:
    await buyer.send("/support")
    await buyer.wait_for(lambda message: "Write your question" in text_of(message))
    await buyer.send("Where is my key?")


@pytest.mark.parametrize("where", ASKING.values(), ids=ASKING.keys())
async def test_a_question_survives_a_kill(site: Site, buyer: ChatUser, where: Where) -> None:
    """P2, P3: it is one message of the conversation, and the operator has it."""
    olga = await open_chat(site)
    async with where(site) as stop:
        await ask(buyer)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    await olga.wait_for(lambda message: is_of(buyer, message))
    await buyer.wait_for(lambda message: "Passed on" in text_of(message))
    assert len(await site.books.rows(MESSAGES, buyer.id)) == 1


@pytest.mark.parametrize("where", ANSWERING.values(), ids=ANSWERING.keys())
async def test_an_answer_survives_a_kill(site: Site, buyer: ChatUser, where: Where) -> None:
    """P2, P4: the user gets it once."""
    olga = await open_chat(site)
    await ask(buyer)
    question = await olga.wait_for(lambda message: is_of(buyer, message))
    async with where(site) as stop:
        await olga.send("Here it is", reply_to=question["message_id"])
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    await buyer.wait_for(lambda message: "Here it is" in text_of(message))
    assert len(await site.books.rows(MESSAGES, buyer.id)) == 2
    answers = [message for message in await buyer.messages() if "Here it is" in text_of(message)]
    assert len(answers) == 1
