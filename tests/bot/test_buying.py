"""From the plans to a paid order, through Crypto Pay's protocol and a real database."""

from collections.abc import Sequence
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, update

from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.db.models import OutboxMessage, Plan, Purchase
from app.db.unit_of_work import Database
from app.domain.payments import PurchaseStatus
from app.services.payments.methods import PaymentMethods
from sandbox.world import WorldServer
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import Phone, visible
from tests.bot.shopping import open_order
from tests.support.plain_http import NO_CERTIFICATES


async def _purchases(db: Database) -> Sequence[Purchase]:
    async with db.unit_of_work() as session:
        return (await session.scalars(select(Purchase).order_by(Purchase.created_at))).all()


async def _pay(world: WorldServer, invoice_id: str | None, **values: str) -> None:
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as client:
        paid = await client.post(f"/world/invoices/{invoice_id}/pay", json=values)
        paid.raise_for_status()


async def _turn(world: WorldServer, **knobs: str) -> None:
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as client:
        (await client.patch("/world/knobs", json=knobs)).raise_for_status()


async def _order(phone: Phone) -> None:
    await open_order(phone)
    await phone.tap("pay:")


def _data(phone: Phone, prefix: str) -> list[str]:
    data = [b.data or "" for row in phone.screen.buttons for b in row]
    return [one for one in data if one.startswith(prefix)]


def _pay_url(phone: Phone) -> str | None:
    return next((b.url for row in phone.screen.buttons for b in row if b.url), None)


async def test_a_user_orders_pays_and_reads_that_the_key_is_coming(
    shop: BotUnderTest, world: WorldServer
) -> None:
    anna = shop.anna
    await _order(anna)
    assert "Стандарт" in anna.text
    assert "30 дней" in anna.text
    purchase = (await _purchases(shop.deps.db))[0]
    assert _pay_url(anna) == purchase.pay_url
    assert purchase.message_id == anna.chat[-1].message_id

    await _pay(world, purchase.invoice_id)
    answer = await anna.tap("paid")

    assert answer is not None
    assert answer.text == "Оплата пришла ✓ Доступ уже в пути"
    assert "Оплата получена" in anna.text
    assert len(anna.chat) == 1
    assert (await _purchases(shop.deps.db))[0].status is PurchaseStatus.PAID


async def test_the_outbox_turns_the_order_into_the_same_receipt(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P3: sent by a row, whether or not the button is tapped; both say the same."""
    ben = shop.ben
    await _order(ben)
    purchase = (await _purchases(shop.deps.db))[0]
    await _pay(world, purchase.invoice_id)
    await ben.tap("paid")
    async with shop.deps.db.unit_of_work() as session:
        row = (await session.scalars(select(OutboxMessage))).one()
    renderer = ScreenRenderer(zone=lambda: shop.deps.shop.last_read.time_zone)
    screen = renderer.render(row.template, row.values, "en")
    assert row.edit_message_id == ben.chat[-1].message_id
    assert visible(screen) == ben.text


async def test_a_payment_that_is_not_there_yet_is_answered_with_patience(
    shop: BotUnderTest,
) -> None:
    ben = shop.ben
    await _order(ben)
    order = ben.text
    for _ in range(2):
        answer = await ben.tap("paid")
        assert answer is not None
        assert answer.show_alert
        assert "We don’t see a payment yet" in (answer.text or "")
    assert ben.text == order


async def test_a_second_tap_on_a_plan_gives_the_same_invoice(shop: BotUnderTest) -> None:
    ben = shop.ben
    await _order(ben)
    first = _pay_url(ben)
    await _order(ben)
    assert _pay_url(ben) == first
    assert len(await _purchases(shop.deps.db)) == 1
    # The newest message is the one that the receipt will take the place of.
    assert (await _purchases(shop.deps.db))[0].message_id == ben.chat[-1].message_id


async def test_a_cancelled_order_leads_back_to_the_plans(shop: BotUnderTest) -> None:
    anna = shop.anna
    await _order(anna)
    old = anna.chat[-1]
    old_buttons = [b.data or "" for row in old.screen.buttons for b in row]
    answer = await anna.tap("cancel")
    assert answer is not None
    assert answer.text == "Заказ отменён"
    assert "Тарифы" in anna.text
    assert (await _purchases(shop.deps.db))[0].status is PurchaseStatus.CANCELLED

    again = await anna.press(next(d for d in old_buttons if d.startswith("cancel")), old.message_id)
    assert again is not None
    assert "уже закрыт" in (again.text or "")


async def test_a_cancelled_order_that_was_paid_all_the_same_is_delivered(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P1: paid beats cancelled."""
    ben = shop.ben
    await _order(ben)
    purchase = (await _purchases(shop.deps.db))[0]
    await ben.tap("cancel")
    await _pay(world, purchase.invoice_id)
    answer = await ben.press(f"paid:{purchase.id.hex}", ben.chat[-1].message_id)
    assert answer is not None
    assert "Your access is on its way" in (answer.text or "")
    assert "Payment received: $4.99" in ben.text


async def test_an_order_that_ended_unpaid_says_so_and_offers_plans(shop: BotUnderTest) -> None:
    ben = shop.ben
    await _order(ben)
    purchase = (await _purchases(shop.deps.db))[0]
    await ben.tap("cancel")
    await ben.press(f"paid:{purchase.id.hex}", ben.chat[-1].message_id)
    assert "This invoice is closed" in ben.text
    await ben.tap("plans")
    assert "Plans" in ben.text


async def test_another_users_order_can_neither_be_confirmed_nor_cancelled(
    shop: BotUnderTest,
) -> None:
    """P12: the data of buttons comes from outside."""
    await _order(shop.anna)
    purchase = (await _purchases(shop.deps.db))[0]
    ours = purchase.id.hex
    for data in (f"paid:{ours}", f"cancel:{ours}", f"order:{ours}", f"pay:{ours}:cryptobot"):
        answer = await shop.ben.press(data)
        assert answer is not None
        assert "already closed" in (answer.text or "")
    assert (await _purchases(shop.deps.db))[0].status is PurchaseStatus.PENDING


async def test_orders_that_never_were_are_closed_ones(shop: BotUnderTest) -> None:
    answer = await shop.ben.press(f"paid:{uuid4().hex}")
    assert answer is not None
    assert "already closed" in (answer.text or "")


async def test_a_plan_that_is_gone_says_so(shop: BotUnderTest) -> None:
    ben = shop.ben
    await ben.send("/plans")
    await ben.tap("plan:")
    term = _data(ben, "buy:")
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(Plan).values(archived_at=clock.now()))
    for data in (*term, "buy:99::0", "plan:0:1"):
        answer = await ben.press(data)
        assert answer is not None
        assert "no longer on sale" in (answer.text or "")


