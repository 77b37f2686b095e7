"""Who may use a promo code, how often, and what it gives: over a real database."""

import asyncio
from datetime import timedelta

import pytest

from app.clients.balance import Balance
from app.core import clock
from app.core.money import Money
from app.db.models import (
    AuditEntry,
    EntryKind,
    EventOutcome,
    LedgerEntry,
    Plan,
    PromoCode,
    PromoUse,
    Purchase,
    Subscription,
    User,
)
from app.domain.payment_methods import PaymentMethodClosedError
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.promo_codes import PromoKind
from app.services import shop_settings
from app.services.payments.methods import PaymentMethods
from app.services.payments.order_page import get_order_page
from app.services.payments.refunds import refund_purchase
from app.services.promotions.promo_code_entry import (
    apply_promo_code,
    enter_promo_code,
    remove_promo_code,
)
from app.services.purchases import orders, promo_codes
from app.services.purchases.promo_codes import (
    PromoEarlyError,
    PromoOverError,
    PromoPlanError,
    PromoRefusedError,
    PromoTrialError,
    PromoUsedError,
    PromoUsedUpError,
)
from app.services.users import TelegramProfile, lock_user, upsert_user
from tests.conftest import Skip
from tests.support.periods import period_of
from tests.support.stall import ANNA, BEN, OLGA, Stall

GIBIBYTE = 1024**3


async def add(
    stall: Stall, kind: PromoKind = PromoKind.PERCENT, value: int = 20, **values: object
) -> PromoCode:
    code = PromoCode(
        **{
            "code": "SALE",
            "kind": kind,
            "value": value,
            "currency": "USD" if kind in {PromoKind.AMOUNT, PromoKind.BALANCE} else None,
            "max_uses_per_user": 1,
            "created_at": clock.now(),
            **values,
        }
    )
    async with stall.db.unit_of_work() as session:
        session.add(code)
    return code


async def crowd(stall: Stall, size: int) -> list[int]:
    people = [2000 + number for number in range(size)]
    for id_ in people:
        await upsert_user(stall.db, TelegramProfile(id_, "Somebody", None, "en"))
    return people


async def counted(stall: Stall, user_id: int = ANNA) -> bool:
    """Whether the only code may no longer be used by this user."""
    (code,) = await stall.rows(PromoCode)
    try:
        async with stall.db.unit_of_work() as session:
            await promo_codes.check_promo_code(session, code, user_id)
    except PromoRefusedError:
        return True
    return False


async def test_a_percentage_comes_off_the_price(stall: Stall) -> None:
    await add(stall)
    order = await apply_promo_code(stall.db, ANNA, (await stall.order()).id, " sale ")
    assert (order.price_minor, order.discount_minor, order.due.minor) == (499, 100, 399)


async def test_an_amount_comes_off_the_price_down_to_nothing(stall: Stall) -> None:
    await add(stall, PromoKind.AMOUNT, 10_000)
    order = await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    assert (order.discount_minor, order.due.minor) == (499, 0)


async def test_the_same_code_twice_on_an_order_is_once(stall: Stall) -> None:
    await add(stall)
    order = await stall.order()
    for _ in range(2):
        order = await apply_promo_code(stall.db, ANNA, order.id, "SALE")
    assert order.discount_minor == 100
    assert len(await stall.rows(PromoUse)) == 1


async def test_another_code_takes_the_place_of_the_first(stall: Stall) -> None:
    await add(stall)
    half = await add(stall, value=50, code="HALF")
    order = await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    order = await apply_promo_code(stall.db, ANNA, order.id, "HALF")
    assert order.discount_minor == 250
    assert [use.promo_code_id for use in await stall.rows(PromoUse)] == [half.id]


async def test_a_code_taken_off_an_order_can_be_used_again(stall: Stall) -> None:
    await add(stall)
    order = await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    order = await remove_promo_code(stall.db, ANNA, order.id)
    assert (order.discount_minor, await stall.rows(PromoUse)) == (0, [])
    assert (await apply_promo_code(stall.db, ANNA, order.id, "SALE")).discount_minor == 100


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"code": "OTHER"}, PromoRefusedError),
        ({"starts_at": timedelta(hours=1)}, PromoEarlyError),
        ({"ends_at": timedelta(0)}, PromoOverError),
        ({"archived_at": timedelta(0)}, PromoOverError),
        ({"currency": "EUR", "kind": PromoKind.AMOUNT}, PromoPlanError),
    ],
)
async def test_a_code_that_does_not_hold_is_refused_and_changes_nothing(
    stall: Stall, values: dict[str, object], error: type[Exception]
) -> None:
    now = clock.now()
    code = await add(stall)
    await stall.change(
        code, **{k: now + v if isinstance(v, timedelta) else v for k, v in values.items()}
    )
    order = await stall.order()
    with pytest.raises(PromoRefusedError) as raised:
        await apply_promo_code(stall.db, ANNA, order.id, "SALE")
    assert type(raised.value) is error
    assert (await stall.again(order)).discount_minor == 0


