"""Somebody whose offer was over when the money came: what they read, and how they go on."""

from collections.abc import Sequence

import httpx
import pytest
from sqlalchemy import select, update

from app.bot.i18n import LANGUAGES, load_translators
from app.bot.renderer import ScreenRenderer
from app.bot.screens.notifications import ORDER_NOTIFICATIONS
from app.bot.screens.operator import OPERATOR_NOTIFICATIONS
from app.core import clock
from app.db.models import Purchase, Term
from app.services.payments.polling import poll_payments
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, BotUnderTest
from tests.bot.phone import check, labels, visible
from tests.bot.shopping import deliver, open_order
from tests.support.plain_http import NO_CERTIFICATES

VALUES = {
    "paid": "3.99 USD",
    "price": "3.99 USD",
    "today": "4.99 USD",
    "term": 2**63 - 1,
    "subscription": 2**63 - 1,
    "is_separate": 0,
}


async def pay_and_poll(shop: BotUnderTest, world: WorldServer) -> None:
    invoice = max(world.world.state.invoices)
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as client:
        (await client.post(f"/world/invoices/{invoice}/pay", json={})).raise_for_status()
    await poll_payments(shop.deps.db, shop.deps.payment_methods.providers.values())


async def change_prices(shop: BotUnderTest, minor: int) -> None:
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(Term).values(price_minor=minor))


async def purchases(shop: BotUnderTest) -> Sequence[Purchase]:
    async with shop.deps.db.unit_of_work() as session:
        return (await session.scalars(select(Purchase).order_by(Purchase.created_at))).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notification_fits_and_names_what_was_paid_and_what_it_costs_today(
    language: str,
) -> None:
    t = load_translators().get(language)
    screen = check(ORDER_NOTIFICATIONS["payment-offer-over"](t, VALUES))
    for amount in ("3", "4"):
        assert f"{amount},99" in visible(screen) or f"{amount}.99" in visible(screen)
    gone = check(
        ORDER_NOTIFICATIONS["payment-offer-over"](t, VALUES | {"today": None, "term": None})
    )
    assert len(labels(gone)) == len(labels(screen)) == 3
    rendered = ScreenRenderer().render("payment-offer-over", VALUES, language)
    assert rendered.text == screen.text


async def test_a_tap_on_the_notification_opens_the_order_with_the_balance_in_it(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P8, P15: at today's price; one more tap, and it is paid."""
    ben = shop.ben
    await open_order(ben)
    await ben.tap("pay:")
    (order,) = await purchases(shop)
    await change_prices(shop, 599)
    async with shop.deps.db.unit_of_work() as session:
        long_ago = clock.now().replace(year=2020)
        await session.execute(update(Purchase).values(created_at=long_ago, expires_at=long_ago))
    await pay_and_poll(shop, world)
    await deliver(shop)
    assert "We received $4.99 for an order at $4.99" in ben.text
    assert "Today the same costs $5.99" in ben.text

    await ben.tap("again:")
    assert "From your balance: −$4.99" in ben.text
    assert "To pay: $1.00" in ben.text
    assert (await purchases(shop))[-1].id != order.id
    notifications = [visible(shown.screen) for shown in ben.chat]
    assert any("this offer is over" in notification for notification in notifications), (
        "the letter stays"
    )


def test_the_operator_reads_what_happened() -> None:
    t = load_translators().get("en")
    values = {"invoice": "7", "paid": "3.99 USD", "price": "3.99 USD", "person": ANNA}
    screen = check(OPERATOR_NOTIFICATIONS["operator-payment-offer-over"](t, values))
    assert "Invoice 7: received $3.99" in visible(screen)
