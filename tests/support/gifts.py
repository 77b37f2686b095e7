"""Gifts that a test's users buy, redeem and return."""

from app.db.models import EventOutcome, Gift, Purchase
from app.domain.ports import PaymentProvider
from app.services.promotions.gift_redemption import redeem_gift
from app.services.promotions.promo_tries import PromoTriesSpentError
from app.services.purchases import orders
from app.services.purchases.promo_codes import PromoRefusedError
from tests.support.stall import ANNA, Stall


async def order_gift(stall: Stall, user_id: int = ANNA, plan: str = "month") -> Purchase:
    """Before a method is chosen."""
    term = await stall.term(plan)
    return await orders.place_order(stall.db, stall.panel, user_id, term.id, None, is_gift=True)


async def buy_gift(
    stall: Stall,
    user_id: int = ANNA,
    plan: str = "month",
    provider: PaymentProvider | None = None,
) -> Gift:
    purchase = await stall.pay(await order_gift(stall, user_id, plan), provider)
    method = provider or stall.provider
    invoice = method.pay(purchase.invoice_id)  # type: ignore[attr-defined]  # tests' providers are paid at their command
    assert await stall.settle(invoice, method.name) is EventOutcome.SETTLED
    return await find_gift(stall, purchase)


async def find_gift(stall: Stall, purchase: Purchase) -> Gift:
    (gift,) = await stall.rows(Gift, Gift.purchase_id == purchase.id)
    return gift


async def get_purchase(stall: Stall, gift: Gift) -> Purchase:
    (purchase,) = await stall.rows(Purchase, Purchase.id == gift.purchase_id)
    return purchase


async def is_refused(stall: Stall, user_id: int, code: str) -> str | None:
    """The reason in the log; None where it was redeemed. In the chat all are one sentence."""
    try:
        await redeem_gift(stall.db, user_id, code)
    except PromoRefusedError as error:
        return "budget" if isinstance(error, PromoTriesSpentError) else error.reason
    return None
