"""The provider's events: stored once, settled once, and no event stops the others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from app.core.money import Money
from app.db.models import EventOutcome, ExternalEvent, LedgerEntry, Purchase, Subscription
from app.db.outage import is_outage
from app.domain.payments import PurchaseStatus
from app.domain.ports import Invoice, InvoiceStatus
from app.services.payments.events import INVOICE_PAID, receive_payment_event
from app.services.payments.polling import poll_payments
from tests.support.locks import until_waiting
from tests.support.stall import ANNA, BEN, OLGA, Stall

BODY = b'{"update_id": 1}'
_REFUSE_AT_COMMIT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION refuse()
"""


async def hear(stall: Stall, invoice: Invoice, event_type: str = INVOICE_PAID) -> EventOutcome:
    return await receive_payment_event(stall.db, "cryptobot", BODY, (event_type, invoice))


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def break_(stall: Stall, purchase: Purchase) -> None:
    """Make settling it a bug: so many days lead beyond the calendar."""
    await stall.change(purchase, days=4_000_000)


async def test_an_event_is_kept_as_it_came(stall: Stall) -> None:
    """P1."""
    purchase = await stall.buy()

    outcome = await hear(stall, stall.provider.pay(purchase.invoice_id))

    assert outcome is EventOutcome.SETTLED
    (event,) = await stall.rows(ExternalEvent)
    assert (event.external_id, event.body) == (purchase.invoice_id, BODY)
    assert event.outcome is EventOutcome.SETTLED


async def test_fifty_times_at_once_beside_the_polling_settles_once(stall: Stall) -> None:
    """P1, P2, P3: one settlement, one pair of entries, one extension, one message."""
    purchase = await stall.buy()
    paid = stall.provider.pay(purchase.invoice_id)

    outcomes, rounds = await asyncio.gather(
        asyncio.gather(*(hear(stall, paid) for _ in range(50))),
        asyncio.gather(*(poll_payments(stall.db, [stall.provider]) for _ in range(3))),
    )

    settled = outcomes.count(EventOutcome.SETTLED) + sum(counts["settled"] for counts in rounds)
    assert settled == 1
    assert set(outcomes) <= {EventOutcome.SETTLED, EventOutcome.REPEATED}
    assert [entry.amount_minor for entry in await stall.rows(LedgerEntry)] == [499, -499]
    subscription = await stall.subscription()
    assert subscription.revision == 1
    assert subscription.expires_at - subscription.created_at == timedelta(days=30)
    assert await stall.notified() == ["payment-received"]
    assert await stall.notified(OLGA) == []
    assert len(await stall.rows(ExternalEvent)) == 1


async def test_two_purchases_of_one_user_paid_at_the_same_moment_both_count(
    stall: Stall,
) -> None:
    """P2: neither period is lost, though both extend the same subscription."""
    purchases = [await stall.buy(plan=plan) for plan in ("month", "quarter", "year")]
    invoices = [stall.provider.pay(purchase.invoice_id) for purchase in purchases]

    outcomes = await asyncio.gather(*(hear(stall, invoice) for invoice in invoices))

    assert set(outcomes) == {EventOutcome.SETTLED}
    subscription = await stall.subscription()
    sold = subscription.expires_at - subscription.created_at
    assert timedelta(0) <= sold - timedelta(days=30 + 90 + 365) < timedelta(seconds=10)
    assert subscription.revision == 3
    assert await stall.notified() == ["payment-received"] * 3
    revisions = [purchase.subscription_revision for purchase in await stall.rows(Purchase)]
    assert sorted(revisions, key=str) == [1, 2, 3]


