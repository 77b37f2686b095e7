"""The second path of every payment: asking the provider."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.db.models import Purchase, Subscription
from app.domain.payments import PurchaseStatus
from app.domain.ports import UnavailableError
from app.services.payments.checkout import cancel_order, save_checkout_message
from app.services.payments.events import INVOICE_PAID, receive_payment_event
from app.services.payments.methods import PaymentMethods
from app.services.payments.polling import confirm_payment, poll_payments
from app.services.purchases.orders import PurchaseGoneError
from tests.conftest import Skip
from tests.support.fakes import Hook
from tests.support.stall import ANNA, BEN, OLGA, Stall

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def counts(**some: int) -> dict[str, int]:
    """Of a round that did nothing else."""
    return {"asked": 0, "settled": 0, "expired": 0, "adopted": 0, "dropped": 0} | some


async def watch(stall: Stall) -> dict[str, int]:
    return await poll_payments(stall.db, [stall.provider])


async def test_polling_settles_what_the_webhook_did_not_report(stall: Stall) -> None:
    """P1, P5."""
    purchase = await stall.buy()
    stall.provider.pay(purchase.invoice_id)

    assert await watch(stall) == counts(asked=1, settled=1)

    assert (await stall.again(purchase)).status is PurchaseStatus.PAID
    assert await stall.notified() == ["payment-received"]
    assert (await watch(stall))["asked"] == 0


async def test_all_open_invoices_are_asked_for_in_one_call(stall: Stall) -> None:
    for user in (ANNA, BEN, OLGA):
        await stall.buy(user)

    await watch(stall)

    (ids,) = stall.provider.asked
    assert sorted(ids) == sorted(stall.provider.invoices)


async def test_a_fresh_order_and_an_open_invoice_stay_as_they_are(stall: Stall) -> None:
    """P1: nothing but time and the provider's word ends them."""
    order, invoiced = await stall.order(ANNA), await stall.buy(BEN)

    for _ in range(2):
        assert await watch(stall) == counts(asked=1)

    assert (await stall.again(order)).status is PurchaseStatus.CREATED
    assert (await stall.again(invoiced)).status is PurchaseStatus.PENDING
    assert await stall.notified(ANNA) == await stall.notified(BEN) == []


async def test_a_webhook_that_never_comes_alarms_the_operator_once_an_hour(
    stall: Stall, skip: Skip
) -> None:
    """P1: alarm on what did not happen, however soon polling made up for it."""
    for user in (ANNA, BEN):
        purchase = await stall.buy(user)
        stall.provider.pay(purchase.invoice_id)
    assert (await watch(stall))["settled"] == 2
    assert await stall.notified(OLGA) == []

    for _ in range(3):
        skip(20 * SECOND)
        await watch(stall)

    assert await stall.notified(OLGA) == ["operator-webhook-silent"]


async def test_a_button_that_asks_sooner_than_polling_hides_no_silent_webhook(
    stall: Stall, skip: Skip
) -> None:
    purchase = await stall.buy()
    stall.provider.pay(purchase.invoice_id)
    await confirm_payment(stall.db, PaymentMethods([stall.provider]), purchase.id, ANNA)
    skip(20 * SECOND)

    await watch(stall)

    assert await stall.notified(OLGA) == ["operator-webhook-silent"]


async def test_a_webhook_that_comes_after_polling_is_no_silent_one(
    stall: Stall, skip: Skip
) -> None:
    purchase = await stall.buy()
    paid = stall.provider.pay(purchase.invoice_id)
    await watch(stall)
    await receive_payment_event(stall.db, "cryptobot", b"{}", (INVOICE_PAID, paid))
    skip(20 * SECOND)

    await watch(stall)

    assert await stall.notified(OLGA) == []


async def test_a_webhook_that_came_and_failed_is_not_called_silent(
    stall: Stall, skip: Skip
) -> None:
    purchase = await stall.buy()
    await stall.change(purchase, days=4_000_000)
    paid = stall.provider.pay(purchase.invoice_id)
    await receive_payment_event(stall.db, "cryptobot", b"{}", (INVOICE_PAID, paid))
    await stall.change(purchase, days=30)
    assert (await watch(stall))["settled"] == 1
    skip(20 * SECOND)

    await watch(stall)

    assert await stall.notified(OLGA) == ["operator-event-failed"]


