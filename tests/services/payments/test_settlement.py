"""Settling: what a paid invoice does to ledger, purchase, subscription and messages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.clients.balance import Balance
from app.core.money import Money
from app.core.worker_names import WorkerName
from app.db.models import (
    AttentionItem,
    AuditEntry,
    EntryKind,
    EventOutcome,
    LedgerEntry,
    Purchase,
    Subscription,
)
from app.domain import anonymous_users
from app.domain.messages import DeliveryGuarantee
from app.domain.payments import PurchaseStatus, build_invoice_payload
from app.domain.ports import Invoice, InvoiceStatus
from app.domain.subscriptions import ActivationStatus
from app.services.payments import checkout
from app.services.privacy.erasure import erase_user
from tests.conftest import Skip
from tests.support.stall import ANNA, BEN, OLGA, Stall

DAY = timedelta(days=1)


def an_invoice(payload: str, *, amount: str = "4.99", currency: str = "USD") -> Invoice:
    return Invoice("999", InvoiceStatus.PAID, amount, currency, payload, "https://t.me/x")


async def test_the_exact_amount_settles_everything_at_once(stall: Stall) -> None:
    """P2, P3, P9: ledger, purchase, subscription, provisioning request and message."""
    purchase = await stall.buy_and_pay()

    entries = await stall.rows(LedgerEntry)
    assert [(entry.kind, entry.amount_minor) for entry in entries] == [
        (EntryKind.PAYMENT, 499),
        (EntryKind.SALE, -499),
    ]
    assert await stall.balance() == Money(0, "USD")
    assert purchase.status is PurchaseStatus.PAID
    assert purchase.delivered_at is None
    subscription = await stall.subscription()
    assert purchase.paid_at is not None
    assert subscription.expires_at - purchase.paid_at - 30 * DAY < timedelta(seconds=1)
    assert (purchase.subscription_id, purchase.subscription_revision) == (subscription.id, 1)
    assert subscription.activation_status is ActivationStatus.PENDING
    assert subscription.traffic_limit_bytes == purchase.traffic_limit_bytes
    (notification,) = await stall.notifications()
    assert (notification.template, notification.guarantee) == (
        "payment-received",
        DeliveryGuarantee.AT_LEAST_ONCE,
    )
    assert notification.values == {
        "price": "4.99 USD",
        "subscription": subscription.id,
        "expires_at": subscription.expires_at.isoformat(),
        "traffic_limit_bytes": 107_374_182_400,
        "device_limit": 3,
        "counts_used": 0,
        "has_key": 0,
        "next_price": None,
        "outlook": None,
    }
    assert await stall.notified(OLGA) == []
    assert {WorkerName.ACTIVATION, "outbox"} <= set(stall.wakes)
    (audit,) = await stall.rows(AuditEntry)
    assert (audit.action, audit.subject) == ("purchase_paid", f"purchase:{purchase.id}")


async def test_the_checkout_message_is_edited_when_the_money_came(stall: Stall) -> None:
    purchase = await stall.buy()
    await checkout.save_checkout_message(stall.db, purchase.id, 55)
    await stall.settle(stall.provider.pay(purchase.invoice_id))

    (notification,) = await stall.notifications()
    assert notification.edit_message_id == 55


async def test_more_than_the_price_delivers_and_leaves_the_rest_on_the_balance(
    stall: Stall,
) -> None:
    """P9: the operator decides about the surplus."""
    purchase = await stall.buy()

    outcome = await stall.settle(stall.provider.pay(purchase.invoice_id, "5.50"))

    assert outcome is EventOutcome.SETTLED
    assert await stall.balance() == Money(51, "USD")
    assert (await stall.subscription()).activation_status is ActivationStatus.PENDING
    assert await stall.notified() == ["payment-received"]
    (notification,) = await stall.notifications(OLGA)
    (item,) = await stall.rows(AttentionItem)
    assert notification.template == "operator-payment-over"
    assert notification.values == {
        "item": item.id,
        "invoice": purchase.invoice_id,
        "paid": "5.50 USD",
        "price": "4.99 USD",
        "person": ANNA,
    }


async def test_less_than_the_price_stays_on_the_balance_and_delivers_nothing(stall: Stall) -> None:
    """P9: the user is notified and the operator decides."""
    purchase = await stall.buy()

    outcome = await stall.settle(stall.provider.pay(purchase.invoice_id, "4.98"))

    assert outcome is EventOutcome.DISPUTED
    assert await stall.balance() == Money(498, "USD")
    assert await stall.rows(Subscription) == []
    (notification,) = await stall.notifications()
    assert (notification.template, notification.values) == (
        "payment-short",
        {"paid": "4.98 USD", "price": "4.99 USD", "subscription": None},
    )
    assert await stall.notified(OLGA) == ["operator-payment-short"]


async def test_after_a_dispute_the_next_tap_makes_an_invoice_that_can_be_paid(
    stall: Stall,
) -> None:
    """P1: the first one is used up at the provider."""
    short = await stall.buy()
    await stall.settle(stall.provider.pay(short.invoice_id, "1.00"))

    again = await stall.buy()

    assert again.id != short.id
    assert again.invoice_id != short.invoice_id
    assert await stall.settle(stall.provider.pay(again.invoice_id)) is EventOutcome.SETTLED
    assert await stall.balance() == Money(100, "USD")


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("4.99", "EUR"),
        ("4.99", "USDT"),
        ("4.99", "usd"),
        ("4.999", "USD"),
        ("4,99", "USD"),
        ("4.99 ", "USD"),
        ("1e3", "USD"),
        ("NaN", "USD"),
        ("-4.99", "USD"),
        ("0", "USD"),
        ("0.00", "USD"),
        ("", "USD"),
        ("99999999999999999999", "USD"),
        ("9" * 5_000, "USD"),
        ("٤.٩٩", "USD"),
    ],
)
async def test_money_that_cannot_be_compared_is_left_to_the_operator(
    stall: Stall, amount: str, currency: str
) -> None:
    """P9: no exchange, no rounding, no guess."""
    purchase = await stall.buy()
    invoice = an_invoice(build_invoice_payload(purchase.id, ANNA), amount=amount, currency=currency)

    assert await stall.settle(invoice) is EventOutcome.DISPUTED

    assert await stall.rows(LedgerEntry) == []
    assert await stall.rows(Subscription) == []
    assert (await stall.again(purchase)).status is not PurchaseStatus.PAID
    (notification,) = await stall.notifications(OLGA)
    assert notification.template == "operator-payment-foreign"
    assert len(notification.values["paid"]) < 60


@pytest.mark.parametrize("amount", ["4.99", "4.990", "04.99", "4.99000000"])
async def test_the_same_amount_written_otherwise_is_exact(stall: Stall, amount: str) -> None:
    """P9."""
    purchase = await stall.buy()

    outcome = await stall.settle(stall.provider.pay(purchase.invoice_id, amount))

    assert outcome is EventOutcome.SETTLED
    assert await stall.balance() == Money(0, "USD")


async def test_another_users_name_in_the_payload_is_left_to_the_operator(stall: Stall) -> None:
    """P9: the owner is compared with the payer."""
    purchase = await stall.buy(ANNA)

    assert (
        await stall.settle(an_invoice(build_invoice_payload(purchase.id, BEN)))
        is EventOutcome.DISPUTED
    )

    assert await stall.rows(LedgerEntry) == []
    assert await stall.notified(OLGA) == ["operator-payment-foreign"]
    assert await stall.notified(ANNA) == await stall.notified(BEN) == []


@pytest.mark.parametrize("has_payload", [True, False])
async def test_money_for_the_order_of_a_user_who_erased_their_data_reaches_the_operator(
    stall: Stall, *, has_payload: bool
) -> None:
    """P1, P9: booked without a name, nothing is sold to nobody, and it is reported once."""
    purchase = await stall.buy()
    await erase_user(stall.db, ANNA, b"x")
    invoice = stall.provider.pay(purchase.invoice_id)
    invoice = invoice if has_payload else replace(invoice, payload="")

    outcomes = [await stall.settle(invoice) for _ in range(2)]

    assert outcomes == [EventOutcome.DISPUTED, EventOutcome.REPEATED]
    (entry,) = await stall.rows(LedgerEntry)
    assert (entry.amount_minor, anonymous_users.is_anonymous(entry.user_id)) == (499, True)
    assert await stall.rows(Subscription) == []
    (notification,) = await stall.notifications(OLGA)
    (item,) = await stall.rows(AttentionItem)
    assert notification.template == "operator-payment-erased"
    assert notification.values == {
        "item": item.id,
        "provider": "cryptobot",
        "invoice": purchase.invoice_id,
        "paid": "4.99 USD",
    }


@pytest.mark.parametrize(
    "payload", ["", "hello", "1.2.3", f"00000000-0000-4000-8000-000000000000.{ANNA}", "9" * 5_000]
)
async def test_an_invoice_of_nobody_reaches_the_operator(stall: Stall, payload: str) -> None:
    """P1."""
    assert await stall.settle(an_invoice(payload)) is EventOutcome.UNMATCHED

    assert await stall.notified(OLGA) == ["operator-payment-unmatched"]
    assert await stall.rows(LedgerEntry) == []


async def test_an_invoice_whose_id_never_reached_us_is_known_by_its_payload(stall: Stall) -> None:
    """P1: the process died between the provider's answer and our second commit."""
    stall.provider.loses_answers = True
    with pytest.raises(Exception, match="no answer"):
        await stall.buy()
    (purchase,) = await stall.rows(Purchase)
    assert (purchase.status, purchase.invoice_id) == (PurchaseStatus.CREATED, None)
    (invoice_id,) = stall.provider.invoices

    assert await stall.settle(stall.provider.pay(invoice_id)) is EventOutcome.SETTLED

    paid = await stall.again(purchase)
    assert (paid.status, paid.invoice_id) == (PurchaseStatus.PAID, invoice_id)


