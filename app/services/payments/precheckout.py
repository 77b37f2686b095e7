"""What Telegram asks before it takes somebody's Stars: whether they may still pay for this."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.db.models import Purchase
from app.db.stale import again_if_stale
from app.db.unit_of_work import Database
from app.domain.payments import OPEN, SOLD, from_payload
from app.domain.stars import STARS
from app.domain.ways import WayClosedError
from app.services import shop_settings
from app.services.ledger import get_balance
from app.services.payments.checkout import BalanceShortError
from app.services.purchases.offer_check import check_offer, is_base_unchanged

GONE: Final = "error-stars-gone"
PAID: Final = "error-stars-paid"
NOT_YOURS: Final = "error-stars-not-yours"
CHANGED: Final = "error-stars-changed"


@again_if_stale
async def find_objection(db: Database, payer_id: int, payload: str, charge: Money) -> str | None:
    """The key of what the payer reads instead of paying; None when the payment may go on."""
    ours = from_payload(payload)
    if ours is None:
        return GONE
    async with db.unit_of_work() as session:
        purchase = await session.get(Purchase, ours[0])
        if purchase is None:
            return GONE
        if not payer_id == purchase.user_id == ours[1]:
            return NOT_YOURS
        return _object_to_order(purchase, charge) or await _object_to_sale(session, purchase)


def _object_to_order(purchase: Purchase, charge: Money) -> str | None:
    if purchase.status in SOLD:
        return PAID
    if purchase.status not in OPEN or purchase.expires_at <= clock.now():
        return GONE
    if purchase.provider != STARS or purchase.charge != charge:
        return CHANGED
    return None


async def _object_to_sale(session: AsyncSession, purchase: Purchase) -> str | None:
    """What would leave the money on the balance, without a sale."""
    settings = await shop_settings.load(session)
    if STARS in settings.ways_off:
        return WayClosedError.text_key
    now = clock.now()
    if not await is_base_unchanged(session, purchase, now):
        return CHANGED
    if not (await check_offer(session, purchase, now)).holds:
        return CHANGED
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    if balance.minor < purchase.from_balance_minor:
        return BalanceShortError.text_key
    return None