async def test_a_code_for_one_plan_is_refused_for_another(stall: Stall) -> None:
    (pro,) = await stall.rows(Plan, Plan.code == "pro")
    await add(stall, plan_id=pro.id)
    with pytest.raises(PromoPlanError):
        await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    order = await stall.order(plan="pro-1")
    assert (await apply_promo_code(stall.db, ANNA, order.id, "SALE")).discount_minor > 0


async def test_a_top_up_is_never_cheaper(stall: Stall) -> None:
    """P9: money for money, whatever the code says."""
    await add(stall)
    order = await stall.order()
    await stall.change(order, kind=PurchaseKind.TOP_UP)
    with pytest.raises(PromoPlanError):
        await apply_promo_code(stall.db, ANNA, order.id, "SALE")


async def test_of_fifty_users_at_once_ten_get_the_ten_uses(stall: Stall) -> None:
    await add(stall, max_uses=10)
    people = await crowd(stall, 50)
    placed = [await stall.order(user) for user in people]

    async def tap(order: Purchase) -> bool:
        try:
            await apply_promo_code(stall.db, order.user_id, order.id, "SALE")
        except PromoUsedUpError:
            return False
        return True

    assert sum(await asyncio.gather(*map(tap, placed))) == 10
    assert len(await stall.rows(PromoUse)) == 10
    assert len(await stall.rows(Purchase, Purchase.discount_minor > 0)) == 10


async def test_fifty_taps_of_one_user_give_the_money_once(stall: Stall) -> None:
    """P9: one use, one entry."""
    await add(stall, PromoKind.BALANCE, 300)

    async def tap() -> bool:
        try:
            await enter_promo_code(stall.db, ANNA, "SALE")
        except PromoRefusedError:
            return False
        return True

    assert sum(await asyncio.gather(*(tap() for _ in range(50)))) == 1
    assert await stall.balance() == Money(300, "USD")
    (entry,) = await stall.rows(LedgerEntry)
    assert entry.kind is EntryKind.PROMO


async def test_fifty_taps_of_one_user_on_an_order_use_it_once(stall: Stall) -> None:
    await add(stall)
    order = await stall.order()
    taken = await asyncio.gather(
        *(apply_promo_code(stall.db, ANNA, order.id, "SALE") for _ in range(50))
    )
    assert {row.id for row in taken} == {order.id}
    assert len(await stall.rows(PromoUse)) == 1


async def test_an_order_that_ran_out_gives_its_use_back(stall: Stall, skip: Skip) -> None:
    await add(stall, max_uses=1)
    await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    with pytest.raises(PromoUsedUpError):
        await apply_promo_code(stall.db, BEN, (await stall.order(BEN)).id, "SALE")
    skip(timedelta(hours=1))
    assert (
        await apply_promo_code(stall.db, BEN, (await stall.order(BEN)).id, "SALE")
    ).discount_minor == 100


@pytest.mark.parametrize("is_freed", [False, True])
async def test_a_paid_use_counts_and_a_refunded_one_unless_the_operator_frees_it(
    stall: Stall, *, is_freed: bool
) -> None:
    """P15: whether the refund is asked for here or comes from the provider."""
    if is_freed:
        await shop_settings.change_shop_setting(stall.db, "refund_frees_code", "true")
    await add(stall, max_uses=1)
    order = await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    paid = await stall.pay(order)
    assert await stall.settle(stall.provider.pay(paid.invoice_id)) is EventOutcome.SETTLED
    with pytest.raises(PromoUsedError):
        await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    await refund_purchase(stall.db, PaymentMethods([stall.provider]), paid.id, OLGA, "why not")
    assert await counted(stall) is not is_freed
    again = apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    if is_freed:
        assert (await again).discount_minor == 100
    else:
        with pytest.raises(PromoUsedError):
            await again