async def test_a_second_invoice_paid_for_one_purchase_is_kept_on_the_balance(
    stall: Stall,
) -> None:
    """P2, P9: sold once; the money is the user's and the decision the operator's."""
    purchase = await stall.buy_and_pay()
    before = await stall.subscription()

    second = an_invoice(build_invoice_payload(purchase.id, ANNA))
    assert await stall.settle(second) is EventOutcome.DISPUTED

    assert await stall.balance() == Money(499, "USD")
    assert (await stall.subscription()).expires_at == before.expires_at
    assert await stall.notified() == ["payment-received", "payment-second"]
    assert await stall.notified(OLGA) == ["operator-payment-second"]
    assert await stall.settle(second) is EventOutcome.REPEATED
    assert await stall.balance() == Money(499, "USD")


async def test_a_payment_that_is_reported_again_changes_nothing(stall: Stall) -> None:
    """P2."""
    purchase = await stall.buy_and_pay()
    before = await stall.subscription()

    for _ in range(3):
        again = await stall.settle(stall.provider.invoices[purchase.invoice_id or ""])
        assert again is EventOutcome.REPEATED

    assert len(await stall.rows(LedgerEntry)) == 2
    assert (await stall.subscription()).revision == before.revision
    assert await stall.notified() == ["payment-received"]


