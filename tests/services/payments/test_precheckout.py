"""Stars: what is let through before a payment, and what a payment does on every path."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from app.clients.telegram.stars import Stars
from app.core import clock
from app.core.money import Money
from app.db.models import EntryKind, EventOutcome, ExternalEvent, LedgerEntry, Purchase
from app.domain.payments import PurchaseStatus, build_invoice_payload
from app.domain.ports import Invoice, InvoiceOrder, InvoiceStatus, RefusedError
from app.domain.stars import STARS_METHOD, build_paid_invoice, to_stars_invoice_id
from app.services import ledger, shop_settings
from app.services.payments import precheckout
from app.services.payments.checkout import cancel_order, save_checkout_message
from app.services.payments.events import INVOICE_PAID, receive_payment_event
from app.services.payments.methods import PaymentMethods
from app.services.payments.polling import confirm_payment, poll_payments
from app.services.payments.provider_refunds import PAYMENT_REFUNDED
from app.services.purchases import orders
from tests.conftest import Skip
from tests.support.fakes import Scripted
from tests.support.stall import ANNA, BEN, OLGA, Stall

PRICE = Money(300, "XTR")  # of 4.99 USD, at 60 Stars a dollar
SECOND = timedelta(seconds=1)
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class FakeStars(Scripted):
    """Telegram's books: links that never end, and what was paid by them."""

    name = STARS_METHOD
    payment_method = Stars.payment_method

    def __init__(self) -> None:
        super().__init__()
        self.paid: list[Invoice] = []

    async def create_invoice(self, order: InvoiceOrder) -> Invoice:
        await self._play()
        return Invoice(
            invoice_id=to_stars_invoice_id(order.payload) or "",
            status=InvoiceStatus.ACTIVE,
            amount=str(order.charge.minor),
            currency="XTR",
            payload=order.payload,
            pay_url="https://t.me/$slug",
        )

    async def get_invoices(self, invoice_ids: Sequence[str]) -> list[Invoice]:
        await self._play()
        return [invoice for invoice in self.paid if invoice.invoice_id in invoice_ids]

    async def find_invoice(self, payload: str) -> Invoice | None:
        await self._play()
        return next((invoice for invoice in self.paid if invoice.payload == payload), None)

    async def delete_invoice(self, invoice_id: str) -> None:
        await self._play()
        raise RefusedError(f"a link for Stars stays: {invoice_id}")

    async def refund(self, user_id: int, payment_id: str) -> None:
        await self._play()
        self.paid = [one for one in self.paid if one.payment_id != payment_id or not user_id]

    async def check(self) -> None:
        await self._play()

    def pay(self, purchase: Purchase, amount: int = 300) -> Invoice:
        payload = build_invoice_payload(purchase.id, purchase.user_id)
        self.paid.append(build_paid_invoice(payload, amount, f"stx{uuid4().hex}", clock.now()))
        return self.paid[-1]


@pytest.fixture
def telegram() -> FakeStars:
    return FakeStars()


async def buy(
    stall: Stall, telegram: FakeStars, user_id: int = ANNA, plan: str = "month"
) -> Purchase:
    return await stall.pay(await stall.order(user_id, plan), telegram)


async def ask(
    stall: Stall, purchase: Purchase, payer: int = ANNA, charge: Money = PRICE
) -> str | None:
    payload = build_invoice_payload(purchase.id, purchase.user_id)
    return await precheckout.find_precheckout_objection(stall.db, payer, payload, charge)


async def hear(stall: Stall, invoice: Invoice, event_type: str = INVOICE_PAID) -> EventOutcome:
    return await receive_payment_event(stall.db, STARS_METHOD, b"{}", (event_type, invoice))


async def watch(stall: Stall, telegram: FakeStars) -> dict[str, int]:
    return await poll_payments(stall.db, [telegram])


async def money(stall: Stall) -> list[tuple[EntryKind, int]]:
    return [(row.kind, row.amount_minor) for row in await stall.rows(LedgerEntry)]


# --- before the payment ----------------------------------------------------------------------


async def test_an_order_that_waits_for_its_stars_may_be_paid(
    stall: Stall, telegram: FakeStars
) -> None:
    purchase = await buy(stall, telegram)
    assert purchase.charge == PRICE
    assert purchase.status is PurchaseStatus.PENDING
    assert await ask(stall, purchase) is None


