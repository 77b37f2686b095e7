"""What two do at the same moment with one user's money or access happens one after the other.

That they overlap is proved (`overlap`): both are under way, and wait, before either has done
anything; what takes no lock ends without waiting, and fails the test.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from app.clients.balance import Balance
from app.core.money import Money
from app.db.models import (
    Address,
    AuditEntry,
    EventOutcome,
    LedgerEntry,
    Purchase,
    Subscription,
    User,
)
from app.domain.addresses import detect_address
from app.domain.payments import Payout, PurchaseStatus
from app.domain.ports import Invoice, InvoiceOrder, RefusedError, UnavailableError
from app.domain.promo_codes import PromoKind
from app.domain.shop_settings import ShopSettings
from app.services.access.activation import provision_due_subscriptions
from app.services.access.new_links import (
    LinkRenewedRecentlyError,
    MeasuredUsage,
    replace_access,
)
from app.services.operations.corrections import BalanceOverdrawnError, correct_balance
from app.services.payments import checkout, payouts, refunds
from app.services.payments.checkout import BalanceShortError
from app.services.payments.methods import PaymentMethods
from app.services.privacy.erasure import erase_user
from app.services.promotions import referrals, trials
from app.services.promotions.promo_code_entry import (
    EnteredPromoCode,
    apply_promo_code,
    enter_promo_code,
    remove_promo_code,
)
from app.services.promotions.trials import TrialUsedError
from app.services.purchases import orders, top_ups
from app.services.purchases.orders import PurchaseGoneError
from app.services.purchases.promo_codes import PromoUsedError
from app.services.purchases.renewals import set_subscription_auto_renew
from app.services.tracking.wallet import addresses
from tests.support.barrier import barrier
from tests.support.eventually import eventually
from tests.support.locks import held, overlap, until_waiting
from tests.support.offers import add_code
from tests.support.payback import PayingBack
from tests.support.stall import ANNA, BEN, OLGA, Stall

# Foreign keys do not wait for this lock: who waits has asked for the user.
A_USER = f"SELECT FROM users WHERE id = {ANNA} FOR NO KEY UPDATE"
A_SUBSCRIPTION = f"SELECT FROM subscriptions WHERE user_id = {ANNA} FOR NO KEY UPDATE"


def usd(minor: int) -> Money:
    return Money(minor, "USD")


async def give(stall: Stall, minor: int, message_id: int, user_id: int = ANNA) -> Money:
    return await correct_balance(stall.db, OLGA, message_id, user_id, usd(minor), "a test")


async def bring(stall: Stall, user_id: int, referrer_id: int) -> bool:
    (referrer,) = await stall.rows(User, User.id == referrer_id)
    return await referrals.bind_referrer(stall.db, user_id, referrer.referral_code)


def kinds(outcomes: list[object]) -> list[type]:
    return [type(outcome) for outcome in outcomes]


async def test_two_taps_on_a_top_up_are_one_order(stall: Stall, database_url: str) -> None:
    """P2."""
    await overlap(
        database_url, A_USER, *(top_ups.place_top_up(stall.db, ANNA, usd(800)) for _ in range(2))
    )
    assert len(await stall.rows(Purchase)) == 1


async def test_two_taps_on_a_plan_are_one_order(stall: Stall, database_url: str) -> None:
    """P2."""
    await overlap(database_url, A_USER, stall.order(), stall.order())
    assert len(await stall.rows(Purchase)) == 1


async def test_two_corrections_take_the_money_once(stall: Stall, database_url: str) -> None:
    """P9."""
    await give(stall, 500, 1)
    outcomes = await overlap(database_url, A_USER, give(stall, -400, 2), give(stall, -400, 3))
    assert kinds(outcomes) == [Money, BalanceOverdrawnError]
    assert await stall.balance() == usd(100)


async def test_one_correction_sent_twice_is_one(stall: Stall, database_url: str) -> None:
    """P2."""
    outcomes = await overlap(database_url, A_USER, give(stall, 500, 1), give(stall, 500, 1))
    assert outcomes == [usd(500), usd(500)]
    assert len(await stall.rows(LedgerEntry)) == 1


async def test_two_taps_on_a_payment_method_choose_one(stall: Stall, database_url: str) -> None:
    """P2: the second finds the order that the first has left."""
    order = await stall.order()
    first, second = await overlap(database_url, A_USER, stall.pay(order), stall.pay(order))
    assert isinstance(first, Purchase)
    assert isinstance(second, Purchase)
    assert first.id == second.id
    assert len(await stall.rows(Purchase)) == 1


async def test_two_orders_with_one_balance_sell_one(stall: Stall, database_url: str) -> None:
    """P9: each takes a part of it, and both invoices are paid at the same moment."""
    await give(stall, 300, 1)
    invoices = []
    for plan in ("month", "quarter"):
        order = await stall.order(plan=plan)
        order = await orders.set_order_balance_use(stall.db, order.id, ANNA, use=True)
        paid = await stall.pay(order)
        invoices.append(stall.provider.pay(paid.invoice_id))

    outcomes = await overlap(database_url, A_USER, *(stall.settle(paid) for paid in invoices))

    assert outcomes == [EventOutcome.SETTLED, EventOutcome.DISPUTED]
    assert len(await stall.rows(Subscription)) == 1


class SlowBalance(Balance):
    """Answers once it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def create_invoice(self, order: InvoiceOrder) -> Invoice:
        self.asked += 1
        await self.may_answer.wait()
        return await super().create_invoice(order)


