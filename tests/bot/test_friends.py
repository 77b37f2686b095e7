"""Inviting friends: the page with the link, coming by one, and the notifications of it."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app.bot.i18n import load_translators
from app.bot.renderer import ScreenRenderer
from app.bot.screens.friends import friends_screen
from app.core.money import Money
from app.db.models import OutboxMessage, User
from app.domain.messages import Screen
from app.domain.shop_settings import ShopSettings
from app.services.promotions.referrals import ReferralStats
from tests.bot.conftest import ANNA, BEN, BotUnderTest
from tests.bot.phone import check, labels, visible
from tests.support.card_pictures import holds_code
from tests.support.fakes import FakeAccount

RU, EN = load_translators().get("ru"), load_translators().get("en")
LINK = "https://t.me/shop_bot?start=ref_aB_-1"


@pytest.fixture
def bot(closed_shop: BotUnderTest) -> BotUnderTest:
    closed_shop.change(account=FakeAccount())
    return closed_shop


async def _get_user(bot: BotUnderTest, user_id: int) -> User:
    async with bot.deps.db.unit_of_work() as session:
        return await session.get_one(User, user_id)


def _urls(screen: Screen) -> list[str]:
    return [button.url for row in screen.buttons for button in row if button.url]


def _copies(screen: Screen) -> list[str]:
    return [button.copy for row in screen.buttons for button in row if button.copy]


def _page(friends: ReferralStats | None = None, settings: ShopSettings | None = None) -> str:
    shop = settings or ShopSettings()
    return visible(check(friends_screen(EN, shop, friends or ReferralStats(0, 0, []), LINK)))


async def test_the_page_shows_the_link_to_copy_to_share_and_as_a_picture(
    bot: BotUnderTest,
) -> None:
    anna = bot.anna
    await anna.send("/friends")
    link = f"https://t.me/shop_bot?start=ref_{(await _get_user(bot, ANNA)).referral_code}"
    assert link in anna.text
    assert _copies(anna.screen) == [link]
    (share,) = _urls(anna.screen)
    shared = parse_qs(urlsplit(share).query)
    assert share.startswith("https://t.me/share/url?url=https%3A%2F%2Ft.me%2F")
    assert shared["url"] == [link]
    assert "Попробуй" in shared["text"][0]
    assert "+" not in share

    await anna.tap("friends_qr")
    assert link in anna.text
    assert _urls(anna.screen) == [link]
    assert len(anna.chat) == 2  # ready to forward: the page stays above it
    assert callable(anna.screen.photo)
    picture = anna.screen.photo()
    assert holds_code(picture, link)
    assert anna.screen.photo() is picture  # who forwards it again waits for nothing


async def test_the_menu_leads_to_the_page_and_back(bot: BotUnderTest) -> None:
    ben = bot.ben
    await ben.send("/menu")
    menu = ben.text
    await ben.tap("friends")
    assert "Invite a friend" in ben.text
    await ben.tap("menu")
    assert ben.text == menu
    assert len(ben.chat) == 1


async def test_without_telegram_the_page_still_says_what_there_is(bot: BotUnderTest) -> None:
    """P8: also for who taps the code of a link that nobody knows now."""
    bot.change(account=FakeAccount(is_away=True))
    await bot.ben.send("/friends")
    assert "Telegram isn’t responding" in bot.ben.text
    assert labels(bot.ben.screen) == ["🏠 Menu"]
    await bot.ben.press("friends_qr:0", bot.ben.chat[-1].message_id)
    assert "Telegram isn’t responding" in bot.ben.text


async def test_a_newcomer_is_welcomed_from_the_friend_whose_name_is_text(
    bot: BotUnderTest,
) -> None:
    """P12: a first name is no markup."""
    referrer = bot.phone(ANNA, "<b>Anna & Co", "ru")
    await referrer.send("/start")
    code = (await _get_user(bot, ANNA)).referral_code

    await bot.ben.send(f"/start ref_{code}")

    assert bot.ben.text.startswith("🤝 <b>Anna & Co sent you")
    assert "Hi, Ben!" in bot.ben.text
    assert (await _get_user(bot, BEN)).referrer_id == ANNA
    async with bot.deps.db.unit_of_work() as session:
        (notification,) = (await session.scalars(select(OutboxMessage))).all()
    assert notification.chat_id == ANNA
    told = check(ScreenRenderer().render(notification.template, notification.values, "ru"))
    assert "Ben теперь с нами" in visible(told)

    await bot.ben.send(f"/start ref_{code}")
    assert bot.ben.text.startswith("Hi, Ben!")


@pytest.mark.parametrize("about", ["ref_nobody", "ref_", "ref", "ref_" + "x" * 60, "ref_а_б"])
async def test_a_link_that_brings_from_nobody_is_a_plain_start(
    bot: BotUnderTest, about: str
) -> None:
    await bot.ben.send(f"/start {about}")
    assert bot.ben.text.startswith("Hi, Ben!")
    assert (await _get_user(bot, BEN)).referrer_id is None


async def test_ones_own_link_is_a_plain_start(bot: BotUnderTest) -> None:
    await bot.ben.send("/start")
    await bot.ben.send(f"/start ref_{(await _get_user(bot, BEN)).referral_code}")
    assert bot.ben.text.startswith("Hi, Ben!")


@pytest.mark.parametrize(
    ("settings", "said", "unsaid"),
    [
        (ShopSettings(), ["10% of the first one"], ["every", "days"]),
        (
            ShopSettings(referral_percent=25, referral_every_payment=True),
            ["25% of every one"],
            ["first"],
        ),
        (ShopSettings(referral_percent=0, referral_days=7), ["7 days of access"], ["%"]),
        (ShopSettings(referral_days=1), ["10% of the first", "1 day of access"], ["every"]),
        (ShopSettings(referral_percent=0), ["bring nothing"], ["%", "days of access"]),
    ],
)
def test_the_page_says_what_the_settings_promise(
    settings: ShopSettings, said: list[str], unsaid: list[str]
) -> None:
    text = _page(settings=settings)
    assert [words for words in said if words not in text] == []
    assert [words for words in unsaid if words in text] == []


def test_the_page_counts_friends_and_money_of_each_currency() -> None:
    earned = [Money(12_345, "RUB"), Money(1249, "USD")]
    text = _page(ReferralStats(1200, 40, earned))
    assert "Joined: 1,200 · paid: 40" in text
    assert "RUB" in text or "₽" in text
    assert "$12.49" in text
    assert "earned" not in _page(ReferralStats(3, 0, []))
    assert "Nobody has joined" in _page()


@pytest.mark.parametrize(
    ("template", "values", "ru", "en"),
    [
        ("friend-came", {}, "Ben теперь с нами", "Ben is with us now"),
        (
            "referral-reward",
            {"amount": "0.49 USD", "days": 0},
            "на баланс. Спасибо",
            "$0.49 on your balance. Thank",
        ),
        ("referral-reward", {"amount": None, "days": 3}, "3 дня доступа", "3 days of access"),
        (
            "referral-reward",
            {"amount": "0.49 USD", "days": 5},
            "на баланс и 5 дней доступа",
            "$0.49 on your balance and 5 days of access",
        ),
        (
            "referral-taken-back",
            {"amount": "0.49 USD", "days": 0},
            "с баланса.",
            "$0.49 off your balance.",
        ),
        (
            "referral-taken-back",
            {"amount": None, "days": 1},
            "подаренные дни",
            "back too: the days you were given",
        ),
        (
            "referral-taken-back",
            {"amount": "0.49 USD", "days": 1},
            "с баланса и подаренные дни",
            "$0.49 off your balance and the days",
        ),
    ],
)
def test_notifications_about_friends_are_in_the_recipients_language(
    template: str, values: Mapping[str, object], ru: str, en: str
) -> None:
    for language, said in (("ru", ru), ("en", en)):
        screen = ScreenRenderer().render(template, {"name": "Ben", **values}, language)
        assert said in visible(check(screen))


def test_the_russian_page_speaks_russian() -> None:
    shop = ShopSettings(referral_days=2, referral_every_payment=True)
    screen = check(friends_screen(RU, shop, ReferralStats(21, 2, [Money(490, "USD")]), LINK))
    text = visible(screen)
    assert "10 % от каждой оплаты" in text
    assert "2 дня доступа" in text
    assert "Пришли: 21 · оплатили: 2" in text
