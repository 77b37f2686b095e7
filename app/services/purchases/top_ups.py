"""Money for the balance: an order for nothing else, paid by any payment method but the balance."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.money import Money
from app.db.models import Purchase
from app.db.unit_of_work import Database
from app.domain.payments import OPEN_STATUSES, PurchaseKind
from app.services import shop_settings
from app.services.purchases.orders import REUSE_WHILE_LEFT, build_purchase
from app.services.users import lock_user


class TopUpAmountError(ExpectedError):
    text_key = "error-top-up-amount"


async def place_top_up(db: Database, user_id: int, amount: Money) -> Purchase:
    """An order without a payment method yet; of two taps the second finds the first's.

    Raises TopUpAmountError for an amount that the shop does not take, or no longer.
    """
    async with db.unit_of_work() as session:
        settings = await shop_settings.load_shop_settings(session)
        bounds = settings.top_up_least_minor, settings.top_up_most_minor
        if amount.currency != settings.currency or not bounds[0] <= amount.minor <= bounds[1]:
            raise TopUpAmountError
        await lock_user(session, user_id)
        purchase = await _get_reusable(session, user_id, amount)
        if purchase is None:
            purchase = build_purchase(user_id, PurchaseKind.TOP_UP)
            purchase.price_minor, purchase.currency = amount.minor, amount.currency
            session.add(purchase)
    return purchase


async def _get_reusable(session: AsyncSession, user_id: int, amount: Money) -> Purchase | None:
    reusable: Purchase | None = await session.scalar(
        select(Purchase)
        .where(
            Purchase.user_id == user_id,
            Purchase.kind == PurchaseKind.TOP_UP,
            Purchase.status.in_(OPEN_STATUSES),
            Purchase.expires_at > clock.now() + REUSE_WHILE_LEFT,
            Purchase.price_minor == amount.minor,
            Purchase.currency == amount.currency,
        )
        .order_by(Purchase.created_at.desc())
        .limit(1)
    )
    return reusable
