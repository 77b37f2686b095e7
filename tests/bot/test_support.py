"""Questions of users to the operators, and the answers, in both directions."""

from app.bot.renderer import ScreenRenderer
from app.domain.messages import Lane
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import visible
from tests.support.fakes import FakeClaims


async def _deliver(bot: BotUnderTest) -> None:
    ports = DeliveryPorts(bot.sender, ScreenRenderer(), FakeClaims(), (OLGA,))
    while (await deliver_due_notifications(bot.deps.db, ports, Lane.NOTIFICATION))["sent"]:
        pass


async def test_a_question_reaches_the_operator_and_the_answer_comes_back(
    closed_shop: BotUnderTest,
) -> None:
    anna, olga = closed_shop.anna, closed_shop.olga
    await olga.send("/start")
    await anna.send("/start")
    await anna.tap("support")
    await anna.send("Где мой <ключ> & как его поставить?")
    assert "Передали" in anna.text

    await _deliver(closed_shop)
    question = olga.chat[-1]
    assert "Вопрос от Anna (@anna)" in visible(question.screen)
    assert "Где мой <ключ> & как его поставить?" in visible(question.screen)

    await olga.reply("В <b>«Моей подписке»</b>", to=question.message_id)
    assert "✓ Ответ передан" in olga.text
    await _deliver(closed_shop)
    assert "Ответ передан" in olga.text  # who answers is not notified of it
    assert "Ответ поддержки" in anna.text
    assert "В <b>«Моей подписке»</b>" in anna.text
    answer = anna.chat[-1]

    await anna.send("Спасибо!")
    assert answer in anna.chat  # the notification stays; what follows is below it
    await _deliver(closed_shop)
    assert "Спасибо!" in olga.text


async def test_a_command_or_a_button_leaves_the_dialogue(closed_shop: BotUnderTest) -> None:
    ben, olga = closed_shop.ben, closed_shop.olga
    await olga.send("/start")
    for leave in ("/menu", "/help"):
        await ben.send("/support")
        await ben.send(leave)
        await ben.send("not a question")
        assert "couldn’t make sense of this one" in ben.text
    await ben.send("/support")
    await ben.tap("menu")
    await ben.send("not a question either")
    assert "couldn’t make sense of this one" in ben.text
    await _deliver(closed_shop)
    assert len(olga.chat) == 1


async def test_cancel_leaves_the_dialogue_and_says_so(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("/support")
    await ben.send("/cancel")
    assert "cancelled" in ben.text
    await ben.send("/cancel")
    assert "Nothing to cancel" in ben.text


POLL = {
    "id": "1",
    "question": "?",
    "options": [{"persistent_id": "1", "text": "!", "voter_count": 0}],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}


async def test_what_is_not_passed_on_is_not_lost_without_a_word(closed_shop: BotUnderTest) -> None:
    """P8, P12: a user who exceeds a bound reads how to go on."""
    anna, olga = closed_shop.anna, closed_shop.olga
    await olga.send("/start")
    await anna.send("/support")
    await anna.send(poll=POLL)
    assert "словами или пришлите фото или файл" in anna.text
    await anna.send("ж" * 3001)
    assert "3\xa0001 знак, а помещается 3\xa0000" in anna.text
    await anna.send("ж" * 3000)
    assert "Передали" in anna.text
    await _deliver(closed_shop)
    assert "ж" * 3000 in olga.text


async def test_the_operators_answer_is_bounded_too(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    await olga.reply("x" * 3001, to=5)
    assert "Длинновато" in olga.text


async def test_a_reply_to_something_else_is_no_answer(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    await olga.send("/start")
    await olga.reply("Ответ", to=olga.chat[-1].message_id)
    assert "не вопрос" in olga.text


async def test_nobody_but_an_operator_answers(closed_shop: BotUnderTest) -> None:
    """P12: who may do what is decided by the id that Telegram vouches for."""
    anna, ben, olga = closed_shop.anna, closed_shop.ben, closed_shop.olga
    await olga.send("/start")
    await anna.send("/support")
    await anna.send("?")
    await _deliver(closed_shop)
    await ben.reply("I am support", to=olga.chat[-1].message_id)
    assert "couldn’t make sense of this one" in ben.text
    await _deliver(closed_shop)
    assert "Передали" in anna.text


async def test_an_operators_command_is_a_command_also_as_a_reply(
    closed_shop: BotUnderTest,
) -> None:
    olga = closed_shop.olga
    await olga.reply("/menu", to=5)
    assert "Меню" in olga.text


async def test_more_than_five_questions_in_ten_minutes_are_answered_with_when(
    closed_shop: BotUnderTest,
) -> None:
    """P8, P12: one user alone fills no operator's chat; another has questions of their own."""
    anna, ben, olga = closed_shop.anna, closed_shop.ben, closed_shop.olga
    await olga.send("/start")
    for number in range(5):
        await anna.send("/support")
        await anna.send(f"question {number}")
        assert "Передали" in anna.text
    await anna.send("/support")
    await anna.send("one more")
    assert "через 10 минут" in anna.text
    await ben.send("/support")
    await ben.send("mine")
    assert "Passed on" in ben.text

    await _deliver(closed_shop)
    told = "".join(visible(shown.screen) for shown in olga.chat)
    assert "question 4" in told
    assert "one more" not in told
    assert "mine" in told
