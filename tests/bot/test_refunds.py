"""The operator's refund in the chat: first what it would do, then once."""

from app.db.models import Purchase
from app.domain.payments import Payout, PurchaseStatus
from app.domain.ports import UnavailableError
from app.services.payments import settlement
from app.services.payments.checkout import InvoiceText, pay_order
from app.services.payments.methods import PaymentMethods
from app.services.purchases.orders import place_order
from app.services.purchases.plans import list_plan_offers
from tests.bot.conftest import ANNA, BotUnderTest
from tests.bot.phone import labels
from tests.support.payback import PayingBack


async def _sell(bot: BotUnderTest) -> tuple[Purchase, PayingBack]:
    """Anna has paid a month with Stars."""
    stars, db = PayingBack(), bot.deps.db
    bot.change(payment_methods=PaymentMethods([stars]))
    await bot.anna.send("/start")
    term = (await list_plan_offers(db))[0].terms[0]
    order = await place_order(db, None, ANNA, term.id, None)
    words = InvoiceText("VPN", "VPN")
    paid = await pay_order(db, stars, order.id, ANNA, words)
    async with db.unit_of_work() as session:
        await settlement.settle_invoice(session, stars.name, stars.pay(paid.invoice_id))
    return paid, stars


async def _again(bot: BotUnderTest, purchase: Purchase) -> Purchase:
    async with bot.deps.db.unit_of_work() as session:
        return await session.get_one(Purchase, purchase.id)


async def test_the_operator_sees_what_it_does_before_it_is_done(
    closed_shop: BotUnderTest,
) -> None:
    purchase, stars = await _sell(closed_shop)
    olga = closed_shop.olga
    await olga.send(f"/refund {purchase.number} не подошло")
    assert "Вернуть деньги" in olga.text
    assert "Anna" in olga.text
    assert purchase.number in olga.text
    assert "300" in olga.text
    assert "Доступ закроется сразу" in olga.text
    assert "не подошло" in olga.text
    assert (await _again(closed_shop, purchase)).status is PurchaseStatus.PAID

    await olga.tap("refund:")
    assert "Возврат оформлен" in olga.text
    assert "тем же путём" in olga.text
    assert (await _again(closed_shop, purchase)).payout is Payout.DONE
    assert len(stars.refunded) == 1


async def test_a_second_tap_changes_nothing(closed_shop: BotUnderTest) -> None:
    """P2, P8."""
    purchase, stars = await _sell(closed_shop)
    olga = closed_shop.olga
    await olga.send(f"/refund {purchase.number} twice")
    confirm = f"refund:{purchase.id.hex}"
    await olga.tap("refund:")
    answer = await olga.press(confirm)
    assert answer is not None
    assert "уже вернули" in (answer.text or "")
    assert len(stars.refunded) == 1


async def test_an_absent_provider_is_no_failure(closed_shop: BotUnderTest) -> None:
    purchase, stars = await _sell(closed_shop)
    stars.failures = [UnavailableError("away")]
    await closed_shop.olga.send(f"/refund {purchase.number} away")
    await closed_shop.olga.tap("refund:")
    assert "Повторяем раз в минуту" in closed_shop.olga.text


async def test_cancelling_leaves_all_as_it_was(closed_shop: BotUnderTest) -> None:
    purchase, _ = await _sell(closed_shop)
    olga = closed_shop.olga
    await olga.send(f"/refund {purchase.number} no")
    await olga.tap("norefund:")
    assert purchase.number in olga.text
    answer = await olga.press(f"refund:{purchase.id.hex}")
    assert answer is not None
    assert "устарел" in (answer.text or "")
    assert (await _again(closed_shop, purchase)).status is PurchaseStatus.PAID


async def test_what_cannot_be_refunded_is_said_clearly(closed_shop: BotUnderTest) -> None:
    """P8."""
    olga = closed_shop.olga
    for command in ("/refund", "/refund abcdef12", f"/refund abcdef12 {'x' * 201}"):
        await olga.send(command)
        assert "номер причина" in olga.text
    for number in ("abcdef12", "short", "'--"):
        await olga.send(f"/refund {number} why")
        assert "Заказа с таким номером нет" in olga.text


async def test_for_everybody_else_the_command_does_not_exist(closed_shop: BotUnderTest) -> None:
    """P12."""
    purchase, _ = await _sell(closed_shop)
    await closed_shop.ben.send(f"/refund {purchase.number} mine")
    assert purchase.number not in closed_shop.ben.text
    assert labels(closed_shop.ben.screen)
    answer = await closed_shop.ben.press(f"refund:{purchase.id.hex}")
    assert answer is not None
    assert "outdated" in (answer.text or "")
    assert (await _again(closed_shop, purchase)).status is PurchaseStatus.PAID
