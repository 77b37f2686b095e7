"""Support is a conversation: all that a user writes after a question is part of it."""

from sqlalchemy import select

from app.bot.renderer import ScreenRenderer
from app.db.models import AuditEntry
from app.domain.messages import CopiedMessage, Lane
from app.domain.operator_roles import OperatorRole
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.privacy.erasure import erase_user
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import labels, visible
from tests.support.fake_chains import FakeChains, tx_hash
from tests.support.fakes import FakeClaims
from tests.support.staff import appoint

PHOTO = [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]
VOICE = {"file_id": "v", "file_unique_id": "v", "duration": 1}


async def deliver(bot: BotUnderTest) -> None:
    ports = DeliveryPorts(bot.sender, ScreenRenderer(), FakeClaims(), (OLGA,))
    while (await deliver_due_notifications(bot.deps.db, ports, Lane.NOTIFICATION))["claimed"]:
        pass


async def ask(bot: BotUnderTest, text: str = "My key?") -> None:
    await bot.olga.send("/start")
    await bot.ben.send("/support")
    await bot.ben.send(text)
    await deliver(bot)


def list_copies(bot: BotUnderTest, user_id: int) -> list[CopiedMessage]:
    return [shown.screen.copied for shown in bot.sender.chats[user_id] if shown.screen.copied]


async def test_what_follows_a_question_is_passed_on_under_one_note(
    closed_shop: BotUnderTest,
) -> None:
    ben, olga = closed_shop.ben, closed_shop.olga
    await ask(closed_shop)
    shown = len(ben.chat)
    await ben.send("It says error 5")
    photo = await ben.send(photo=PHOTO, caption="here")
    voice = await ben.send(voice=VOICE)
    assert len(ben.chat) == shown
    assert "Passed on: 4 messages" in ben.text

    await deliver(closed_shop)
    assert "It says error 5" in "".join(visible(one.screen) for one in olga.chat)
    assert list_copies(closed_shop, OLGA) == [CopiedMessage(BEN, photo), CopiedMessage(BEN, voice)]
    assert "💬 Ben" in labels(olga.screen)[0]


async def test_commands_dialogues_and_hashes_are_no_part_of_it(closed_shop: BotUnderTest) -> None:
    chains, hash_ = FakeChains(), tx_hash(0xABC)
    chains.eth.mine(hash_)
    closed_shop.change(chains=chains.registry)
    ben, olga = closed_shop.ben, closed_shop.olga
    await ask(closed_shop)
    known = len(olga.chat)
    await ben.send("/menu")
    await ben.send("/promo")
    await ben.send("SALE")
    await ben.send("/cancel")
    await ben.send(hash_)
    assert "In a block" in ben.text
    await ben.send("a" * 64)  # as private keys are written
    await deliver(closed_shop)
    assert len(olga.chat) == known
    await ben.send("0x" + "b" * 40)
    await deliver(closed_shop)
    assert "0x" + "b" * 40 in olga.text


async def test_an_album_is_passed_on_part_by_part(closed_shop: BotUnderTest) -> None:
    """Nothing of it is lost, and it is one of the quota; so is the operator's."""
    ben, olga = closed_shop.ben, closed_shop.olga
    await ask(closed_shop)
    parts = [await ben.send(photo=PHOTO, media_group_id="a") for _ in range(6)]
    await ben.send("that was all")
    assert "Passed on: 8 messages" in ben.text
    await deliver(closed_shop)
    assert list_copies(closed_shop, OLGA) == [CopiedMessage(BEN, part) for part in parts]

    await olga.tap("answer")
    shown = len(olga.chat)
    answers = [await olga.send(photo=PHOTO, media_group_id="b") for _ in range(3)]
    assert len(olga.chat) == shown + 1
    await olga.send("no answer any more")
    await deliver(closed_shop)
    assert list_copies(closed_shop, BEN) == [CopiedMessage(OLGA, part) for part in answers]


async def test_an_album_beyond_the_quota_is_refused_once(closed_shop: BotUnderTest) -> None:
    await ask(closed_shop)
    ben = closed_shop.ben
    for number in range(4):
        await ben.send(f"more {number}")
    shown = len(ben.chat)
    for _ in range(3):
        await ben.send(photo=PHOTO, media_group_id="a")
    assert len(ben.chat) == shown + 1
    assert "send it again in 10 minutes" in ben.text


