"""Of a payment that only the webhook knows, the operators are notified once; it takes nothing."""

import json
from datetime import timedelta

import pytest

from app.core.external_values import to_bounded_key
from app.db.models import EventOutcome, ExternalEvent, Purchase
from app.domain.payments import PurchaseStatus, build_invoice_payload
from app.domain.ports import Invoice, UnavailableError
from app.domain.stars import STARS_METHOD, build_paid_invoice
from app.services.payments.events import INVOICE_PAID, receive_payment_event
from app.services.payments.polling import poll_payments
from tests.conftest import Skip
from tests.support.payback import PayingBack
from tests.support.stall import ANNA, OLGA, Stall

MINUTE = timedelta(minutes=1)


class BookedStars(PayingBack):
    """With books that only real payments stand in."""

    def __init__(self) -> None:
        super().__init__()
        self.booked: list[Invoice] = []

    async def list_payments(self) -> list[Invoice]:
        await self._play()
        return self.booked


@pytest.fixture
def provider() -> BookedStars:
    return BookedStars()


async def hear(
    stall: Stall, purchase: Purchase, charge_id: str = "stx1", amount: int = 300
) -> Invoice:
    """As Telegram's update describes it."""
    payload = build_invoice_payload(purchase.id, purchase.user_id)
    payment = {
        "currency": "XTR",
        "total_amount": amount,
        "invoice_payload": payload,
        "telegram_payment_charge_id": charge_id,
    }
    body = json.dumps({"update_id": 1, "message": {"successful_payment": payment}}).encode()
    invoice = build_paid_invoice(payload, amount, charge_id, purchase.created_at)
    await receive_payment_event(stall.db, STARS_METHOD, body, (INVOICE_PAID, invoice))
    return invoice


async def order(stall: Stall, provider: BookedStars) -> Purchase:
    return await stall.pay(await stall.order(), provider)


async def test_a_payment_in_the_books_is_checked_and_nobody_bothered(
    stall: Stall, provider: BookedStars, skip: Skip
) -> None:
    provider.booked = [await hear(stall, await order(stall, provider), "stx" + "é" * 2_000)]

    counts = await poll_payments(stall.db, [provider])

    assert (counts["checked"], counts["unbooked"]) == (1, 0)
    (event,) = await stall.rows(ExternalEvent)
    assert event.checked_at is not None
    skip(10 * MINUTE)
    provider.booked = []
    assert "checked" not in await poll_payments(stall.db, [provider])
    assert await stall.notified(OLGA) == []


async def test_one_that_is_in_no_books_is_reported_once_and_takes_nothing(
    stall: Stall, provider: BookedStars, skip: Skip
) -> None:
    """P12: the webhook's secret has leaked; the decision is an operator's."""
    purchase = await order(stall, provider)
    await hear(stall, purchase, "stx-made-up")

    for _ in range(3):
        await poll_payments(stall.db, [provider])
        skip(2 * MINUTE)
    await poll_payments(stall.db, [provider])

    (notification,) = await stall.notifications(OLGA)
    assert notification.template == "operator-payment-unbooked"
    assert notification.values["invoice"] == "stx-made-up"
    assert (notification.values["paid"], notification.values["person"]) == ("300 XTR", ANNA)
    assert (await stall.again(purchase)).status is PurchaseStatus.PAID
    assert (await stall.subscription()).activation_status == "pending"


async def test_the_books_may_be_a_moment_behind(
    stall: Stall, provider: BookedStars, skip: Skip
) -> None:
    real = await hear(stall, await order(stall, provider))
    skip(2 * MINUTE)
    await poll_payments(stall.db, [provider])
    provider.booked = [real]
    skip(2 * MINUTE)

    await poll_payments(stall.db, [provider])

    assert await stall.notified(OLGA) == []


@pytest.mark.parametrize("real_amount", [300, 1])
async def test_a_real_payment_reported_of_another_order_or_sum_is_none(
    stall: Stall, provider: BookedStars, skip: Skip, real_amount: int
) -> None:
    """P9, P12: the id alone proves nothing."""
    purchase = await order(stall, provider)
    other = build_invoice_payload(purchase.id, purchase.user_id) if real_amount == 1 else "another"
    provider.booked = [build_paid_invoice(other, real_amount, "stx1", purchase.created_at)]
    await hear(stall, purchase)
    skip(4 * MINUTE)

    await poll_payments(stall.db, [provider])

    assert await stall.notified(OLGA) == ["operator-payment-unbooked"]


async def test_while_the_books_are_away_nothing_is_concluded(
    stall: Stall, provider: BookedStars, skip: Skip
) -> None:
    await hear(stall, await order(stall, provider))
    skip(4 * MINUTE)
    provider.failures = [UnavailableError("502")]

    with pytest.raises(UnavailableError):
        await poll_payments(stall.db, [provider])

    assert await stall.notified(OLGA) == []
    (event,) = await stall.rows(ExternalEvent)
    assert event.checked_at is None


async def test_an_event_whose_body_cannot_be_read_again_is_reported_too(
    stall: Stall, provider: BookedStars, skip: Skip
) -> None:
    """P12."""
    invoice = build_paid_invoice("donation", 50, "stx\0", (await order(stall, provider)).created_at)
    outcome = await receive_payment_event(stall.db, STARS_METHOD, b"[", (INVOICE_PAID, invoice))
    assert outcome is EventOutcome.UNMATCHED
    skip(4 * MINUTE)

    await poll_payments(stall.db, [provider])

    assert (await stall.notified(OLGA))[-1] == "operator-payment-unbooked"
    assert (await stall.notifications(OLGA))[-1].values["invoice"] == to_bounded_key("stx\ufffd")
