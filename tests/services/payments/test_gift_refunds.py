"""The money of a gift goes back while nobody has redeemed it, and never together with the gift."""

from datetime import timedelta

import pytest

from app.core.errors import ExpectedError
from app.db.models import Gift, LedgerEntry, Subscription
from app.domain.payments import Payout, PurchaseStatus
from app.services.payments import refunds
from app.services.payments.methods import PaymentMethods
from app.services.payments.refunds import AlreadyRefundedError, GiftReturnOverError
from app.services.privacy.erasure import erase_user, preview_erasure
from app.services.privacy.export import export_user_data
from app.services.promotions.gift_redemption import GiftRefusedError, OpenedGift, redeem_gift
from app.services.purchases.gifts import GiftGoneError, GiftRedeemedError
from tests.conftest import Skip
from tests.support.gifts import buy_gift, get_purchase, is_refused
from tests.support.locks import overlap
from tests.support.payback import PayingBack
from tests.support.stall import ANNA, BEN, OLGA, Stall

GIFTS = "SELECT FROM gifts FOR NO KEY UPDATE"


async def give_back(stall: Stall, gift: Gift, user_id: int = ANNA) -> type[ExpectedError] | None:
    """What it is refused for; None where it was returned."""
    purchase = await get_purchase(stall, gift)
    try:
        await refunds.return_gift(stall.db, purchase.id, user_id)
    except ExpectedError as error:
        return type(error)
    return None


async def test_its_buyer_returns_it_to_the_balance_once(stall: Stall) -> None:
    """P9: the cost comes back, and the code is void."""
    gift = await buy_gift(stall)
    assert await give_back(stall, gift, BEN) is GiftGoneError
    assert await give_back(stall, gift) is None
    assert await give_back(stall, gift) is AlreadyRefundedError

    assert (await stall.balance()).minor == 499
    kinds = [(entry.kind.value, entry.amount_minor) for entry in await stall.rows(LedgerEntry)]
    assert kinds == [("payment", 499), ("sale", -499), ("refund", 499)]
    assert await is_refused(stall, BEN, gift.code) == "gift"
    assert (await stall.notified())[-1] == "refunded"


async def test_it_is_not_returned_once_redeemed_or_too_late(stall: Stall, skip: Skip) -> None:
    redeemed, kept = await buy_gift(stall), await buy_gift(stall)
    await redeem_gift(stall.db, BEN, redeemed.code)
    assert await give_back(stall, redeemed) is GiftRedeemedError
    skip(timedelta(days=31))
    assert await give_back(stall, kept) is GiftReturnOverError
    assert await is_refused(stall, BEN, kept.code) is None
    assert (await stall.balance()).minor == 0


@pytest.mark.parametrize("is_redeemed_first", [True, False])
async def test_redeemed_and_returned_at_once_is_one_of_both(
    stall: Stall, database_url: str, *, is_redeemed_first: bool
) -> None:
    """P2, P9: either the access or the money."""
    gift = await buy_gift(stall)
    purchase = await get_purchase(stall, gift)
    calls = [
        redeem_gift(stall.db, BEN, gift.code),
        refunds.return_gift(stall.db, purchase.id, ANNA),
    ]
    first, second = calls if is_redeemed_first else reversed(calls)
    results = await overlap(database_url, GIFTS, first, second)

    if is_redeemed_first:
        assert [type(result) for result in results] == [OpenedGift, GiftRedeemedError]
    else:
        assert [type(result) for result in results] == [type(None), GiftRefusedError]
    assert len(await stall.rows(Subscription)) == (1 if is_redeemed_first else 0)
    assert (await stall.balance()).minor == (0 if is_redeemed_first else 499)


async def test_an_operator_refunds_it_through_its_provider(stall: Stall) -> None:
    """And what was redeemed is refused before anything is asked."""
    stars = PayingBack()
    methods = PaymentMethods([stall.provider, stars])
    gift = await buy_gift(stall, provider=stars)
    redeemed = await buy_gift(stall, provider=stars)
    await redeem_gift(stall.db, BEN, redeemed.code)
    purchase = await get_purchase(stall, gift)
    assert (await refunds.preview_refund(stall.db, methods, purchase.number)).access is None
    await refunds.refund_purchase(stall.db, methods, purchase.id, OLGA, "asked for it")

    assert (await stall.again(purchase)).payout is Payout.DONE
    assert (await stall.balance()).minor == 0
    assert await is_refused(stall, BEN, gift.code) == "gift"
    other = await get_purchase(stall, redeemed)
    for refund in (
        refunds.preview_refund(stall.db, methods, other.number),
        refunds.refund_purchase(stall.db, methods, other.id, OLGA, "asked for it"),
    ):
        with pytest.raises(GiftRedeemedError):
            await refund
    assert (await stall.again(other)).status is PurchaseStatus.PAID


async def test_a_payment_that_its_provider_takes_back_voids_the_code(stall: Stall) -> None:
    """Where it was redeemed, the access stays and the operators decide."""
    stars = PayingBack()
    gift = await buy_gift(stall, provider=stars)
    redeemed = await buy_gift(stall, provider=stars)
    await redeem_gift(stall.db, BEN, redeemed.code)
    for one in (gift, redeemed):
        payment_id = (await get_purchase(stall, one)).payment_id
        async with stall.db.unit_of_work() as session:
            assert await refunds.record_provider_refund(session, "stars", payment_id or "")

    assert await is_refused(stall, BEN, gift.code) == "gift"
    assert (await stall.balance()).minor == 0
    assert (await stall.again(redeemed)).voided_at is None
    (asked,) = [row for row in await stall.notifications(OLGA) if "gift" in row.template]
    redemption = await stall.again(redeemed)
    assert asked.template == "operator-refund-gift"
    assert str(redemption.redemption_id).upper().startswith(str(asked.values["redemption"]))


async def test_its_link_outlives_the_erasure_of_its_buyer(stall: Stall) -> None:
    """It was paid for. The export holds it, without its receiver."""
    gift, redeemed = await buy_gift(stall), await buy_gift(stall)
    await redeem_gift(stall.db, BEN, redeemed.code)
    export = (await export_user_data(stall.db, ANNA)).decode()
    assert gift.code in export
    assert str(BEN) not in export
    assert (await preview_erasure(stall.db, ANNA)).waiting_gifts == 1

    await erase_user(stall.db, ANNA, b"anna")
    assert await is_refused(stall, BEN, gift.code) is None
    assert len(await stall.rows(Subscription, Subscription.user_id == BEN)) == 1
    assert await stall.notifications(ANNA) == []
