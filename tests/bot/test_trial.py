"""The free trial in the chat: its page, its condition, and everybody who may not have it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.bot.i18n import LANGUAGES
from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.db.models import OutboxMessage, Purchase, User
from app.domain.ports import UnavailableError
from app.domain.trials import TrialTemplate
from app.services import shop_settings as settings
from app.services.access.activation import provision_due_subscriptions
from app.services.notifications.notify import resolve_operators
from app.services.shop_settings import ShopSettingsCache
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, OLGA, BotUnderTest
from tests.bot.phone import check, labels, visible
from tests.support.fakes import FakeChannels

HOUR = timedelta(hours=1)


@pytest.fixture
async def bot(shop: BotUnderTest) -> BotUnderTest:
    for phone in (shop.anna, shop.ben, shop.olga):
        await phone.send("/start")
    return shop


async def _set(bot: BotUnderTest, **values: str) -> None:
    for name, value in values.items():
        await settings.change_shop_setting(bot.deps.db, name, value)
    bot.change(shop=ShopSettingsCache(bot.deps.db))


async def _count(bot: BotUnderTest) -> int:
    async with bot.deps.db.unit_of_work() as session:
        return (await session.scalars(select(func.count()).select_from(Purchase))).one()


FACTS = {
    "ru": ("3 дня", "10 ГБ", "1 устройство", "Карта и оплата не нужны"),
    "en": ("3 days", "10 GB", "1 device", "No card, no payment"),
}
WORDS = {
    "ru": {
        "started": "Готовим ваш ключ",
        "taken": "один раз",
        "closed": "Сейчас пробного доступа нет",
        "join": "Остался один шаг",
        "not-in": "Пока не видим вас",
        "unknown": "Не получилось проверить",
    },
    "en": {
        "started": "key is being prepared",
        "taken": "given once",
        "closed": "no free trial at the moment",
        "join": "One step left",
        "not-in": "don’t see you in the channel",
        "unknown": "couldn’t check your channel membership",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_from_the_menu_to_a_trial_and_its_offer_is_gone(
    bot: BotUnderTest, language: str
) -> None:
    phone, words = bot.phone_of(language), WORDS[language]
    await phone.tap("trial")
    assert all(fact in phone.text for fact in FACTS[language])
    await phone.tap("try")
    assert words["started"] in phone.text
    await phone.tap("subscription")
    await phone.send("/menu")
    assert not any("🎁" in label for label in labels(phone.screen))


async def test_the_command_opens_the_page(bot: BotUnderTest) -> None:
    await bot.ben.send("/trial")
    assert "Try it for free" in bot.ben.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_had_access_reads_so_and_is_shown_what_to_do(
    bot: BotUnderTest, language: str
) -> None:
    """P8: yesterday's button answers kindly, page and offer alike."""
    phone = bot.phone_of(language)
    await phone.tap("trial")
    page = phone.chat[-1]
    async with bot.deps.db.unit_of_work() as session:
        await session.execute(update(User).values(had_access_at=clock.now()))
    await phone.tap("try", page)
    assert WORDS[language]["taken"] in phone.text
    await phone.send("/trial")
    assert WORDS[language]["taken"] in phone.text
    await phone.tap("subscription")
    assert await _count(bot) == 0


async def test_fifty_taps_give_one_trial_and_everybody_an_answer(bot: BotUnderTest) -> None:
    """P2, P8."""
    ben = bot.ben
    await ben.tap("trial")
    page = ben.chat[-1]
    answered = len(bot.taps.answers)
    # The phone counts its answers for one tap at a time; here they are counted for all.
    await asyncio.gather(
        *(ben.press("try:0", page.message_id) for _ in range(50)), return_exceptions=True
    )
    assert len(bot.taps.answers) - answered == 50
    assert await _count(bot) == 1
    assert "My subscription" in " ".join(labels(ben.screen))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_trial_that_was_closed_meanwhile_says_so(bot: BotUnderTest, language: str) -> None:
    phone = bot.phone_of(language)
    await phone.tap("trial")
    page = phone.chat[-1]
    await _set(bot, trial_enabled="false")
    phone = bot.phone_of(language)
    await phone.tap("try", page)
    assert WORDS[language]["closed"] in phone.text
    assert await _count(bot) == 0
    await phone.send("/trial")
    assert WORDS[language]["closed"] in phone.text