async def test_an_order_for_which_the_balance_is_gone_by_now_stays_open(
    stall: Stall, database_url: str
) -> None:
    """P8, P9: both have chosen the balance while there was enough of it."""
    await give(stall, 700, 1)
    placed = []
    for _ in range(2):
        placed.append(order := await stall.order())
        # Near its end it is not given to the next tap.
        await stall.change(order, expires_at=order.created_at + timedelta(minutes=9))
    slow = SlowBalance()
    taps = [asyncio.ensure_future(stall.pay(order, slow)) for order in placed]

    async def are_asked() -> bool:
        return slow.asked == len(taps)

    await eventually(are_asked)
    async with held(database_url, A_USER) as connection:
        slow.may_answer.set()
        await until_waiting(connection, 2)
    outcomes = await asyncio.gather(*taps, return_exceptions=True)

    assert sorted(kinds(list(outcomes)), key=str) == [Purchase, BalanceShortError]
    rows = [await stall.again(order) for order in placed]
    assert {row.status for row in rows} == {PurchaseStatus.PAID, PurchaseStatus.CREATED}


async def test_the_part_of_a_balance_is_looked_at_once_a_correction_has_ended(
    stall: Stall, database_url: str
) -> None:
    """P9."""
    await give(stall, 400, 1)
    order = await stall.order()
    await overlap(
        database_url,
        A_USER,
        give(stall, -300, 2),
        orders.set_order_balance_use(stall.db, order.id, ANNA, use=True),
    )
    assert (await stall.again(order)).from_balance_minor == 100


async def test_an_invoice_does_not_undo_the_payment_that_came_before_its_answer(
    stall: Stall, database_url: str
) -> None:
    """P1: the payment has locked the order, and stops at the subscription."""
    await stall.buy_and_pay()
    purchase = await stall.buy()
    paid = stall.provider.pay(purchase.invoice_id)
    await stall.change(purchase, status=PurchaseStatus.CREATED)

    async def attach() -> None:
        async with stall.db.unit_of_work() as session:
            await checkout.attach_invoice(session, purchase.id, paid)

    outcomes = await overlap(database_url, A_SUBSCRIPTION, stall.settle(paid), attach())

    assert outcomes == [EventOutcome.SETTLED, None]
    assert (await stall.again(purchase)).status is PurchaseStatus.PAID


async def test_an_order_that_is_being_paid_is_not_cancelled(
    stall: Stall, database_url: str
) -> None:
    """P1: the payment has locked the order, and stops at the subscription."""
    await stall.buy_and_pay()
    purchase = await stall.buy()
    paid = stall.provider.pay(purchase.invoice_id)

    outcomes = await overlap(
        database_url,
        A_SUBSCRIPTION,
        stall.settle(paid),
        checkout.cancel_order(stall.db, purchase.id, ANNA),
    )

    assert outcomes[0] is EventOutcome.SETTLED
    assert isinstance(outcomes[1], PurchaseGoneError)
    assert (await stall.again(purchase)).status is PurchaseStatus.PAID


async def test_a_payment_waits_for_its_user_before_it_holds_the_order(
    stall: Stall, database_url: str
) -> None:
    """Whoever holds the user may go on to the order: they never wait for each other both ways."""
    purchase = await stall.buy()
    paid = stall.provider.pay(purchase.invoice_id)
    async with held(database_url, A_USER) as connection:
        settling = asyncio.ensure_future(stall.settle(paid))
        await until_waiting(connection)
        free = "SELECT FROM purchases WHERE id = $1 FOR UPDATE SKIP LOCKED"
        assert len(await connection.fetch(free, purchase.id)) == 1
    assert await settling is EventOutcome.SETTLED