async def test_two_invoices_of_one_purchase_paid_at_the_same_moment_sell_it_once(
    stall: Stall,
) -> None:
    """P2, P9: the other payment stays on the balance."""
    purchase = await stall.buy()
    first = stall.provider.pay(purchase.invoice_id)
    invoices = [replace(first, invoice_id=f"{number}") for number in range(1, 5)]

    outcomes = await asyncio.gather(*(hear(stall, invoice) for invoice in [first, *invoices]))

    assert Counter(outcomes) == {EventOutcome.SETTLED: 1, EventOutcome.DISPUTED: 4}
    assert await stall.balance() == Money(4 * 499, "USD")
    assert (await stall.subscription()).revision == 1


async def test_a_settlement_that_waited_for_another_of_the_same_purchase_sees_what_it_did(
    stall: Stall, admin: asyncpg.Connection
) -> None:
    """P2: found by its payload the one, by its invoice the other."""
    purchase = await stall.buy()
    known = stall.provider.pay(purchase.invoice_id)
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", ANNA)
        first = asyncio.ensure_future(hear(stall, replace(known, invoice_id="1")))
        await until_waiting(admin, 1)
        second = asyncio.ensure_future(hear(stall, known))
        await until_waiting(admin, 2)

    assert await first is EventOutcome.SETTLED
    assert await second is EventOutcome.DISPUTED
    assert await stall.notified() == ["payment-received", "payment-second"]


async def test_payments_of_many_users_at_once_do_not_mix(stall: Stall) -> None:
    """P2, P9."""
    purchases = [await stall.buy(user) for user in (ANNA, BEN, OLGA)]
    invoices = [stall.provider.pay(purchase.invoice_id) for purchase in purchases]

    outcomes = await asyncio.gather(*(hear(stall, invoice) for invoice in invoices * 5))

    assert Counter(outcomes) == {EventOutcome.SETTLED: 3, EventOutcome.REPEATED: 12}
    assert len(await stall.rows(Subscription)) == 3


async def test_a_poison_event_is_kept_and_the_operator_notified_and_nothing_half_done(
    stall: Stall,
) -> None:
    """P1, P2: the provider gets 200, or it would switch the webhook off for everybody."""
    purchase = await stall.buy()
    await break_(stall, purchase)

    outcome = await hear(stall, stall.provider.pay(purchase.invoice_id))

    assert outcome is EventOutcome.FAILED
    (event,) = await stall.rows(ExternalEvent)
    assert event.outcome is EventOutcome.FAILED
    assert await stall.rows(LedgerEntry) == []
    assert await stall.rows(Subscription) == []
    assert (await stall.again(purchase)).status is PurchaseStatus.PENDING
    assert await stall.notified(OLGA) == ["operator-event-failed"]
    assert await stall.notified() == []


async def test_a_settlement_that_its_commit_refuses_is_a_poison_event_too(
    stall: Stall, admin: asyncpg.Connection
) -> None:
    """P1, P9: the rule that no balance is negative is looked at by the commit."""
    purchase = await stall.buy()
    await admin.execute(_REFUSE_AT_COMMIT)
    try:
        outcome = await hear(stall, stall.provider.pay(purchase.invoice_id))
    finally:
        await admin.execute("DROP FUNCTION refuse CASCADE")

    assert outcome is EventOutcome.FAILED
    (event,) = await stall.rows(ExternalEvent)
    assert event.outcome is EventOutcome.FAILED
    assert await stall.rows(LedgerEntry) == []
    assert await stall.notified(OLGA) == ["operator-event-failed"]
    assert await hear(stall, stall.provider.pay(purchase.invoice_id)) is EventOutcome.SETTLED


async def test_what_the_database_cannot_store_is_reported_without_it(stall: Stall) -> None:
    """P1: repeating it for three days would switch the webhook off."""
    purchase = await stall.buy()
    outcome = await hear(stall, stall.provider.pay(purchase.invoice_id, "4.99\0"))

    assert outcome is EventOutcome.DISPUTED
    (notification,) = await stall.notifications(OLGA)
    assert notification.template == "operator-payment-foreign"
    assert notification.values["paid"] == "4.99\N{REPLACEMENT CHARACTER} USD"


