"""The days and hours that the chat names are those of the shop's time zone, on every page."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.bot.i18n import load_translators
from app.bot.renderer import ScreenRenderer
from app.bot.screens.checkout import checkout_screen
from app.bot.screens.purchases import purchase_lines
from app.db.models import Purchase
from app.domain.messages import Lane, Screen
from app.domain.offer import Offer
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts
from app.services.shop_settings import ShopSettingsCache, change_shop_setting
from app.workers.rounds import create_outbox_round
from tests.bot.conftest import ANNA, OLGA, BotUnderTest
from tests.bot.phone import check, visible
from tests.bot.shopping import open_order
from tests.bot.test_order_screens import purchase
from tests.support.fakes import FakeClaims

END = datetime(2026, 11, 29, 21, 20, tzinfo=UTC)
NOW = END - timedelta(minutes=30)
INVOICE = {
    "en": "The invoice stays open for 30 more minutes, until",
    "ru": "Счёт ждёт ещё 30 минут, до",
}
LISTED = {"en": "waits for payment until", "ru": "ждёт оплаты до"}


@pytest.mark.parametrize("provider", ["cryptobot", "stars"])
@pytest.mark.parametrize(
    ("zone", "language", "until"),
    [
        ("Europe/Moscow", "en", "00:20, November 30 (MSK)"),
        ("Europe/Moscow", "ru", "00:20, 30 ноября (МСК)"),
        ("Asia/Yekaterinburg", "en", "02:20, November 30 (UTC+05:00)"),
        ("Asia/Yekaterinburg", "ru", "02:20, 30 ноября (UTC+05:00)"),
        ("America/St_Johns", "en", "17:50, November 29 (UTC-03:30)"),
        ("UTC", "ru", "21:20, 29 ноября (UTC)"),
    ],
)
def test_an_order_ends_by_the_shops_clock(
    provider: str, zone: str, language: str, until: str
) -> None:
    """With the hour, the day and the zone, by whichever method it is paid."""
    t = load_translators().get(language).in_zone(zone)
    order = purchase(provider=provider, expires_at=END)
    invoice = check(checkout_screen(t, order, NOW, Offer(), None))
    assert f"{INVOICE[language]} {until}." in visible(invoice)
    assert f"{LISTED[language]} {until}" in visible(Screen(purchase_lines(t, order, NOW)))


async def test_the_operator_chooses_the_zone(shop: BotUnderTest) -> None:
    await change_shop_setting(shop.deps.db, "time_zone", "Asia/Yekaterinburg")
    shop.change(shop=ShopSettingsCache(shop.deps.db))
    await open_order(shop.ben)
    await shop.ben.tap("pay:")
    async with shop.deps.db.unit_of_work() as session:
        order = (await session.scalars(select(Purchase))).one()
    end = order.expires_at.astimezone(ZoneInfo("Asia/Yekaterinburg"))
    assert f"until {end:%H:%M, %B} {end.day} (UTC+05:00)." in shop.ben.text


async def test_a_message_names_the_day_that_the_page_names(closed_shop: BotUnderTest) -> None:
    """One that is sent by the worker, in the zone as it stands then."""
    db = closed_shop.deps.db
    shop = ShopSettingsCache(db)
    renderer = ScreenRenderer(zone=lambda: shop.last_read.time_zone)
    ports = DeliveryPorts(closed_shop.sender, renderer, FakeClaims(), (OLGA,))
    await closed_shop.anna.send("/start")
    await change_shop_setting(db, "time_zone", "Asia/Yekaterinburg")
    values = {"expires_at": END.isoformat()}
    async with db.unit_of_work() as session:
        await notify(session, Notification("extended:1", ANNA, "subscription-extended", values))
    await create_outbox_round(db, ports, shop, Lane.NOTIFICATION)()
    assert "подписка действует до 30 ноября 2026" in closed_shop.anna.text