@pytest.mark.parametrize("has_payload", [True, False])
async def test_a_payment_that_waits_for_an_erasure_finds_the_order_after_it(
    stall: Stall, database_url: str, *, has_payload: bool
) -> None:
    """P1: the order belongs to an anonymous user then, and its money to the books."""
    paid = stall.provider.pay((await stall.buy()).invoice_id)
    paid = paid if has_payload else replace(paid, payload="")
    admin = await asyncpg.connect(database_url)
    is_passed_on = "NEW.user_id <> OLD.user_id"
    async with barrier(database_url, "UPDATE ON purchases", is_passed_on, at_commit=True) as erased:
        erasing = asyncio.ensure_future(erase_user(stall.db, ANNA, b"x"))
        await erased.wait_reached()
        settling = asyncio.ensure_future(stall.settle(paid))
        await until_waiting(admin, 2)
    await admin.close()

    assert await erasing
    assert await settling is EventOutcome.DISPUTED
    assert await stall.notified(OLGA) == ["operator-payment-erased"]


async def test_two_trials_are_one(stall: Stall, database_url: str) -> None:
    """P2."""
    taps = (trials.start_trial(stall.db, ANNA, ShopSettings()) for _ in range(2))
    outcomes = await overlap(database_url, A_USER, *taps)
    assert kinds(outcomes) == [Purchase, TrialUsedError]


async def test_a_code_with_money_entered_twice_gives_it_once(
    stall: Stall, database_url: str
) -> None:
    """P2, P9."""
    await add_code(stall, kind=PromoKind.BALANCE, value=300, currency="USD")
    taps = (enter_promo_code(stall.db, ANNA, "SALE") for _ in range(2))
    outcomes = await overlap(database_url, A_USER, *taps)
    assert kinds(outcomes) == [EnteredPromoCode, PromoUsedError]
    assert await stall.balance() == usd(300)


async def test_a_code_is_taken_off_once_it_is_on(stall: Stall, database_url: str) -> None:
    """P15: the taps are done in their order."""
    await add_code(stall)
    order = await stall.order()
    outcomes = await overlap(
        database_url,
        A_USER,
        apply_promo_code(stall.db, ANNA, order.id, "SALE"),
        remove_promo_code(stall.db, ANNA, order.id),
    )
    assert kinds(outcomes) == [Purchase, Purchase]
    assert (await stall.again(order)).discount_minor == 0


async def test_renewal_is_off_once_a_renewal_under_way_has_ended(
    stall: Stall, database_url: str
) -> None:
    await stall.buy_and_pay()
    subscription = await stall.subscription()
    off = set_subscription_auto_renew(stall.db, ANNA, subscription.id, on=False)
    (after,) = await overlap(database_url, A_USER, off)
    assert isinstance(after, Subscription)
    assert after.auto_renew is False


async def test_a_newcomer_is_brought_by_one_of_two(stall: Stall, database_url: str) -> None:
    """P2."""
    newcomer = f"SELECT FROM users WHERE id = {BEN} FOR NO KEY UPDATE"
    bound = await overlap(database_url, newcomer, bring(stall, BEN, ANNA), bring(stall, BEN, OLGA))
    assert bound == [True, False]
    assert (await stall.notified(ANNA), await stall.notified(OLGA)) == (["friend-came"], [])


async def test_of_two_who_bring_each_other_one_does(stall: Stall, database_url: str) -> None:
    """Both have begun before the first one's row is written."""
    admin = await asyncpg.connect(database_url)
    async with barrier(database_url, "UPDATE ON users", "NEW.referrer_id IS NOT NULL"):
        calls = [asyncio.ensure_future(bring(stall, *pair)) for pair in ((ANNA, BEN), (BEN, ANNA))]
        await until_waiting(admin, 2)
    await admin.close()
    assert sorted(await asyncio.gather(*calls)) == [False, True]


async def test_rewards_of_two_friends_wait_for_their_referrer(
    stall: Stall, database_url: str
) -> None:
    """P9."""
    for friend in (BEN, OLGA):
        assert await bring(stall, friend, ANNA)
    invoices = [stall.provider.pay((await stall.buy(friend)).invoice_id) for friend in (BEN, OLGA)]
    outcomes = await overlap(database_url, A_USER, *(stall.settle(paid) for paid in invoices))
    assert outcomes == [EventOutcome.SETTLED, EventOutcome.SETTLED]
    assert await stall.balance() == usd(98)