async def test_after_a_poison_event_polling_settles_what_was_repaired(stall: Stall) -> None:
    """P1."""
    purchase = await stall.buy()
    await break_(stall, purchase)
    await hear(stall, stall.provider.pay(purchase.invoice_id))
    counts = await poll_payments(stall.db, [stall.provider])
    assert counts["settled"] == 0

    await stall.change(purchase, days=30)
    counts = await poll_payments(stall.db, [stall.provider])

    assert counts["settled"] == 1
    assert (await stall.again(purchase)).status is PurchaseStatus.PAID
    assert await stall.notified(OLGA) == ["operator-event-failed"]


async def test_a_failed_event_that_comes_again_is_settled_again(stall: Stall) -> None:
    """P1: the row does not stand in the way."""
    purchase = await stall.buy()
    await break_(stall, purchase)
    paid = stall.provider.pay(purchase.invoice_id)
    await hear(stall, paid)
    await stall.change(purchase, days=30)

    outcomes = await asyncio.gather(*(hear(stall, paid) for _ in range(5)))

    assert Counter(outcomes) == {EventOutcome.SETTLED: 1, EventOutcome.REPEATED: 4}
    (event,) = await stall.rows(ExternalEvent)
    assert event.outcome is EventOutcome.SETTLED
    assert await stall.balance() == Money(0, "USD")


async def test_an_outage_in_the_middle_of_settling_stores_nothing(
    stall: Stall, admin: asyncpg.Connection
) -> None:
    """P1: then the provider must get 5xx, and its repeat finds a clean table."""
    purchase = await stall.buy()
    paid = stall.provider.pay(purchase.invoice_id)
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", ANNA)
        hearing = asyncio.ensure_future(hear(stall, paid))
        for _ in range(3):  # it connects anew twice
            (settling,) = await until_waiting(admin)
            await admin.execute("SELECT pg_terminate_backend($1, 60000)", settling)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - its class is is_outage's matter
            await hearing
    assert is_outage(caught.value)
    assert await stall.rows(ExternalEvent) == []
    assert await stall.rows(LedgerEntry) == []

    assert await hear(stall, paid) is EventOutcome.SETTLED
    assert await stall.notified(OLGA) == []


@pytest.mark.parametrize(
    ("event_type", "outcome"),
    [("invoice_of_tomorrow", EventOutcome.IGNORED), (INVOICE_PAID, EventOutcome.RECEIVED)],
)
async def test_an_event_of_no_money_is_kept_and_nobody_bothered(
    stall: Stall, event_type: str, outcome: EventOutcome
) -> None:
    invoice = Invoice("7", InvoiceStatus.ACTIVE, "1", "USD", "", "")
    assert await hear(stall, invoice, event_type) is outcome
    assert len(await stall.rows(ExternalEvent)) == 1
    assert await stall.notified(OLGA) == []


async def test_types_of_one_invoice_are_different_events(stall: Stall) -> None:
    """P1: an unknown type must not shadow the payment."""
    purchase = await stall.buy()
    paid = stall.provider.pay(purchase.invoice_id)

    assert await hear(stall, paid, "invoice_seen") is EventOutcome.IGNORED
    assert await hear(stall, paid) is EventOutcome.SETTLED


async def test_each_signed_body_that_is_no_event_is_kept_and_reported(stall: Stall) -> None:
    """P1: whatever is signed may be money."""
    for body in (b"[1]", b"[1]", b"\xff\x00"):
        await receive_payment_event(stall.db, "cryptobot", body, None, ("", "9.00 USD"))

    kept = await stall.rows(ExternalEvent)
    assert [event.body for event in kept] == [b"[1]", b"\xff\x00"]
    notifications = await stall.notifications(OLGA)
    assert [notification.template for notification in notifications] == [
        "operator-event-malformed"
    ] * 2
    assert [notification.values["paid"] for notification in notifications] == ["9.00 USD"] * 2
