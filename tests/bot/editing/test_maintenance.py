"""Maintenance: one sentence in place of the shop; what was begun and what runs goes on."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.core import clock
from app.db.models import OutboxMessage, ShopSetting
from app.domain.pages import PageText
from app.services.operations.maintenance import remind_of_maintenance
from app.services.operations.page_admin import set_page_text
from app.services.shop_settings import change_shop_setting
from sandbox.world import WorldServer
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.bot.shopping import deliver, open_order


async def turn(bot: BotUnderTest, on: str) -> None:
    await bot.olga.press("setting:0:maintenance")
    await bot.olga.tap(f"setto:maintenance:{on}")
    await bot.olga.tap("setdo")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_users_read_one_sentence_and_operators_the_shop(
    closed_shop: BotUnderTest, language: str
) -> None:
    olga, user = closed_shop.olga, closed_shop.phone_of(language)
    await user.send("/plans")
    await olga.send("/plans")
    shown = user.text
    await turn(closed_shop, "true")
    for way in ("/start", "/menu", "/plans", "/trial", "/promo"):
        await user.send(way)
        assert user.text.startswith("🚧")
    tapped = await user.press("plan:1")
    assert tapped is not None
    assert (tapped.text or "").startswith("🚧")
    for unknown in ("/cancel", "/nothing", "Hello?"):
        await user.send(unknown)
        assert "🚧" in user.text
        assert not any("plans" in (b.data or "") for row in user.screen.buttons for b in row)
    await user.press("menu")
    assert user.text.startswith("🚧")
    await user.press("outdated:1")
    assert user.text.startswith("🚧")
    for way in ("/support", "/subscription", "/help", "/privacy"):
        await user.send(way)
        assert not user.text.startswith("🚧")
    await olga.send("/plans")
    assert not olga.text.startswith("🚧")
    await olga.send("/admin")
    assert "🚧" in olga.text
    await turn(closed_shop, "false")
    await user.send("/plans")
    assert user.text == shown


async def test_an_invoice_that_was_open_is_paid_and_delivered(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P1, P2: what was begun before ends well."""
    ben = shop.ben
    await open_order(ben)
    await ben.tap("pay:")
    await turn(shop, "true")
    invoice = max(world.world.state.invoices)
    async with httpx.AsyncClient(base_url=world.url) as client:
        (await client.post(f"/world/invoices/{invoice}/pay", json={})).raise_for_status()
    await ben.tap("paid:")
    await deliver(shop)
    assert "Your key is ready!" in ben.text
    refused = await ben.press("plans:0:")
    assert refused is not None
    assert (refused.text or "").startswith("🚧")


async def test_the_sentence_is_the_operators_own(closed_shop: BotUnderTest) -> None:
    text = "Back at <b>noon</b>!"
    await set_page_text(closed_shop.deps.db, OLGA, PageText.MAINTENANCE, "en", text, seen=None)
    await turn(closed_shop, "true")
    await closed_shop.ben.send("/start")
    assert closed_shop.ben.text == "Back at noon!"
    assert "🔑 My subscription" in labels(closed_shop.ben.screen)
    tapped = await closed_shop.ben.press("plans:0:")
    assert tapped is not None
    assert tapped.text == "Back at noon!"


async def test_operators_are_reminded_while_it_lasts(closed_shop: BotUnderTest) -> None:
    db, cache = closed_shop.deps.db, closed_shop.deps.shop
    assert await remind_of_maintenance(db, cache) == {}
    await change_shop_setting(db, "maintenance", "true")
    cache.forget()
    assert await remind_of_maintenance(db, cache) == {}  # it has just begun
    async with db.unit_of_work() as session:
        row = await session.get_one(ShopSetting, "maintenance")
        row.changed_at = clock.now() - timedelta(hours=2)
    for _ in range(2):
        assert await remind_of_maintenance(db, cache) == {"maintenance": 1}
    async with db.read_only() as session:
        (reminder,) = (await session.scalars(select(OutboxMessage))).all()
    assert (reminder.template, reminder.values["hours"]) == ("operator-maintenance", 2)