async def test_an_invoice_ends_on_the_providers_word(stall: Stall) -> None:
    purchase = await stall.buy()
    await save_checkout_message(stall.db, purchase.id, 55)
    stall.provider.expire(purchase.invoice_id)

    assert (await watch(stall))["expired"] == 1
    assert (await watch(stall))["expired"] == 0

    assert (await stall.again(purchase)).status is PurchaseStatus.EXPIRED
    (notification,) = await stall.notifications()
    assert (notification.template, notification.edit_message_id) == ("invoice-expired", 55)


async def test_our_clock_alone_ends_no_invoice(stall: Stall, skip: Skip) -> None:
    """P1: it could be a payment ahead of the provider's."""
    purchase = await stall.buy()
    skip(timedelta(days=30))

    assert (await watch(stall))["expired"] == 0
    assert (await stall.again(purchase)).status is PurchaseStatus.PENDING
    stall.provider.pay(purchase.invoice_id)
    assert (await watch(stall))["settled"] == 1


@pytest.mark.parametrize("ended", [PurchaseStatus.EXPIRED, PurchaseStatus.CANCELLED])
async def test_a_payment_of_the_last_second_is_found_after_the_end(
    stall: Stall, skip: Skip, ended: PurchaseStatus
) -> None:
    """P1."""
    purchase = await stall.buy()
    if ended is PurchaseStatus.CANCELLED:
        await cancel_order(stall.db, purchase.id, ANNA)
    else:
        stall.provider.expire(purchase.invoice_id)
        await watch(stall)
    assert (await stall.again(purchase)).status is ended
    skip(timedelta(minutes=119))
    stall.provider.pay(purchase.invoice_id)

    assert (await watch(stall))["settled"] == 1

    assert (await stall.again(purchase)).status is PurchaseStatus.PAID


async def test_what_ended_long_ago_is_asked_for_no_more(stall: Stall, skip: Skip) -> None:
    purchase = await stall.buy()
    await cancel_order(stall.db, purchase.id, ANNA)
    skip(timedelta(minutes=121))

    assert (await watch(stall))["asked"] == 0


async def test_a_poison_invoice_does_not_stop_the_others(stall: Stall) -> None:
    """P1, P6: and the operators are notified, though no event came."""
    poison, good = await stall.buy(ANNA), await stall.buy(BEN)
    await stall.change(poison, days=4_000_000)
    for purchase in (poison, good):
        stall.provider.pay(purchase.invoice_id)

    assert (await watch(stall))["settled"] == 1
    assert (await watch(stall))["settled"] == 0

    assert (await stall.again(good)).status is PurchaseStatus.PAID
    assert (await stall.again(poison)).status is PurchaseStatus.PENDING
    assert await stall.notified(OLGA) == ["operator-event-failed"]


async def test_with_the_provider_down_the_round_fails(stall: Stall) -> None:
    """P6: so that the worker backs off and says so."""
    await stall.buy()
    stall.provider.failures = [UnavailableError("down")]

    with pytest.raises(UnavailableError):
        await watch(stall)


async def test_with_nothing_to_ask_for_nobody_is_asked(stall: Stall) -> None:
    stall.provider.failures = [UnavailableError("down")]

    assert await watch(stall) == counts()


async def test_an_invoice_whose_answer_was_lost_is_adopted(stall: Stall, skip: Skip) -> None:
    """P1."""
    purchase = await lost(stall)
    assert (await watch(stall))["adopted"] == 0  # the tap may still be under way
    skip(3 * MINUTE)

    assert (await watch(stall))["adopted"] == 1

    adopted = await stall.again(purchase)
    assert adopted.status is PurchaseStatus.PENDING
    stall.provider.pay(adopted.invoice_id)
    assert (await watch(stall))["settled"] == 1


async def test_each_lost_invoice_is_adopted_and_counted(stall: Stall, skip: Skip) -> None:
    """P1."""
    for user_id in (ANNA, BEN):
        await lost(stall, user_id)
    skip(3 * MINUTE)

    assert (await watch(stall))["adopted"] == 2
    assert (await watch(stall))["adopted"] == 0


async def test_an_order_whose_method_was_just_chosen_is_not_given_up_however_old_it_is(
    stall: Stall, skip: Skip
) -> None:
    """P1: the provider may be asked at this very moment."""
    order = await stall.order()
    skip(timedelta(minutes=30))

    async def watch_meanwhile() -> None:
        stall.provider.on_call = _nothing
        assert (await watch(stall))["adopted"] == 0

    stall.provider.on_call = watch_meanwhile
    assert (await stall.pay(order)).status is PurchaseStatus.PENDING


