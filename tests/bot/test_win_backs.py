"""What offers to come back bring, as operators read it."""

from app.bot.i18n import load_translators
from app.bot.screens.win_backs import win_backs_screen
from app.core.money import Money
from app.domain.shop_settings import ShopSettings
from app.services.operations.win_back_report import WinBackGroup, WinBackReport
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import visible

NOTHING = WinBackGroup(0, 0, ())


async def test_it_is_one_tap_from_the_campaigns(closed_shop: BotUnderTest) -> None:
    await closed_shop.olga.send("/campaigns")
    await closed_shop.olga.tap("winbacks")
    assert "Сейчас ничего не предлагаем" in closed_shop.olga.text
    assert "Сравнивать пока рано" in closed_shop.olga.text


def test_groups_that_are_large_enough_are_compared() -> None:
    shop = ShopSettings(win_back_percent=20)
    offered = WinBackGroup(120, 30, (Money(24_000, "USD"),))
    held_out = WinBackGroup(40, 4, (Money(1_000, "USD"),))
    t = load_translators().get("en")
    text = visible(win_backs_screen(t, shop, WinBackReport(offered, held_out)))
    assert "20% off for 48 h, 1, 3, 7 days after the end" in text
    assert "Bought within 14 days: 30 (25%)" in text
    assert "Difference: 15 points" in text
    few = WinBackReport(offered, WinBackGroup(29, 4, ()))
    assert "each group needs 30" in visible(win_backs_screen(t, shop, few))
    assert "Nothing is offered" in visible(
        win_backs_screen(t, ShopSettings(), WinBackReport(NOTHING, NOTHING))
    )