async def test_a_payload_of_nobodys_is_refused(stall: Stall) -> None:
    for payload in ("", "order:7", build_invoice_payload(uuid4(), ANNA)):
        assert (
            await precheckout.find_precheckout_objection(stall.db, ANNA, payload, PRICE)
            == precheckout.ORDER_GONE
        )


async def test_another_users_order_is_refused(stall: Stall, telegram: FakeStars) -> None:
    purchase = await buy(stall, telegram)
    assert await ask(stall, purchase, payer=BEN) == precheckout.ORDER_NOT_YOURS
    forged = build_invoice_payload(purchase.id, BEN)
    assert (
        await precheckout.find_precheckout_objection(stall.db, BEN, forged, PRICE)
        == precheckout.ORDER_NOT_YOURS
    )


@pytest.mark.parametrize("charge", [Money(299, "XTR"), Money(301, "XTR"), Money(300, "USD")])
async def test_another_amount_is_refused(stall: Stall, telegram: FakeStars, charge: Money) -> None:
    """P9."""
    purchase = await buy(stall, telegram)
    assert await ask(stall, purchase, charge=charge) == precheckout.ORDER_CHANGED


async def test_a_cancelled_order_is_refused(stall: Stall, telegram: FakeStars) -> None:
    purchase = await buy(stall, telegram)
    await cancel_order(stall.db, purchase.id, ANNA)
    assert await ask(stall, purchase) == precheckout.ORDER_GONE


async def test_an_order_past_its_end_is_refused(
    stall: Stall, telegram: FakeStars, skip: Skip
) -> None:
    purchase = await buy(stall, telegram)
    skip(HOUR - 30 * SECOND)
    assert await ask(stall, purchase) is None
    skip(30 * SECOND)
    assert await ask(stall, purchase) == precheckout.ORDER_GONE


async def test_a_paid_order_is_not_paid_again(stall: Stall, telegram: FakeStars) -> None:
    purchase = await buy(stall, telegram)
    await hear(stall, telegram.pay(purchase))
    assert await ask(stall, purchase) == precheckout.ORDER_PAID


async def test_an_order_for_which_another_method_was_chosen_is_refused(
    stall: Stall, telegram: FakeStars
) -> None:
    purchase = await buy(stall, telegram)
    await stall.pay(purchase)
    assert await ask(stall, purchase) == precheckout.ORDER_GONE


async def test_a_closed_method_takes_nothing_more(stall: Stall, telegram: FakeStars) -> None:
    purchase = await buy(stall, telegram)
    await shop_settings.change_shop_setting(stall.db, "ways_off", '["stars"]')
    assert await ask(stall, purchase) == "error-method-closed"


async def test_a_change_of_plan_is_refused_once_its_base_has_changed(
    stall: Stall, telegram: FakeStars
) -> None:
    await stall.buy_and_pay(ANNA, "month")
    change = await buy(stall, telegram, plan="pro-1")
    assert change.is_change
    assert change.charge is not None
    assert await ask(stall, change, charge=change.charge) is None
    subscription = await stall.subscription()
    await stall.change(subscription, expires_at=subscription.expires_at + timedelta(days=1))
    assert await ask(stall, change, charge=change.charge) == precheckout.ORDER_CHANGED


async def test_a_part_from_the_balance_must_still_be_there(
    stall: Stall, telegram: FakeStars
) -> None:
    async with stall.db.unit_of_work() as session:
        gift = Money(200, "USD")
        await ledger.add_ledger_entry(session, "gift", ANNA, EntryKind.PROMO, gift)
    order = await orders.set_order_balance_use(stall.db, (await stall.order()).id, ANNA, use=True)
    purchase = await stall.pay(order, telegram)
    assert purchase.charge == Money(180, "XTR")  # of 2.99 USD
    assert await ask(stall, purchase, charge=Money(180, "XTR")) is None
    async with stall.db.unit_of_work() as session:
        spent = Money(-1, "USD")
        await ledger.add_ledger_entry(
            session, "spent", ANNA, EntryKind.CORRECTION, spent, reason="a test"
        )
    assert await ask(stall, purchase, charge=Money(180, "XTR")) == "error-balance-short"