async def test_an_answer_ends_the_note_and_the_user_goes_on(closed_shop: BotUnderTest) -> None:
    ben, olga = closed_shop.ben, closed_shop.olga
    await ask(closed_shop)
    question = olga.chat[-1]
    answer = await olga.send(
        photo=PHOTO,
        reply_to_message={
            "message_id": question.message_id,
            "from": {"id": 1, "is_bot": True, "first_name": "Tollgate"},
            "chat": {"id": OLGA, "type": "private"},
            "date": 1,
        },
    )
    await deliver(closed_shop)
    assert list_copies(closed_shop, BEN) == [CopiedMessage(OLGA, answer)]

    await ben.send("Still broken")
    assert "✓ Passed on! The answer" in ben.text
    await deliver(closed_shop)
    await ben.tap("solved")
    assert "Solved, great" in ben.text
    await ben.send("hello?")
    assert "couldn’t make sense of this one" in ben.text
    await ben.send("/support")
    await ben.send("Broken again")
    assert "✓ Passed on! The answer" in ben.text


async def test_the_others_read_who_has_answered_and_may_go_on(closed_shop: BotUnderTest) -> None:
    anna, ben, olga = closed_shop.anna, closed_shop.ben, closed_shop.olga
    await anna.send("/start")
    await appoint(closed_shop.deps.db, ANNA, OperatorRole.SUPPORT)
    await ask(closed_shop)
    await olga.reply("Try again", to=olga.chat[-1].message_id)
    await deliver(closed_shop)
    assert "Olga — ответ для 1002" in visible(anna.screen)
    assert "Try again" in visible(anna.screen)

    await anna.reply("And restart", to=anna.chat[-1].message_id)
    await deliver(closed_shop)
    assert "And restart" in ben.text
    async with closed_shop.deps.db.read_only() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        assert [(row.actor, row.action, row.subject) for row in rows] == [
            ("user:1003", "question_answered", "user:1002"),
            ("user:1001", "question_answered", "user:1002"),
        ]


async def test_the_list_leads_from_the_home_to_an_answer(closed_shop: BotUnderTest) -> None:
    anna, ben, olga = closed_shop.anna, closed_shop.ben, closed_shop.olga
    await ask(closed_shop, "From <Ben>")
    await anna.send("/support")
    await anna.send("From Anna")
    await olga.send("/admin")
    assert "Ждут ответа: 2" in olga.text
    await olga.tap("questions")
    assert [label.split(" · ")[0] for label in labels(olga.screen)[:2]] == ["Ben", "Anna (@anna)"]
    await olga.tap("question:")
    assert "From <Ben>" in olga.text
    assert "Ждёт ответа" in olga.text
    await olga.tap("answer")
    await olga.send("Here you are")
    await deliver(closed_shop)
    assert "Here you are" in ben.text
    await olga.send("/questions")
    assert "Ждут ответа: 1" in olga.text
    await olga.tap("question:")
    await olga.tap("closeq")
    assert "Закрыто" in olga.text
    await deliver(closed_shop)
    assert "Поддержка закрыла" in anna.text
    await olga.tap("questions")
    assert "Никто не ждёт" in olga.text


async def test_an_operator_reads_that_the_user_has_blocked_the_bot(
    closed_shop: BotUnderTest,
) -> None:
    ben, olga = closed_shop.ben, closed_shop.olga
    await ask(closed_shop)
    closed_shop.sender.blocked.add(BEN)
    await olga.reply("Hello", to=olga.chat[-1].message_id)
    await deliver(closed_shop)
    assert "не дошёл" in olga.text
    assert "Hello" not in ben.text


async def test_an_erasure_in_the_middle_ends_it(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    await ask(closed_shop)
    question = olga.chat[-1]
    await olga.tap("answer")
    assert await erase_user(closed_shop.deps.db, BEN, b"b")
    await olga.send("too late")
    assert "стёр свои данные" in olga.text
    await olga.reply("too late", to=question.message_id)
    assert "не вопрос" in olga.text
    await olga.send("/questions")
    assert "Никто не ждёт" in olga.text
