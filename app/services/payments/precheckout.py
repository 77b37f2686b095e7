"""What Telegram asks before it takes a user's Stars: whether they may still pay for this."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.db.models import Purchase
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database
from app.domain.payment_methods import PaymentMethodClosedError
from app.domain.payments import OPEN_STATUSES, SOLD_STATUSES, parse_invoice_payload
from app.domain.stars import STARS_METHOD
from app.services import shop_settings
from app.services.ledger import get_balance
from app.services.payments.checkout import BalanceShortError
from app.services.purchases.offer_check import check_order_offer, is_change_base_unchanged

ORDER_GONE: Final = "error-stars-gone"
ORDER_PAID: Final = "error-stars-paid"
ORDER_NOT_YOURS: Final = "error-stars-not-yours"
ORDER_CHANGED: Final = "error-stars-changed"


@retry_if_stale
async def find_precheckout_objection(
    db: Database, payer_id: int, payload: str, charge: Money
) -> str | None:
    """The key of what the payer reads instead of paying; None when the payment may go on."""
    ours = parse_invoice_payload(payload)
    if ours is None:
        return ORDER_GONE
    async with db.unit_of_work() as session:
        purchase = await session.get(Purchase, ours[0])
        if purchase is None:
            return ORDER_GONE
        if not payer_id == purchase.user_id == ours[1]:
            return ORDER_NOT_YOURS
        return _object_to_order(purchase, charge) or await _object_to_sale(session, purchase)


def _object_to_order(purchase: Purchase, charge: Money) -> str | None:
    if purchase.status in SOLD_STATUSES:
        return ORDER_PAID
    if purchase.status not in OPEN_STATUSES or purchase.expires_at <= clock.now():
        return ORDER_GONE
    if purchase.provider != STARS_METHOD or purchase.charge != charge:
        return ORDER_CHANGED
    return None


async def _object_to_sale(session: AsyncSession, purchase: Purchase) -> str | None:
    """What would leave the money on the balance, without a sale."""
    settings = await shop_settings.load_shop_settings(session)
    if STARS_METHOD in settings.ways_off:
        return PaymentMethodClosedError.text_key
    now = clock.now()
    if not await is_change_base_unchanged(session, purchase, now):
        return ORDER_CHANGED
    if not (await check_order_offer(session, purchase, now)).holds:
        return ORDER_CHANGED
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    if balance.minor < purchase.from_balance_minor:
        return BalanceShortError.text_key
    return None
