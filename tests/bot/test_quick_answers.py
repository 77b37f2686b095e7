"""Quick answers: kept by owners and managers, sent by a tap under a question."""

from sqlalchemy import select

from app.db.models import AuditEntry
from app.domain.operator_roles import OperatorRole
from app.services.operations.quick_answers import add_quick_answer
from tests.bot.conftest import ANNA, OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.bot.test_conversations import ask, deliver
from tests.support.staff import appoint


async def test_one_is_added_sent_changed_and_deleted(closed_shop: BotUnderTest) -> None:
    ben, olga = closed_shop.ben, closed_shop.olga
    await ask(closed_shop)
    await olga.tap("quickchoice")
    assert "Быстрых ответов пока нет" in olga.text
    await olga.tap("quicklist")
    await olga.tap("quicknew")
    await olga.send("Restart\nTurn it off <and> on again.")
    assert labels(olga.screen)[0] == "Restart"

    await olga.send("/questions")
    await olga.tap("question:")
    await olga.tap("quickchoice")
    data = next(b.data for row in olga.screen.buttons for b in row if b.text == "Restart")
    await olga.press(data or "", olga.chat[-1].message_id)
    assert "Ответ передан" in olga.text
    await deliver(closed_shop)
    assert "Turn it off <and> on again." in ben.text

    await closed_shop.ben.send("No help")
    await deliver(closed_shop)
    await olga.press(data or "")  # the same one again is another answer
    await deliver(closed_shop)
    assert "Turn it off" in ben.text

    await olga.tap("quickchoice")
    await olga.tap("quicklist")
    await olga.tap("quickone")
    await olga.tap("quickchange")
    await olga.send("no text")
    assert "Нужны имя" in olga.text
    await olga.send("Wait\nA minute.")
    assert labels(olga.screen)[0] == "Wait"
    await olga.tap("quickone")
    await olga.tap("quickdrop")
    assert "0 из 30" in olga.text
    gone = await olga.press(data or "")
    assert "больше нет" in ((gone and gone.text) or "")
    async with closed_shop.deps.db.read_only() as session:
        actions = [row.action for row in await session.scalars(select(AuditEntry))]
    assert [one for one in actions if one.startswith("quick")] == [
        "quick_answer_added",
        "quick_answer_changed",
        "quick_answer_deleted",
    ]


async def test_there_are_thirty_of_different_names(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    for number in range(29):
        await add_quick_answer(closed_shop.deps.db, OLGA, f"Answer {number}", "x")
    await olga.press("quicknew")
    await olga.send("answer 5\nTwice")
    assert "с таким именем" in olga.text
    await olga.send("x" * 33 + "\nToo long a name")
    assert "Нужны имя" in olga.text
    await olga.send("One\n" + "x" * 1001)
    assert "Нужны имя" in olga.text
    await olga.send("One\nThe last")
    assert "30 из 30" in olga.text
    await olga.press("quicknew")
    await olga.send("Two\nToo many")
    assert "уже 30" in olga.text


async def test_support_sends_them_and_does_not_change_them(closed_shop: BotUnderTest) -> None:
    anna = closed_shop.anna
    await anna.send("/start")
    await appoint(closed_shop.deps.db, ANNA, OperatorRole.SUPPORT)
    await ask(closed_shop)
    await anna.press("quickchoice:0:1002")
    assert "quicklist:0" not in [b.data for row in anna.screen.buttons for b in row]
    await anna.press("quicknew")
    await anna.send("Mine\nText")
    await anna.press("quickchoice:0:1002")
    assert "Быстрых ответов пока нет" in anna.text