@pytest.mark.parametrize("status", [InvoiceStatus.ACTIVE, InvoiceStatus.EXPIRED])
async def test_an_invoice_that_is_not_paid_settles_nothing(
    stall: Stall, status: InvoiceStatus
) -> None:
    purchase = await stall.buy()
    invoice = stall.provider.invoices[purchase.invoice_id or ""]
    if status is InvoiceStatus.EXPIRED:
        invoice = stall.provider.expire(purchase.invoice_id)

    assert await stall.settle(invoice) is EventOutcome.IGNORED
    assert await stall.rows(LedgerEntry) == []


@pytest.mark.parametrize("ended", [PurchaseStatus.EXPIRED, PurchaseStatus.CANCELLED])
async def test_paid_beats_the_end_however_late(
    stall: Stall, ended: PurchaseStatus, skip: Skip
) -> None:
    """P1."""
    purchase = await stall.buy()
    await stall.change(purchase, status=ended)
    skip(30 * DAY)

    assert await stall.settle(stall.provider.pay(purchase.invoice_id)) is EventOutcome.SETTLED

    assert (await stall.again(purchase)).status is PurchaseStatus.PAID
    assert await stall.notified() == ["payment-received"]


async def test_buying_again_adds_to_what_is_left(stall: Stall) -> None:
    await stall.buy_and_pay()
    first = await stall.subscription()
    await stall.buy_and_pay(plan="quarter")
    second = await stall.subscription()

    assert second.expires_at - first.expires_at == 90 * DAY
    assert second.revision == first.revision + 1
    assert second.access_id == first.access_id
    assert second.device_limit == 5


async def test_buying_after_the_end_starts_now(stall: Stall, skip: Skip) -> None:
    await stall.buy_and_pay()
    first = await stall.subscription()
    skip(100 * DAY)
    await stall.buy_and_pay()

    assert (await stall.subscription()).expires_at - first.expires_at > 99 * DAY


async def test_two_users_do_not_share_a_balance(stall: Stall) -> None:
    """P9."""
    anna, ben = await stall.buy(ANNA), await stall.buy(BEN)
    await stall.settle(stall.provider.pay(anna.invoice_id, "6.00"))
    await stall.settle(stall.provider.pay(ben.invoice_id, "1.00"))

    assert await stall.balance(ANNA) == Money(101, "USD")
    assert await stall.balance(BEN) == Money(100, "USD")
    assert await stall.balance(BEN, "EUR") == Money(0, "EUR")


async def test_a_plan_for_nothing_is_sold_once_without_a_payment(stall: Stall) -> None:
    """P9: zero is a price; confirmed twice, it is sold once."""
    await stall.change(await stall.term(), price_minor=0)
    order = await stall.order()

    for _ in range(2):
        assert (await stall.pay(order, Balance())).status is PurchaseStatus.PAID

    entries = await stall.rows(LedgerEntry)
    assert [entry.amount_minor for entry in entries] == [0]
    assert len(await stall.rows(Subscription)) == 1


async def test_what_was_sold_is_delivered_though_the_plan_changed(stall: Stall) -> None:
    """P9: the price of the order counts, not today's."""
    purchase = await stall.buy()
    await stall.change(await stall.term(), price_minor=999, days=1)

    assert await stall.settle(stall.provider.pay(purchase.invoice_id)) is EventOutcome.SETTLED
    left = (await stall.subscription()).expires_at - purchase.created_at
    assert left > 29 * DAY