# --- the payment -----------------------------------------------------------------------------


async def test_a_payment_is_credited_in_the_prices_currency_and_sells(
    stall: Stall, telegram: FakeStars
) -> None:
    """P1, P2, P9."""
    purchase = await buy(stall, telegram)
    invoice = telegram.pay(purchase)

    assert await hear(stall, invoice) is EventOutcome.SETTLED

    assert await money(stall) == [(EntryKind.PAYMENT, 499), (EntryKind.SALE, -499)]
    paid = await stall.again(purchase)
    assert (paid.status, paid.payment_id) == (PurchaseStatus.PAID, invoice.payment_id)
    assert await stall.notified() == ["payment-received"]


async def test_twenty_words_of_one_payment_at_once_credit_once(
    stall: Stall, telegram: FakeStars
) -> None:
    """P2: updates, taps on "Already paid" and polling."""
    purchase = await buy(stall, telegram)
    invoice = telegram.pay(purchase)
    payment_methods = PaymentMethods([telegram])

    await asyncio.gather(
        *(hear(stall, invoice) for _ in range(20)),
        *(confirm_payment(stall.db, payment_methods, purchase.id, ANNA) for _ in range(5)),
        watch(stall, telegram),
    )

    assert await money(stall) == [(EntryKind.PAYMENT, 499), (EntryKind.SALE, -499)]
    assert await stall.notified() == ["payment-received"]
    assert len(await stall.rows(ExternalEvent)) == 1


async def test_two_payments_of_one_order_at_once_sell_once_and_leave_the_second_on_the_balance(
    stall: Stall, telegram: FakeStars
) -> None:
    """P2, P9."""
    purchase = await buy(stall, telegram)
    both = [telegram.pay(purchase), telegram.pay(purchase)]

    outcomes = await asyncio.gather(*(hear(stall, invoice) for invoice in both))

    assert sorted(outcomes) == [EventOutcome.DISPUTED, EventOutcome.SETTLED]
    assert await stall.balance() == Money(499, "USD")
    assert sorted(await stall.notified()) == ["payment-received", "payment-second"]
    assert await stall.notified(OLGA) == ["operator-payment-second"]


async def test_polling_finds_a_second_payment_that_no_update_reported(
    stall: Stall, telegram: FakeStars
) -> None:
    """P1."""
    purchase = await buy(stall, telegram)
    await hear(stall, telegram.pay(purchase))
    telegram.pay(purchase)

    await watch(stall, telegram)
    await watch(stall, telegram)

    assert await stall.balance() == Money(499, "USD")
    assert await stall.notified() == ["payment-received", "payment-second"]


async def test_another_amount_than_asked_for_is_the_operators_matter(
    stall: Stall, telegram: FakeStars
) -> None:
    """P9."""
    purchase = await buy(stall, telegram)
    assert await hear(stall, telegram.pay(purchase, amount=299)) is EventOutcome.DISPUTED
    assert await money(stall) == []
    assert await stall.notified(OLGA) == ["operator-payment-foreign"]


async def test_a_payment_for_nothing_of_ours_is_kept_and_reported(stall: Stall) -> None:
    """P1."""
    invoice = build_paid_invoice("donation", 50, "stx1", clock.now())
    assert await hear(stall, invoice) is EventOutcome.UNMATCHED
    (notification,) = await stall.notifications(OLGA)
    assert notification.template == "operator-payment-unmatched"
    assert (notification.values["invoice"], notification.values["paid"]) == ("stx1", "50 XTR")


# --- polling ---------------------------------------------------------------------------------


async def test_polling_settles_what_no_update_reported(
    stall: Stall, telegram: FakeStars, skip: Skip
) -> None:
    """P1: and the operators are notified that updates do not arrive."""
    purchase = await buy(stall, telegram)
    assert await watch(stall, telegram) == {
        "asked": 1, "settled": 0, "expired": 0, "adopted": 0, "dropped": 0,
    }  # fmt: skip
    telegram.pay(purchase)
    skip(timedelta(minutes=1))

    assert (await watch(stall, telegram))["settled"] == 1

    assert (await stall.again(purchase)).status is PurchaseStatus.PAID
    skip(timedelta(minutes=1))
    await watch(stall, telegram)
    (alarm,) = await stall.notifications(OLGA)
    assert (alarm.template, alarm.values["provider"]) == ("operator-webhook-silent", "stars")


