"""A gift is paid once, redeemed once, and honoured whatever becomes of its plan."""

import asyncio
from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import Gift, LedgerEntry, Plan, PromoTry, Purchase, Subscription, User
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.subscriptions import ActivationStatus
from app.services.operations import gift_admin
from app.services.operations.gift_admin import NewGifts
from app.services.promotions.gift_redemption import OpenedGift, open_gift, redeem_gift
from app.services.promotions.promo_code_entry import enter_promo_code
from app.services.purchases.promo_codes import PromoRefusedError
from app.services.retention.cleanup import run_retention
from tests.conftest import Skip
from tests.support.gifts import buy_gift, get_purchase, is_refused, order_gift
from tests.support.locks import held, overlap, until_waiting
from tests.support.offers import crowd
from tests.support.stall import ANNA, BEN, OLGA, Stall

GIFTS = "SELECT FROM gifts FOR NO KEY UPDATE"
MONTH = timedelta(days=30)


async def test_a_paid_gift_is_a_code_and_no_access_until_it_is_redeemed(stall: Stall) -> None:
    """P2, P3: its money is a sale like any other; the receiver gets the access, nobody a name."""
    gift = await buy_gift(stall)

    assert await stall.rows(Subscription) == []
    entries = await stall.rows(LedgerEntry)
    assert [(entry.kind.value, entry.amount_minor) for entry in entries] == [
        ("payment", 499),
        ("sale", -499),
    ]
    assert await stall.notified() == ["gift-paid", "gift-card"]
    assert (await stall.notifications())[1].values["code"] == gift.code

    assert (await open_gift(stall.db, BEN, gift.code)).redemption is None
    opened = await redeem_gift(stall.db, BEN, gift.code)
    assert opened.redemption is not None
    assert opened.result is not None

    subscription = await stall.subscription(BEN)
    bought = await get_purchase(stall, gift)
    assert (subscription.plan_id, subscription.term_id) == (bought.plan_id, None)
    assert subscription.expires_at == opened.result.expires_at == opened.redemption.covers_until
    assert abs(subscription.expires_at - clock.now() - MONTH) < timedelta(minutes=1)
    assert (await stall.balance(BEN)).minor == 0
    (told,) = [row for row in await stall.notifications() if row.template == "gift-redeemed"]
    assert "Ben" not in str(told.values)
    assert str(BEN) not in str(told.values)
    # A tap that comes again finds what the first has made, and nobody else does.
    again = await redeem_gift(stall.db, BEN, gift.code)
    assert again.redemption is not None
    assert again.redemption.id == opened.redemption.id
    assert await is_refused(stall, ANNA, gift.code) == "gift"
    assert len(await stall.rows(Subscription)) == 1


async def test_of_fifty_who_tap_at_once_one_has_it(stall: Stall, database_url: str) -> None:
    """P2: that they overlap is proved by those that wait for the row while nothing is redeemed."""
    gift = await buy_gift(stall)
    people = await crowd(stall, 5001, 50)
    async with held(database_url, GIFTS) as connection:
        taps = [asyncio.ensure_future(redeem_gift(stall.db, one, gift.code)) for one in people]
        assert len(await until_waiting(connection, 20)) >= 20
        assert not any(tap.done() for tap in taps)
    results = await asyncio.gather(*taps, return_exceptions=True)

    assert [type(result) for result in results].count(OpenedGift) == 1
    assert sum(isinstance(result, PromoRefusedError) for result in results) == 49
    assert len(await stall.rows(Subscription)) == 1
    assert len(await stall.rows(Purchase, Purchase.kind == PurchaseKind.GIFT)) == 1
    assert (await stall.notified()).count("gift-redeemed") == 1


async def test_two_taps_of_one_user_are_one_redemption(stall: Stall, database_url: str) -> None:
    gift = await buy_gift(stall)
    a_user = f"SELECT FROM users WHERE id = {BEN} FOR NO KEY UPDATE"
    taps = [redeem_gift(stall.db, BEN, gift.code) for _ in range(2)]
    first, second = await overlap(database_url, a_user, *taps)

    assert isinstance(first, OpenedGift)
    assert isinstance(second, OpenedGift)
    assert first.redemption is not None
    assert second.redemption is not None
    assert first.redemption.id == second.redemption.id
    assert await stall.rows(PromoTry) == []


async def test_a_gift_adds_to_the_same_plan_and_changes_no_renewal(stall: Stall) -> None:
    """Whose renewal is agreed to keeps it; another plan stands beside, its own."""
    bought = await stall.buy_and_pay(BEN)
    had = await stall.subscription(BEN)
    await stall.change(had, auto_renew=True)
    await redeem_gift(stall.db, BEN, (await buy_gift(stall, plan="quarter")).code)

    extended = await stall.subscription(BEN)
    assert extended.expires_at == had.expires_at + timedelta(days=90)
    assert (extended.term_id, extended.auto_renew) == (bought.term_id, True)

    await redeem_gift(stall.db, BEN, (await buy_gift(stall, plan="pro-1")).code)
    standard, pro = await stall.rows(Subscription, Subscription.user_id == BEN)
    assert standard.expires_at == extended.expires_at
    assert (pro.plan_id != standard.plan_id, pro.term_id, pro.auto_renew) == (True, None, False)


