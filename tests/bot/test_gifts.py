"""A gift in the chat: ordered by one user, forwarded, opened and redeemed by another."""

import pytest

from app.bot.gift_card import draw_gift_card
from app.domain.messages import Screen
from sandbox.world import WorldServer
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import Phone, labels
from tests.bot.shopping import deliver, open_order, pay
from tests.support.card_pictures import holds_code
from tests.support.fakes import FakeAccount


@pytest.fixture
def shop(shop: BotUnderTest) -> BotUnderTest:
    """One whose bot knows its name."""
    shop.change(account=FakeAccount())
    return shop


async def give(shop: BotUnderTest, world: WorldServer, giver: Phone) -> str:
    """A gift that is paid; the link on its card, the newest message of the giver."""
    await open_order(giver)
    await giver.tap("gift:")
    await pay(world, giver)
    await deliver(shop)
    return get_url(giver.screen)


def get_url(screen: Screen) -> str:
    (url,) = [button.url for row in screen.buttons for button in row if button.url]
    return url


async def open_link(receiver: Phone, link: str) -> None:
    await receiver.send(f"/start {link.partition('start=')[2]}")


async def test_from_the_order_to_the_receivers_key(shop: BotUnderTest, world: WorldServer) -> None:
    """One tap more than an order for oneself, and two of the receiver's."""
    anna, ben = shop.anna, shop.ben
    await open_order(anna)
    await anna.tap("gift:")
    assert "В подарок" in anna.text
    await anna.tap("buy:")  # for herself after all
    assert "В подарок" not in anna.text
    link = await give(shop, world, anna)
    assert "Подарок готов" in [shown.screen for shown in anna.chat][-2].text
    assert link in anna.text
    assert labels(anna.screen) == ["🎁 Открыть подарок"]
    assert link.startswith("https://t.me/shop_bot?start=gift_")

    await open_link(ben, link)
    assert "This is a gift for you" in ben.text
    await ben.tap("redeem:")
    assert "The gift is yours" in ben.text
    await deliver(shop)
    assert "/panel/sub/" in ben.text
    assert "забрали" in anna.text
    assert "Ben" not in anna.text
    await open_link(ben, link)
    assert "The gift is yours" in ben.text

    await anna.send("/gifts")
    assert "✅ забрали" in anna.text
    await open_link(anna, link)
    assert "Этот подарок не открыть" in anna.text


async def test_its_buyer_has_the_card_again_or_the_money(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben, anna = shop.ben, shop.anna
    link = await give(shop, world, ben)
    await ben.send("/gifts")
    await ben.tap("mygift:")
    assert link in ben.text
    await ben.tap("giftback:")
    assert "$4.99" in ben.text
    await ben.tap("mygift:")
    await ben.tap("giftcard:")
    assert get_url(ben.screen) == link
    await ben.send("/gifts")
    await ben.tap("mygift:")
    await ben.tap("giftback:")
    answered = await ben.tap("giftreturn:")
    assert answered is not None
    assert answered.text == "The money is on your balance ✓"
    await open_link(anna, link)
    assert "Этот подарок не открыть" in anna.text

    await ben.send("/balance")
    assert "$4.99" in ben.text
    await ben.tap("purchases:")
    assert "As a gift" in ben.text
    assert "refunded to the balance" in ben.text


async def test_a_card_waits_until_telegram_says_the_bots_name(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P3: its link needs the name; the receipt is there meanwhile."""
    shop.change(account=FakeAccount(is_away=True))
    anna = shop.anna
    await open_order(anna)
    await anna.tap("gift:")
    await pay(world, anna)
    await deliver(shop)
    assert "Подарок готов" in anna.text
    await anna.send("/gifts")
    await anna.tap("mygift:")
    assert "Telegram не отвечает" in anna.text


async def test_no_code_is_like_another(shop: BotUnderTest) -> None:
    """Whatever a link brings along, one screen."""
    ben = shop.ben
    for code in ("", "A" * 24, "<b>", "x" * 57):
        await ben.send(f"/start gift_{code}")
        assert "This gift can’t be opened" in ben.text
    await ben.press("redeem:" + "B" * 24)
    assert "This gift can’t be opened" in ben.text


def test_the_card_holds_the_code_of_its_link_whatever_the_title() -> None:
    """Read back dot by dot: every module of the QR code is where a scanner looks for it."""
    link = "https://t.me/shop_bot?start=gift_ABCDEFGHIJKLMNOPQRSTUVWX"
    for title in ("Standard", "Максимум 🚀", "", "ж" * 200, "日本"):
        image = draw_gift_card("Подарок", title, "1 месяц", "Наведите камеру", link)
        assert holds_code(image, link), title
