"""Groups that migrate, restrict the bot or close their topics, in the world, over real HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiogram.types import Update
from sqlalchemy import select
from structlog.testing import capture_logs

from app.bot.late_notice import send_late_notice
from app.clients.telegram.limiter import Limiter
from app.clients.telegram.sender import TelegramSender
from app.db.models import GroupChat, OutboxMessage, Watch
from app.domain.messages import Lane
from app.domain.shop_settings import ShopSettings
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.tracking.cards.drawing import draw_due_cards
from sandbox.world import WorldConfig, serve_world
from tests.bot.conftest import ANNA, BEN, BotUnderTest
from tests.bot.tracking.group import GroupPhone, in_group
from tests.clients.telegram.conftest import TOKEN, Telegram, bot_for
from tests.conftest import Skip
from tests.support.fake_chains import FakeChains, tx_hash
from tests.support.fakes import FakeClaims, PlainRenderer
from tests.support.plain_http import NO_CERTIFICATES

HASH = tx_hash(0x333)
FORUM = -1002200000001  # of the world, with Anna and Ben in it
MINUTE = timedelta(minutes=1)
IN_A_BLOCK = {"ru": "Уже в блоке", "en": "In a block"}
MAY_NOT = {
    "ru": "В этой группе нам не разрешено писать. Попросите её администраторов дать нам это право и"
    " нажмите ещё раз.",
    "en": "We’re not allowed to write in this group. Please ask its admins to let us send messages"
    " here, and tap again.",
}

pytestmark = pytest.mark.parametrize("language", ["ru", "en"])


@pytest.fixture
async def telegram(tracker: BotUnderTest, chains: FakeChains) -> AsyncIterator[Telegram]:
    """The world, which the tracker writes to as production does."""
    chains.eth.mine(HASH)
    config = WorldConfig(bot_token=TOKEN, cryptobot_token="1:A", panel_key="key")
    async with (
        serve_world(config) as world,
        httpx.AsyncClient(base_url=world.url, trust_env=False, verify=NO_CERTIFICATES) as http,
        bot_for(world.url) as bot,
    ):
        tracker.deps = replace(
            tracker.deps, sender=TelegramSender(bot, Limiter(), "https://shop.example")
        )
        yield Telegram(world.url, http)


async def basic_group(telegram: Telegram) -> int:
    made = await telegram.post("/world/groups", title="Us", members=[ANNA, BEN], kind="group")
    return int(made["id"])


async def texts(telegram: Telegram, chat_id: int) -> list[str]:
    return [message["text"] for message in await telegram.shown(chat_id)]


async def notify_group(tracker: BotUnderTest, chat_id: int, thread_id: int | None = None) -> None:
    async with tracker.deps.db.unit_of_work() as session:
        await notify(session, Notification("a", chat_id, "told", thread_id=thread_id))


async def work(tracker: BotUnderTest) -> None:
    """A round of the outbox and one of the cards."""
    deps = tracker.deps
    await deliver_due_notifications(
        deps.db, DeliveryPorts(deps.sender, PlainRenderer(), FakeClaims(), ()), Lane.NOTIFICATION
    )
    await draw_due_cards(deps.db, deps.chains, deps.sender, PlainRenderer(), ShopSettings())


async def the(tracker: BotUnderTest, model: type[Any]) -> Any:  # noqa: ANN401 - whichever row
    async with tracker.deps.db.unit_of_work() as session:
        return (await session.scalars(select(model))).one()


def a_message(chat_id: int) -> Update:
    sender = {"id": BEN, "is_bot": False, "first_name": "Ben"}
    chat = {"id": chat_id, "type": "supergroup"}
    message = {"message_id": 1, "date": 1, "chat": chat, "from": sender, "text": "/fees"}
    return Update.model_validate({"update_id": 1, "message": message})


def loud(logs: list[Any]) -> list[Any]:
    return [line for line in logs if line["log_level"] in {"warning", "error", "critical"}]


def there(tracker: BotUnderTest, language: str, group_id: int) -> GroupPhone:
    return in_group(tracker.phone_of(language), group_id)


async def test_a_hash_in_a_group_that_has_just_migrated_gets_its_card_in_the_new_one(
    tracker: BotUnderTest, telegram: Telegram, language: str
) -> None:
    old = await basic_group(telegram)
    new = (await telegram.post(f"/world/groups/{old}/migrate", told=False))["id"]
    await there(tracker, language, old).send(HASH)

    (card,) = await telegram.shown(new)
    assert IN_A_BLOCK[language] in card["text"]
    watch, group = await the(tracker, Watch), await the(tracker, GroupChat)
    assert (watch.chat_id, watch.card_message_id) == (new, card["message_id"])
    assert (group.id, group.language) == (new, language)


async def test_what_waits_for_a_migrated_group_and_its_card_come_to_the_new_one(
    tracker: BotUnderTest, telegram: Telegram, language: str, skip: Skip
) -> None:
    old = await basic_group(telegram)
    await there(tracker, language, old).send(HASH)
    await notify_group(tracker, old)
    new = (await telegram.post(f"/world/groups/{old}/migrate", told=False))["id"]
    with capture_logs() as logs:
        await work(tracker)
        skip(timedelta(seconds=2))
        await work(tracker)

    card, told = sorted(await texts(telegram, new), reverse=True)
    assert told == f"told {language}"
    assert card.startswith(f"watch-card {language}")
    assert loud(logs) == []


async def test_where_the_bot_may_not_write_nothing_is_a_failure_and_all_comes_later(
    tracker: BotUnderTest, telegram: Telegram, language: str, skip: Skip
) -> None:
    await telegram.post(f"/world/groups/{FORUM}/bot", status="restricted")
    phone = there(tracker, language, FORUM)
    with capture_logs() as logs:
        await phone.send(HASH)
        await phone.send("/fees")
        await send_late_notice(tracker.deps, a_message(FORUM))
        await notify_group(tracker, FORUM)
        skip(MINUTE)
        for _ in range(3):
            await work(tracker)
        assert await texts(telegram, FORUM) == []
        assert (await the(tracker, GroupChat)).restricted_at is not None
        assert (await the(tracker, OutboxMessage)).attempts == 1

        await telegram.post(f"/world/groups/{FORUM}/bot", status="member")
        await phone.let_bot_write(allowed=True)
        await work(tracker)

    told, card = sorted(await texts(telegram, FORUM))
    assert told == f"told {language}"
    assert card.startswith(f"watch-card {language}")
    assert (await the(tracker, GroupChat)).restricted_at is None
    assert loud(logs) == []


async def test_a_tap_where_the_bot_may_not_write_says_so(
    tracker: BotUnderTest, telegram: Telegram, language: str
) -> None:
    """P8."""
    phone = there(tracker, language, FORUM)
    await phone.send(HASH)
    (card,) = await telegram.shown(FORUM)
    buttons = (button for row in card["reply_markup"]["inline_keyboard"] for button in row)
    mute = next(
        button["callback_data"]
        for button in buttons
        if button.get("callback_data", "").startswith("mute")
    )
    await telegram.post(f"/world/groups/{FORUM}/bot", status="restricted")
    with capture_logs() as logs:
        answer = await phone.press(mute, card["message_id"])
    assert answer is not None
    assert (answer.text, answer.show_alert) == (MAY_NOT[language], True)
    assert loud(logs) == []


async def test_rights_that_are_taken_are_known_before_anything_is_tried(
    tracker: BotUnderTest, telegram: Telegram, language: str
) -> None:
    await telegram.post(f"/world/groups/{FORUM}/bot", status="restricted")
    await there(tracker, language, FORUM).let_bot_write(allowed=False)
    await notify_group(tracker, FORUM)
    assert (await the(tracker, GroupChat)).restricted_at is not None
    assert await texts(telegram, FORUM) == []  # no greeting either


async def test_with_its_topic_closed_a_notification_goes_to_general_and_waits_where_that_is_too(
    tracker: BotUnderTest, telegram: Telegram, language: str, skip: Skip
) -> None:
    topics = f"/world/groups/{FORUM}/topics"
    topic = (await telegram.post(topics, name="Payments", person_id=ANNA))["thread_id"]
    await there(tracker, language, FORUM).send("/fees")
    for closed in (topic, 1):
        await telegram.post(f"{topics}/{closed}", closed=True)
    await notify_group(tracker, FORUM, topic)
    with capture_logs() as logs:
        await work(tracker)
        assert (await the(tracker, OutboxMessage)).attempts == 1
        await telegram.post(f"{topics}/1", closed=False)
        skip(11 * MINUTE)
        await work(tracker)
    last = (await telegram.shown(FORUM))[-1]
    assert (last["text"], last.get("message_thread_id")) == (f"told {language}", None)
    assert loud(logs) == []