async def test_without_a_panel_the_trial_opens_soon(bot: BotUnderTest) -> None:
    bot.change(panel=None)
    ben = bot.ben
    await ben.send("/trial")
    assert "opens soon" in ben.text
    answer = await ben.press("try:0")
    assert answer is not None
    assert answer.show_alert
    assert "opens soon" in (answer.text or "")
    assert await _count(bot) == 0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_condition_is_said_shown_and_checked_again(
    bot: BotUnderTest, language: str
) -> None:
    channels, words = FakeChannels(), WORDS[language]
    bot.change(channels=channels)
    await _set(bot, trial_channel="@tollgate_news")
    phone = bot.phone_of(language)
    await phone.send("/trial")
    assert "@tollgate_news" in phone.text
    await phone.tap("try")
    assert words["join"] in phone.text
    assert phone.screen.buttons[0][0].url == "https://t.me/tollgate_news"

    answer = await phone.tap("try:1")
    assert answer is not None
    assert words["not-in"] in (answer.text or "")
    assert await _count(bot) == 0

    channels.members.add(phone.id)
    await phone.tap("try:1")
    assert words["started"] in phone.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_check_that_does_not_work_can_be_tried_again_and_reaches_the_operator(
    bot: BotUnderTest, language: str
) -> None:
    """P8."""
    channels = FakeChannels()
    bot.change(channels=channels)
    await _set(bot, trial_channel="@tollgate_news")
    phone = bot.phone_of(language)
    channels.members.add(phone.id)
    channels.failures = [UnavailableError("502 <html>")]
    await phone.send("/trial")
    await phone.tap("try")
    assert WORDS[language]["unknown"] in phone.text
    async with bot.deps.db.unit_of_work() as session:
        await resolve_operators(session, (OLGA,))
        row = (
            await session.scalars(select(OutboxMessage).where(OutboxMessage.chat_id == OLGA))
        ).one()
    notification = check(ScreenRenderer().render(row.template, row.values, language))
    for words in ("@tollgate_news", "502 <html>", "settings trial_channel --default"):
        assert words in visible(notification)
    await phone.tap("try")
    assert WORDS[language]["started"] in phone.text


async def test_the_key_of_a_trial_says_that_it_is_one(
    bot: BotUnderTest, world: WorldServer
) -> None:
    await bot.anna.tap("trial")
    await bot.anna.tap("try")
    assert bot.deps.panel is not None
    await provision_due_subscriptions(bot.deps.db, bot.deps.panel)
    async with bot.deps.db.unit_of_work() as session:
        row = (
            await session.scalars(select(OutboxMessage).where(OutboxMessage.chat_id == ANNA))
        ).one()
    for language, words in (("ru", "пробный доступ до"), ("en", "your free trial until")):
        notification = check(ScreenRenderer().render(row.template, row.values, language))
        assert words in visible(notification)
        assert f"{world.url}/panel/sub/" in visible(notification)
        assert notification.photo is not None


VALUES = {
    "subscription": 1,
    "used_bytes": 3 * 1024**3,
    "limit_bytes": 10 * 1024**3,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_notifications_say_what_is_left_and_lead_on(language: str) -> None:
    values = VALUES | {"expires_at": (clock.now() + 30 * HOUR).isoformat()}

    def notification(name: str, **changes: object) -> tuple[str, list[str]]:
        screen = check(ScreenRenderer().render(name, values | changes, language))
        return visible(screen), [b.data or "" for row in screen.buttons for b in row]

    left = {"ru": "1 день", "en": "1 day left"}[language]
    for name in (TrialTemplate.UNUSED, TrialTemplate.HALFWAY_UNUSED):
        text, taps = notification(name)
        assert left in text
        assert "connect:1:ios" in taps
        assert any(data.startswith("support") for data in taps)
    used = {"ru": "3 ГБ из 10 ГБ", "en": "3 GB of 10 GB"}[language]
    assert used in notification(TrialTemplate.HALFWAY)[0]
    assert "📊" not in notification(TrialTemplate.HALFWAY, used_bytes=None)[0]
    assert "10" not in notification(TrialTemplate.HALFWAY, limit_bytes=0)[0].partition("📊")[2]
    for name in (TrialTemplate.HALFWAY, TrialTemplate.ENDING, TrialTemplate.ENDED):
        assert "plans:1:1" in notification(name)[1]