async def _nothing() -> None: ...


async def test_a_row_whose_invoice_never_was_is_given_up(stall: Stall, skip: Skip) -> None:
    purchase = await lost(stall)
    stall.provider.invoices.clear()
    skip(3 * MINUTE)

    assert (await watch(stall))["adopted"] == 0
    assert (await stall.again(purchase)).status is PurchaseStatus.EXPIRED


async def test_what_cannot_be_looked_up_keeps_no_payment_waiting(stall: Stall, skip: Skip) -> None:
    """P1, P6: payments first, lost rows after."""
    await lost(stall, BEN)
    skip(3 * MINUTE)
    purchase = await stall.buy(ANNA)
    stall.provider.pay(purchase.invoice_id)
    stall.provider.on_call = fail_from_the_second_call()

    with pytest.raises(UnavailableError):
        await watch(stall)
    assert (await stall.again(purchase)).status is PurchaseStatus.PAID


async def test_newer_invoices_are_asked_for_though_a_thousand_old_ones_stay_unknown(
    stall: Stall,
) -> None:
    """P1: after a change of the token the provider knows none of the old ones."""
    purchase = await stall.buy()
    async with stall.db.unit_of_work() as session:
        for number in range(1_000):
            session.add(old_copy(purchase, number))
    stall.provider.pay(purchase.invoice_id)

    assert await watch(stall) == counts(asked=1_000, settled=1)


async def test_i_have_paid_asks_the_provider_now(stall: Stall) -> None:
    """P1, P5."""
    purchase = await stall.buy()
    unpaid = await confirm_payment(stall.db, PaymentMethods([stall.provider]), purchase.id, ANNA)
    assert unpaid.status is PurchaseStatus.PENDING
    stall.provider.pay(purchase.invoice_id)

    for _ in range(2):
        paid = await confirm_payment(stall.db, PaymentMethods([stall.provider]), purchase.id, ANNA)
        assert paid.status is PurchaseStatus.PAID

    assert len(await stall.rows(Subscription)) == 1
    assert await stall.notified(OLGA) == []


async def test_i_have_paid_says_so_when_there_is_nothing_to_ask_for(stall: Stall) -> None:
    theirs = await stall.buy(BEN)
    without_invoice = await lost(stall)
    for purchase_id in (theirs.id, without_invoice.id, uuid4()):
        with pytest.raises(PurchaseGoneError):
            await confirm_payment(stall.db, PaymentMethods([stall.provider]), purchase_id, ANNA)


async def test_i_have_paid_by_a_method_that_the_shop_has_no_more_changes_nothing(
    stall: Stall,
) -> None:
    """P8: an unset token must not make the button fail."""
    purchase = await stall.buy()
    stall.provider.pay(purchase.invoice_id)

    shown = await confirm_payment(stall.db, PaymentMethods([]), purchase.id, ANNA)

    assert (shown.id, shown.status) == (purchase.id, PurchaseStatus.PENDING)
    assert stall.provider.asked == []


async def test_i_have_paid_says_so_when_the_provider_is_away(stall: Stall) -> None:
    """P8: the user gets the provider's state, not ours."""
    purchase = await stall.buy()
    stall.provider.failures = [UnavailableError("down")]

    with pytest.raises(UnavailableError):
        await confirm_payment(stall.db, PaymentMethods([stall.provider]), purchase.id, ANNA)


async def lost(stall: Stall, user_id: int = ANNA) -> Purchase:
    """A purchase whose invoice was made, though its id never reached us."""
    stall.provider.loses_answers = True
    with pytest.raises(UnavailableError):
        await stall.buy(user_id)
    stall.provider.loses_answers = False
    (purchase,) = await stall.rows(Purchase, Purchase.user_id == user_id)
    return purchase


def fail_from_the_second_call() -> Hook:
    calls = 0

    async def count() -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise UnavailableError("down")

    return count


def old_copy(purchase: Purchase, number: int) -> Purchase:
    names = [column.name for column in Purchase.__table__.columns]
    values = {name: getattr(purchase, name) for name in names}
    old = timedelta(days=100)
    return Purchase(
        **values
        | {
            "id": uuid4(),
            "invoice_id": f"old-{number}",
            "created_at": purchase.created_at - old,
            "expires_at": purchase.expires_at - old,
        }
    )
