"""A key brings its receipt: one message for a quick panel, two for a slow one."""

from datetime import timedelta

import pytest

from app.clients.balance import Balance
from app.core import clock
from app.db.models import OutboxMessage, OutboxStatus, Purchase
from app.domain.messages import Lane
from app.domain.ports import UnavailableError
from app.services.access.activation import provision_due_subscriptions
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.purchases import top_ups
from tests.conftest import Skip
from tests.services.purchases.test_top_ups import give, usd
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, OPERATORS, Stall

ORDER_MESSAGE = 77


@pytest.fixture
def sender() -> RecordingSender:
    return RecordingSender()


@pytest.fixture
def ports(sender: RecordingSender) -> DeliveryPorts:
    return DeliveryPorts(sender, PlainRenderer(), FakeClaims(), OPERATORS)


async def deliver(stall: Stall, ports: DeliveryPorts) -> dict[str, int]:
    """Until a round leaves nothing behind; the last one's counts."""
    while (counts := await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["more"]:
        pass
    return counts


async def provision(stall: Stall) -> None:
    await provision_due_subscriptions(stall.db, stall.panel)


async def pay_shown(stall: Stall) -> Purchase:
    """By an invoice; the order stands in the chat."""
    purchase = await stall.buy()
    await stall.change(purchase, message_id=ORDER_MESSAGE)
    await stall.settle(stall.provider.pay(purchase.invoice_id))
    return purchase


def templates(sender: RecordingSender) -> list[str]:
    return [text.split()[0] for text in sender.texts(ANNA)]


async def statuses(stall: Stall) -> list[tuple[str, OutboxStatus]]:
    rows = await stall.rows(OutboxMessage, OutboxMessage.chat_id == ANNA)
    return [(row.template, row.status) for row in rows]


async def test_a_quick_key_brings_the_receipt_and_takes_the_place_of_the_order(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """P3, P4: one message, also when the receipt's time has come."""
    await pay_shown(stall)
    assert 0 < (await deliver(stall, ports))["next_in_ms"] <= 1000
    await provision(stall)
    await deliver(stall, ports)
    skip(timedelta(seconds=2))
    await deliver(stall, ports)

    assert templates(sender) == ["key-ready"]
    assert "4.99 USD" in sender.texts(ANNA)[0]
    assert (sender.removed, sender.edited) == ({ORDER_MESSAGE}, [])
    assert await statuses(stall) == [
        ("payment-received", OutboxStatus.WITHDRAWN),
        ("key-ready", OutboxStatus.SENT),
    ]


async def test_with_a_slow_panel_the_receipt_comes_after_a_second(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """P3: and the key in a message of its own."""
    stall.panel.failures = [UnavailableError("HTTP 502")]
    await pay_shown(stall)
    await provision(stall)
    await deliver(stall, ports)
    assert sender.edited == []
    skip(timedelta(seconds=1))
    await deliver(stall, ports)
    ((chat_id, message_id, text),) = sender.edited
    assert (chat_id, message_id, text.split()[0]) == (ANNA, ORDER_MESSAGE, "payment-received")

    skip(timedelta(minutes=10))
    await provision(stall)
    await deliver(stall, ports)
    assert templates(sender) == ["key-ready"]
    assert "4.99 USD" not in sender.texts(ANNA)[0]
    assert sender.removed == set()


async def test_a_receipt_that_is_being_sent_goes_before_the_key(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """P3, P4: what was claimed cannot be withdrawn."""
    await pay_shown(stall)
    skip(timedelta(seconds=1))
    order: list[str] = []

    async def overtake() -> None:
        order.append("call")
        if len(order) == 1:
            await provision(stall)
            assert await statuses(stall) == [
                ("payment-received", OutboxStatus.WAITING),
                ("key-ready", OutboxStatus.WAITING),
            ]
            assert sender.edited == []

    sender.on_call = overtake
    await deliver(stall, ports)

    assert [text.split()[0] for *_, text in sender.edited] == ["payment-received"]
    assert templates(sender) == ["key-ready"]
    assert sender.removed == set()


async def test_a_receipt_that_telegram_has_put_off_is_brought_by_the_key(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """P4: it certainly was not sent."""
    await pay_shown(stall)
    skip(timedelta(seconds=1))
    sender.waits[ANNA] = timedelta(seconds=30)
    await deliver(stall, ports)
    await provision(stall)
    sender.waits.clear()
    await deliver(stall, ports)

    assert templates(sender) == ["key-ready"]
    assert sender.edited == []


async def test_a_new_term_brings_its_receipt_too(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    for _ in range(2):
        await pay_shown(stall)
        await provision(stall)
        await deliver(stall, ports)

    assert templates(sender) == ["key-ready", "subscription-extended"]
    assert all("4.99 USD" in text for text in sender.texts(ANNA))


async def test_of_two_orders_that_one_key_is_for_the_first_has_its_own_receipt(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """A message can take the place of one: the key waits for the other, as long as that waits."""
    await pay_shown(stall)
    await pay_shown(stall)
    await provision(stall)
    await deliver(stall, ports)
    assert templates(sender) == []
    skip(timedelta(seconds=1))
    await deliver(stall, ports)

    assert [text.split()[0] for *_, text in sender.edited] == ["payment-received"]
    assert templates(sender) == ["key-ready"]


async def test_what_a_tap_paid_for_keeps_its_message_which_shows_the_receipt_already(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    await give(stall, 500)
    order = await stall.order()
    await stall.change(order, message_id=ORDER_MESSAGE)
    await stall.pay(order, Balance())
    await provision(stall)
    skip(timedelta(seconds=2))
    await deliver(stall, ports)

    assert templates(sender) == ["topped-up", "key-ready"]
    assert (sender.removed, sender.edited) == (set(), [])


async def test_what_brings_no_key_is_confirmed_at_once(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    order = await stall.pay(await top_ups.place_top_up(stall.db, ANNA, usd(500)))
    await stall.settle(stall.provider.pay(order.invoice_id))
    await deliver(stall, ports)

    assert templates(sender) == ["topped-up"]
    (row,) = await stall.rows(OutboxMessage)
    assert row.due_at <= clock.now()