@pytest.mark.parametrize("number", [0, -1, 10**24])
async def test_a_number_that_no_plan_can_have_is_an_outdated_button(
    shop: BotUnderTest, number: int
) -> None:
    """P12: the data of buttons comes from outside."""
    for data in (f"buy:{number}::0", f"buy:1:{number}:0", f"plan:0:{number}"):
        answer = await shop.ben.press(data)
        assert answer is not None
        assert "outdated" in (answer.text or "")


async def test_a_provider_that_is_down_is_named_with_a_button_to_try_again(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P8: and when it is back, the same button works."""
    ben = shop.ben
    await _turn(world, crypto_pay="down")
    await _order(ben)
    assert "couldn’t open an invoice" in ben.text

    await _turn(world, crypto_pay="ok")
    await ben.tap("order")
    await ben.tap("pay:")
    assert _pay_url(ben) is not None
    assert len(ben.chat) == 1
    assert len(await _purchases(shop.deps.db)) == 1


async def test_a_provider_that_is_down_cannot_be_asked_for_a_payment(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P8."""
    anna = shop.anna
    await _order(anna)
    await _turn(world, crypto_pay="down")
    answer = await anna.tap("paid")
    assert answer is not None
    assert "оплата сейчас не отвечает" in (answer.text or "")


async def test_a_shop_without_a_panel_shows_its_plans_and_opens_soon(shop: BotUnderTest) -> None:
    shop.change(panel=None)
    ben = shop.ben
    answer = await open_order(ben)
    assert answer is not None
    assert answer.show_alert
    assert "Sales open soon" in (answer.text or "")
    assert "Standard" in ben.text
    assert await _purchases(shop.deps.db) == []


async def test_with_every_payment_method_closed_the_order_says_so(shop: BotUnderTest) -> None:
    shop.change(payment_methods=PaymentMethods([]))
    await open_order(shop.ben)
    assert "Payments are closed right now" in shop.ben.text


async def test_a_payment_method_that_was_closed_meanwhile_says_so_and_charges_nothing(
    shop: BotUnderTest,
) -> None:
    """A button from before; nobody pays by a method that the operator closed."""
    ben = shop.ben
    await open_order(ben)
    shop.change(payment_methods=PaymentMethods([]))
    answer = await shop.ben.tap("pay:")
    assert answer is not None
    assert "closed right now" in (answer.text or "")
    assert (await _purchases(shop.deps.db))[0].status is PurchaseStatus.CREATED


async def test_an_empty_shop_says_so(shop: BotUnderTest) -> None:
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(Plan).values(archived_at=clock.now()))
    await shop.anna.send("/plans")
    assert "ничего не продаётся" in shop.anna.text