async def test_i_have_paid_asks_the_bots_books(stall: Stall, telegram: FakeStars) -> None:
    purchase = await buy(stall, telegram)
    payment_methods = PaymentMethods([telegram])
    asked = await confirm_payment(stall.db, payment_methods, purchase.id, ANNA)
    assert asked.status is PurchaseStatus.PENDING
    telegram.pay(purchase)
    asked = await confirm_payment(stall.db, payment_methods, purchase.id, ANNA)
    assert asked.status is PurchaseStatus.PAID


async def test_a_link_that_nobody_paid_ends_by_our_clock_and_is_reported(
    stall: Stall, telegram: FakeStars, skip: Skip
) -> None:
    purchase = await buy(stall, telegram)
    await save_checkout_message(stall.db, purchase.id, 77)
    skip(HOUR + 2 * MINUTE - 30 * SECOND)
    assert (await watch(stall, telegram))["expired"] == 0
    skip(31 * SECOND)
    assert (await watch(stall, telegram))["expired"] == 1
    assert (await stall.again(purchase)).status is PurchaseStatus.EXPIRED
    assert await stall.notified() == ["invoice-expired"]


async def test_nothing_ends_while_telegram_does_not_answer(
    stall: Stall, telegram: FakeStars, skip: Skip
) -> None:
    """P1: it may have been paid meanwhile."""
    purchase = await buy(stall, telegram)
    telegram.pay(purchase)
    skip(timedelta(days=2))
    telegram.failures = [TimeoutError("away")]
    with pytest.raises(TimeoutError):
        await watch(stall, telegram)
    assert (await stall.again(purchase)).status is PurchaseStatus.PENDING
    assert (await watch(stall, telegram))["settled"] == 1


@pytest.mark.parametrize("ended", ["cancelled", "expired"])
async def test_paid_beats_the_end_however_late(
    stall: Stall, telegram: FakeStars, skip: Skip, ended: str
) -> None:
    """P1: it was let through in the last second."""
    purchase = await buy(stall, telegram)
    if ended == "cancelled":
        await cancel_order(stall.db, purchase.id, ANNA)
    else:
        skip(HOUR + 2 * MINUTE + SECOND)
        await watch(stall, telegram)
    assert (await stall.again(purchase)).status == ended
    telegram.pay(purchase)
    assert (await watch(stall, telegram))["settled"] == 1
    assert (await stall.again(purchase)).status is PurchaseStatus.PAID


async def test_orders_long_over_are_not_asked_for(
    stall: Stall, telegram: FakeStars, skip: Skip
) -> None:
    for user in (ANNA, BEN):
        purchase = await buy(stall, telegram, user)
    await hear(stall, telegram.pay(purchase))
    skip(HOUR + 2 * MINUTE + SECOND)
    assert (await watch(stall, telegram))["asked"] == 2  # one open, one paid
    skip(HOUR)
    assert (await watch(stall, telegram))["asked"] == 0


# --- given back ------------------------------------------------------------------------------


async def test_a_refund_made_outside_takes_money_and_access_back_once(
    stall: Stall, telegram: FakeStars
) -> None:
    """P2."""
    purchase = await buy(stall, telegram)
    invoice = telegram.pay(purchase)
    await hear(stall, invoice)

    outcomes = await asyncio.gather(*(hear(stall, invoice, PAYMENT_REFUNDED) for _ in range(5)))

    assert sorted(outcomes) == [EventOutcome.REPEATED] * 4 + [EventOutcome.SETTLED]
    assert (await stall.again(purchase)).status is PurchaseStatus.REFUNDED
    assert await stall.balance() == Money(0, "USD")


async def test_a_refund_of_an_unknown_payment_is_kept(stall: Stall) -> None:
    """Its payment may still come."""
    invoice = build_paid_invoice("donation", 50, "stx1", clock.now())
    assert await hear(stall, invoice, PAYMENT_REFUNDED) is EventOutcome.RECEIVED
    (event,) = await stall.rows(ExternalEvent)
    assert (event.event_type, event.external_id) == (PAYMENT_REFUNDED, "stx1")