async def test_a_late_payment_does_not_keep_a_price_that_is_over(stall: Stall, skip: Skip) -> None:
    """P1, P15: the order ran out, the code is over and used up; the money is not lost."""
    code = await add(stall, max_uses=1)
    late = await stall.pay(await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE"))
    skip(timedelta(hours=2))
    await stall.change(late, status=PurchaseStatus.EXPIRED)
    await apply_promo_code(stall.db, BEN, (await stall.order(BEN)).id, "SALE")
    await stall.change(code, archived_at=clock.now())
    invoice = stall.provider.pay(late.invoice_id)
    assert (invoice.amount, await stall.settle(invoice)) == ("3.99", EventOutcome.DISPUTED)
    assert await stall.balance() == Money(399, "USD")


async def test_a_code_on_an_order_with_an_invoice_makes_another_order(stall: Stall) -> None:
    """P1: the first invoice can still be paid, at its own price."""
    await add(stall)
    first = await stall.buy()
    second = await apply_promo_code(stall.db, ANNA, first.id, "SALE")
    assert second.id != first.id
    assert (await stall.again(first)).status is PurchaseStatus.CANCELLED
    assert (second.provider, second.due.minor) == (None, 399)
    assert await stall.settle(stall.provider.pay(first.invoice_id)) is EventOutcome.SETTLED
    assert not [use for use in await stall.rows(PromoUse) if use.purchase_id == first.id]


async def test_a_copied_order_keeps_its_code_and_the_use_counts_once(stall: Stall) -> None:
    """P1: and when the first one is paid late after all, it sells, and its use counts."""
    await add(stall, max_uses=2, max_uses_per_user=2)
    first = await stall.pay(
        await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    )
    second = await orders.set_order_balance_use(stall.db, first.id, ANNA, use=False)
    assert (second.id != first.id, second.discount_minor) == (True, 100)
    assert not await counted(stall)
    await apply_promo_code(stall.db, BEN, (await stall.order(BEN)).id, "SALE")  # the second of two
    assert await stall.settle(stall.provider.pay(first.invoice_id)) is EventOutcome.SETTLED
    assert await stall.balance() == Money(0, "USD")
    assert await counted(stall, user_id=1003)


async def test_the_code_goes_with_the_user_to_another_order(stall: Stall) -> None:
    await add(stall, max_uses=1)
    first = await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    second = await apply_promo_code(stall.db, ANNA, (await stall.order(plan="year")).id, "SALE")
    assert second.discount_minor > 0
    assert (await stall.again(first)).status is PurchaseStatus.CANCELLED


async def test_a_discount_is_held_for_the_next_order_until_something_is_bought(
    stall: Stall,
) -> None:
    await add(stall)
    entered = await enter_promo_code(stall.db, ANNA, "sale")
    assert (entered.code, entered.kind, entered.order) == ("SALE", PromoKind.PERCENT, None)
    month = await stall.order()
    year = await stall.order(plan="year")
    assert month.discount_minor == 100
    assert year.discount_minor == -(-year.price_minor * 20 // 100)
    await stall.settle(stall.provider.pay((await stall.pay(year)).invoice_id))
    (anna,) = await stall.rows(User, User.id == ANNA)
    assert anna.promo_code_id is None
    assert (await stall.order()).discount_minor == 0


async def test_a_code_entered_after_the_order_reaches_it_when_it_is_opened_again(
    stall: Stall,
) -> None:
    await add(stall)
    draft, other = await stall.order(), await stall.buy(plan="year")
    await enter_promo_code(stall.db, ANNA, "SALE")
    assert (await stall.order()).id == draft.id
    assert (await stall.again(draft)).discount_minor == 100
    again = await stall.order(plan="year")
    assert again.id != other.id, "one that has an invoice keeps its price"
    assert again.discount_minor > 0


async def test_a_held_code_that_does_not_fit_is_explained_and_the_order_made(
    stall: Stall,
) -> None:
    (pro,) = await stall.rows(Plan, Plan.code == "pro")
    await add(stall, plan_id=pro.id)
    await enter_promo_code(stall.db, ANNA, "SALE")
    order = await stall.order()
    page = await get_order_page(stall.db, PaymentMethods([Balance()]), order.id, ANNA)
    assert order.discount_minor == 0
    assert page.promo is not None
    assert (page.promo.code, type(page.promo.refusal)) == ("SALE", PromoPlanError)
    assert (await stall.order(plan="pro-1")).discount_minor > 0


async def test_the_part_from_the_balance_follows_the_price(stall: Stall) -> None:
    await add(stall, PromoKind.BALANCE, 450, code="MONEY")
    await add(stall)
    await enter_promo_code(stall.db, ANNA, "MONEY")
    order = await orders.set_order_balance_use(stall.db, (await stall.order()).id, ANNA, use=True)
    assert order.from_balance_minor == 450
    order = await apply_promo_code(stall.db, ANNA, order.id, "SALE")
    assert (order.from_balance_minor, order.due.minor) == (399, 0)
    order = await remove_promo_code(stall.db, ANNA, order.id)
    assert (order.from_balance_minor, order.due.minor) == (450, 49)


@pytest.mark.parametrize("ways_off", ["[]", '["balance"]'])
async def test_what_costs_nothing_is_confirmed_and_given(stall: Stall, ways_off: str) -> None:
    """P2: also in a shop where no payment method is open."""
    await shop_settings.change_shop_setting(stall.db, "ways_off", ways_off)
    await add(stall, value=100)
    order = await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    page = await get_order_page(stall.db, PaymentMethods([Balance()]), order.id, ANNA)
    assert [
        (payment_method.name, payment_method.charge.minor)
        for payment_method in page.payment_methods
    ] == [("balance", 0)]
    paid = await stall.pay(order, Balance())
    assert paid.status is PurchaseStatus.PAID
    assert (await stall.subscription()).plan_id == order.plan_id
    assert await stall.notified() == ["order-confirmed"]
    assert await stall.balance() == Money(0, "USD")


async def test_a_closed_balance_pays_nothing_that_costs_something(stall: Stall) -> None:
    await shop_settings.change_shop_setting(stall.db, "ways_off", '["balance"]')
    with pytest.raises(PaymentMethodClosedError):
        await stall.pay(await stall.order(), Balance())


async def test_days_make_a_subscription_with_the_trials_limits(stall: Stall) -> None:
    await add(stall, PromoKind.DAYS, 7)
    await enter_promo_code(stall.db, ANNA, "SALE")
    subscription = await stall.subscription()
    (gift,) = await stall.rows(Purchase)
    (use,) = await stall.rows(PromoUse)
    settings = await shop_settings.read_shop_settings(stall.db)
    assert (gift.kind, gift.status, use.purchase_id) == (
        PurchaseKind.GIFT,
        PurchaseStatus.PAID,
        gift.id,
    )
    assert subscription.traffic_limit_bytes == settings.trial_traffic_gb * GIBIBYTE
    since, _ = period_of(gift)
    assert subscription.expires_at - since == timedelta(days=7)
    with pytest.raises(PromoUsedError):
        await enter_promo_code(stall.db, ANNA, "SALE")


async def test_days_extend_what_there_is_by_as_much_as_it_has_a_day(stall: Stall) -> None:
    await stall.buy_and_pay()
    before = await stall.subscription()
    term = await stall.term()
    await add(stall, PromoKind.DAYS, 3)
    await enter_promo_code(stall.db, ANNA, "SALE")
    after = await stall.subscription()
    assert after.expires_at - before.expires_at == timedelta(days=3)
    assert after.traffic_limit_bytes == (
        before.traffic_limit_bytes + term.traffic_limit_bytes * 3 // term.days
    )
    assert (after.device_limit, after.plan_id) == (before.device_limit, before.plan_id)
    assert len(await stall.rows(Subscription)) == 1


async def test_a_longer_trial_is_held_until_it_begins_and_taken_once(stall: Stall) -> None:
    await add(stall, PromoKind.TRIAL_DAYS, 4)
    await enter_promo_code(stall.db, ANNA, "SALE")

    async def begin() -> int:
        async with stall.db.unit_of_work() as session:
            await lock_user(session, ANNA)
            return await promo_codes.use_promo_trial_days(session, ANNA)

    assert [await begin(), await begin()] == [4, 0]
    with pytest.raises(PromoUsedError):
        await enter_promo_code(stall.db, ANNA, "SALE")


async def test_a_longer_trial_that_ran_out_meanwhile_adds_nothing(stall: Stall, skip: Skip) -> None:
    await add(stall, PromoKind.TRIAL_DAYS, 4, ends_at=clock.now() + timedelta(days=1))
    await enter_promo_code(stall.db, ANNA, "SALE")
    skip(timedelta(days=2))
    async with stall.db.unit_of_work() as session:
        assert await promo_codes.use_promo_trial_days(session, ANNA) == 0
    assert await stall.rows(PromoUse) == []


async def test_a_user_who_had_access_gets_no_longer_trial(stall: Stall) -> None:
    await stall.buy_and_pay()
    await add(stall, PromoKind.TRIAL_DAYS, 4)
    with pytest.raises(PromoTrialError):
        await enter_promo_code(stall.db, ANNA, "SALE")


async def test_nobody_touches_another_users_order(stall: Stall) -> None:
    await add(stall)
    order = await stall.order()
    for touch in (
        apply_promo_code(stall.db, BEN, order.id, "SALE"),
        remove_promo_code(stall.db, BEN, order.id),
    ):
        with pytest.raises(orders.PurchaseGoneError):
            await touch
    assert await stall.rows(PromoUse) == []


async def test_what_was_entered_is_written_down(stall: Stall) -> None:
    await add(stall, PromoKind.BALANCE, 300)
    entered = await enter_promo_code(stall.db, ANNA, "SALE")
    assert entered.money == Money(300, "USD")
    (entry,) = await stall.rows(AuditEntry, AuditEntry.action == "promo_code_entered")
    assert (entry.actor, entry.subject) == (f"user:{ANNA}", "promo_code:SALE")
