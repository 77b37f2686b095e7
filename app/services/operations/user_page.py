"""A user as the operator sees them: money, subscriptions and orders on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.core.money import Money
from app.db.models import Purchase, Subscription, User
from app.db.unit_of_work import Database
from app.services import shop_settings
from app.services.ledger import list_balances
from app.services.operations.corrections import UnknownUserError
from app.services.payments.balance_page import list_purchases

_RECENT: Final = 5  # of each at once


@dataclass(frozen=True, slots=True)
class UserPage:
    """For the operator; the newest first."""

    user: User
    balances: list[Money]
    subscriptions: Sequence[Subscription]
    purchases: Sequence[Purchase]
    asked: Purchase | None  # by which the user was found; not one of `purchases`


async def require_user_page(
    db: Database, user_id: int, purchase_id: UUID | None = None
) -> UserPage:
    """With that purchase of theirs, too. Raises UnknownUserError."""
    async with db.unit_of_work() as session:
        user = await session.get(User, user_id)
        if user is None:
            raise UnknownUserError
        balances = await list_balances(
            session, user_id, (await shop_settings.load_shop_settings(session)).currency
        )
        subscriptions = await session.scalars(
            select(Subscription)
            .where(Subscription.user_id == user_id)
            .order_by(Subscription.id.desc())
            .limit(_RECENT)
        )
        asked = await session.get(Purchase, purchase_id) if purchase_id else None
        recent = await list_purchases(session, user_id, _RECENT, 0)
        purchases = [purchase for purchase in recent if purchase is not asked]
        return UserPage(user, balances, subscriptions.all(), purchases, asked)