async def test_a_gift_revives_what_has_ended_without_its_renewal(stall: Stall) -> None:
    """The old price was for another plan: nothing is taken for this one unasked."""
    await stall.buy_and_pay(BEN)
    had = await stall.subscription(BEN)
    past = clock.now() - timedelta(days=9)
    ended = {"expires_at": past, "ends_at": past, "activation_status": ActivationStatus.REMOVED}
    await stall.change(had, auto_renew=True, **ended)
    gift = await buy_gift(stall, plan="pro-1")
    await redeem_gift(stall.db, BEN, gift.code)

    revived = await stall.subscription(BEN)
    assert (revived.id, revived.plan_id) == (had.id, gift.plan_id)
    assert (revived.term_id, revived.auto_renew) == (None, False)


async def test_wrong_codes_share_the_budget_of_promo_codes(stall: Stall) -> None:
    """And every "no" is one: unknown, another's, returned, over, or for want of tries."""
    gift = await buy_gift(stall)
    taken, over = await gift_admin.make_gifts(stall.db, NewGifts("fair", "standard", 1, 2))
    await redeem_gift(stall.db, OLGA, taken)
    (row,) = await stall.rows(Gift, Gift.code == over)
    await stall.change(row, ends_at=clock.now())
    for code in (taken, over, "A" * 24, "a" * 24, "'; --", ""):
        with pytest.raises(PromoRefusedError) as refused:
            await open_gift(stall.db, BEN, code)
        assert refused.value.text_key == "error-gift-refused"
    assert len(await stall.rows(PromoTry, PromoTry.user_id == BEN)) == 6
    for _ in range(4):
        with pytest.raises(PromoRefusedError):
            await enter_promo_code(stall.db, BEN, "GUESS")

    assert await is_refused(stall, BEN, gift.code) == "budget"
    assert await is_refused(stall, OLGA, gift.code) is None


async def test_a_gift_is_honoured_after_its_plan_is_archived(stall: Stall) -> None:
    """P15: it was sold. Its giver may redeem it, and is not notified of themselves."""
    gift = await buy_gift(stall)
    (plan,) = await stall.rows(Plan, Plan.id == gift.plan_id)
    await stall.change(plan, archived_at=clock.now())

    await redeem_gift(stall.db, ANNA, gift.code)
    assert (await stall.subscription(ANNA)).plan_id == plan.id
    assert "gift-redeemed" not in await stall.notified()
    (anna,) = await stall.rows(User, User.id == ANNA)
    assert anna.had_access_at is not None  # no trial after it


async def test_a_gift_paid_too_late_for_its_offer_is_money(stall: Stall, skip: Skip) -> None:
    """P15: the plan is sold no more, so there is no gift, and the buyer can choose another."""
    order = await stall.pay(await order_gift(stall))
    (plan,) = await stall.rows(Plan, Plan.id == order.plan_id)
    skip(timedelta(hours=2))
    await stall.change(plan, archived_at=clock.now())
    await stall.settle(stall.provider.pay(order.invoice_id))

    assert await stall.rows(Gift) == []
    assert (await stall.balance()).minor == 499
    assert (await stall.again(order)).status is PurchaseStatus.EXPIRED
    (over,) = [row for row in await stall.notifications() if row.template == "payment-offer-over"]
    assert over.values["is_gift"] == 1


async def test_an_own_order_and_a_gift_are_two(stall: Stall) -> None:
    """The same term for oneself is another order; a second tap gets the same one again."""
    own, gift = await stall.order(), await order_gift(stall)
    assert own.id != gift.id
    assert (await order_gift(stall)).id == gift.id
    assert (await stall.order()).id == own.id


async def test_batches_are_made_redeemed_withdrawn_and_forgotten(stall: Stall, skip: Skip) -> None:
    until = (clock.now() + timedelta(days=2)).date()
    new = NewGifts("fair", "standard", 3, 4, until_day=until)
    first, second, third, _ = await gift_admin.make_gifts(stall.db, new)
    await redeem_gift(stall.db, BEN, first)
    assert await gift_admin.void_gifts(stall.db, "fair", [first, second]) == 1
    assert await is_refused(stall, OLGA, second) == "gift"
    skip(timedelta(days=4))
    assert await is_refused(stall, OLGA, third) == "gift"

    (batch,) = await gift_admin.list_gift_batches(stall.db)
    assert (batch.plan, batch.days, batch.made, batch.redeemed, batch.voided) == (
        *("standard", 90),
        *(4, 1, 1),
    )
    skip(timedelta(days=40))
    assert (await run_retention(stall.db)).removed["gifts"] == 3
    assert [gift.code for gift in await stall.rows(Gift)] == [first]