async def test_a_reward_is_taken_back_of_what_a_correction_has_left(
    stall: Stall, database_url: str
) -> None:
    """P9: never below zero."""
    assert await bring(stall, BEN, ANNA)
    purchase = await stall.buy_and_pay(BEN)
    refund = refunds.refund_purchase(
        stall.db, PaymentMethods([stall.provider]), purchase.id, OLGA, "a test"
    )
    await overlap(database_url, A_USER, give(stall, -40, 1), refund)
    assert await stall.balance() == usd(0)
    entries = await stall.rows(LedgerEntry, LedgerEntry.user_id == ANNA)
    assert [entry.amount_minor for entry in entries] == [49, -40, -9]


async def test_two_refunds_are_one(stall: Stall, database_url: str) -> None:
    """P2."""
    purchase = await stall.buy_and_pay()
    payment_methods = PaymentMethods([stall.provider])
    outcomes = await overlap(
        database_url,
        A_USER,
        *(
            refunds.refund_purchase(stall.db, payment_methods, purchase.id, OLGA, "x")
            for _ in range(2)
        ),
    )
    assert kinds(outcomes) == [Purchase, refunds.AlreadyRefundedError]
    assert await stall.balance() == usd(499)


@pytest.mark.parametrize(
    ("answer", "payout", "balance", "noted"),
    [
        (None, Payout.DONE, 0, "payout_done"),
        (RefusedError("CHARGE_NOT_FOUND"), Payout.REFUSED, 499, "payout_refused"),
    ],
)
async def test_two_payouts_are_noted_once(
    stall: Stall,
    database_url: str,
    answer: RefusedError | None,
    payout: Payout,
    balance: int,
    noted: str,
) -> None:
    """P2, P9: both have the provider's answer before either has written it."""
    stars = PayingBack()
    payment_methods = PaymentMethods([stars])
    purchase = await stall.pay(await stall.order(), stars)
    await stall.settle(stars.pay(purchase.invoice_id), "stars")
    stars.failures = [UnavailableError("away")]
    await refunds.refund_purchase(stall.db, payment_methods, purchase.id, OLGA, "x")
    stars.failures = [answer, answer] if answer else []

    outcomes = await overlap(
        database_url,
        A_USER,
        *(payouts.pay_out_refund(stall.db, payment_methods, purchase.id) for _ in range(2)),
    )

    assert outcomes == [payout, payout]
    assert await stall.balance() == usd(balance)
    assert len(await stall.rows(AuditEntry, AuditEntry.action == noted)) == 1


async def test_of_two_new_links_one_is_made(stall: Stall, database_url: str) -> None:
    """P2: both have asked the panel for what was used."""
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)
    old = await stall.subscription()
    measured = MeasuredUsage(old.access_id, 1_000)

    async def replace() -> None:
        async with stall.db.unit_of_work() as session:
            await replace_access(session, ANNA, old.id, measured)

    outcomes = await overlap(database_url, A_SUBSCRIPTION, replace(), replace())

    assert kinds(outcomes) == [type(None), LinkRenewedRecentlyError]
    assert (await stall.subscription()).used_before_bytes == 1_000


async def test_a_refund_waits_for_what_changes_the_access(stall: Stall, database_url: str) -> None:
    """P2: a revision would be lost otherwise, and the panel sent one only."""
    purchase = await stall.buy_and_pay()
    before = await stall.subscription()
    payment_methods = PaymentMethods([stall.provider])
    async with held(database_url, A_SUBSCRIPTION) as connection:
        refund = asyncio.ensure_future(
            refunds.refund_purchase(stall.db, payment_methods, purchase.id, OLGA, "x")
        )
        await until_waiting(connection)
        await connection.execute("UPDATE subscriptions SET revision = revision + 1")
    await refund
    assert (await stall.subscription()).revision == before.revision + 2


async def test_the_limit_of_addresses_holds_for_two_at_once(
    stall: Stall, database_url: str
) -> None:
    """P2."""
    limited = ShopSettings(address_limit=1)
    texts = ("0x" + "a1" * 20, "0x" + "b2" * 20)
    binds = (
        addresses.bind_address(stall.db, ANNA, detect_address(text), None, limited)
        for text in texts
    )
    outcomes = await overlap(database_url, A_USER, *binds)
    assert kinds(outcomes) == [addresses.BoundAddress, addresses.TooManyAddressesError]
    assert len(await stall.rows(Address)) == 1
