"""P15: an order has one life, whatever its buyer chooses meanwhile."""

from datetime import timedelta

import pytest

from app.clients.balance import Balance
from app.core import clock
from app.core.money import Money
from app.db.models import EventOutcome, Plan, PromoCode, PromoUse
from app.domain.payments import PurchaseStatus
from app.services.payments import precheckout
from app.services.promotions.promo_code_entry import apply_promo_code, remove_promo_code
from app.services.purchases import orders
from app.services.purchases.offer_check import OfferOverError
from app.services.purchases.orders import PurchaseGoneError
from tests.conftest import Skip
from tests.support.fakes import FakeProvider
from tests.support.offers import add_code, discounted, settle, top_up
from tests.support.payback import PayingBack
from tests.support.stall import ANNA, Stall

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def test_no_payment_method_and_no_change_of_mind_prolongs_an_order(
    stall: Stall, skip: Skip
) -> None:
    """P15: each copy, and each invoice at the provider, ends when the first order does."""
    await add_code(stall)
    star_like = FakeProvider("stars")
    order = await stall.order()
    end = order.created_at + HOUR
    for step in range(11):
        skip(5 * MINUTE)
        match step % 4:
            case 0 | 1 as which:
                provider = (stall.provider, star_like)[which]
                left = end - clock.now()
                order = await stall.pay(order, provider)
                assert left - MINUTE < provider.lifetimes[-1] <= left
            case 2:
                order = await apply_promo_code(stall.db, ANNA, order.id, "SALE")
            case _:
                order = await remove_promo_code(stall.db, ANNA, order.id)
        assert order.expires_at == end
    skip(5 * MINUTE)

    for touch in (
        stall.pay(order),
        stall.pay(order, star_like),
        orders.set_order_balance_use(stall.db, order.id, ANNA, use=True),
        remove_promo_code(stall.db, ANNA, order.id),
    ):
        with pytest.raises(PurchaseGoneError):
            await touch


async def test_an_old_price_is_not_kept_by_choosing_methods(stall: Stall, skip: Skip) -> None:
    """P15: within its hour the shown price is charged; behind it there is today's only."""
    order = await stall.pay(await stall.order())
    await stall.change(await stall.term(), price_minor=999)
    skip(55 * MINUTE)
    order = await stall.pay(order, FakeProvider("stars"))
    assert order.charge == Money(499, "USD")
    skip(6 * MINUTE)
    with pytest.raises(PurchaseGoneError):
        await stall.pay(order)
    assert (await stall.order()).price_minor == 999


async def test_an_archived_plan_gets_no_new_invoice(stall: Stall) -> None:
    """P15: neither by the first method nor by another one; nothing is charged."""
    draft, chosen = await stall.order(plan="quarter"), await stall.buy()
    (plan,) = await stall.rows(Plan, Plan.code == "standard")
    await stall.change(plan, archived_at=clock.now())
    for order, provider in ((draft, stall.provider), (chosen, FakeProvider("stars"))):
        with pytest.raises(OfferOverError):
            await stall.pay(order, provider)
    assert (await stall.again(chosen)).status is PurchaseStatus.PENDING


async def test_a_draft_whose_code_was_used_meanwhile_is_not_sold_from_the_balance(
    stall: Stall,
) -> None:
    """P15: nothing is taken."""
    await add_code(stall)
    await stall.settle(await top_up(stall, 5_000))
    first = await discounted(stall)
    term = await stall.term("year")
    second = await orders.place_order(stall.db, stall.panel, ANNA, term.id, None, is_separate=True)
    second = await apply_promo_code(stall.db, ANNA, second.id, "SALE")
    assert await settle(stall, first) is EventOutcome.SETTLED
    with pytest.raises(OfferOverError):
        await stall.pay(second, Balance())
    assert await stall.balance() == Money(5_000, "USD")


async def test_stars_are_not_taken_for_an_offer_that_is_over(stall: Stall) -> None:
    """P15: Telegram asks before it takes them, and the answer is no."""
    await add_code(stall)
    star_like = PayingBack()
    term = await stall.term("year")
    order = await orders.place_order(stall.db, stall.panel, ANNA, term.id, None, is_separate=True)
    order = await stall.pay(await apply_promo_code(stall.db, ANNA, order.id, "SALE"), star_like)
    payload = star_like.invoices[order.invoice_id or ""].payload
    assert order.charge is not None
    assert (
        await precheckout.find_precheckout_objection(stall.db, ANNA, payload, order.charge) is None
    )
    (code,) = await stall.rows(PromoCode)
    async with stall.db.unit_of_work() as session:
        session.add(PromoUse(promo_code_id=code.id, user_id=ANNA, created_at=clock.now()))
    objection = await precheckout.find_precheckout_objection(stall.db, ANNA, payload, order.charge)
    assert objection == "error-stars-changed"
