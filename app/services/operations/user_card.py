"""A user as the operator's web shows them: all of it by three selects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ScalarSelect, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB

from app.core.money import Money
from app.db.models import LedgerEntry, Panel, Purchase, Subscription, User
from app.db.unit_of_work import Database
from app.services.audit import record_data_access
from app.services.operations.corrections import UnknownUserError

_RECENT: Final = 10  # of each


@dataclass(frozen=True, slots=True)
class UserCard:
    """The newest first; balances of zero are left out."""

    user: User
    balances: Sequence[Money]
    invited: int
    subscriptions: Sequence[Subscription]
    purchases: Sequence[Purchase]
    has_several_panels: bool


async def view_user_card(db: Database, operator: int, user_id: int) -> UserCard:
    """On record before it is shown. Raises UnknownUserError."""
    await record_data_access(db, operator, "person_viewed", f"user:{user_id}", tab="web")
    async with db.read_only() as session:
        row = (
            await session.execute(
                select(
                    User,
                    _select_balances(user_id),
                    _count_invited(user_id),
                    exists(select(Panel.id)),
                ).where(User.id == user_id)
            )
        ).one_or_none()
        if row is None:
            raise UnknownUserError
        user, balances, invited, has_several_panels = row
        subscriptions = await session.scalars(
            select(Subscription)
            .where(Subscription.user_id == user_id)
            .order_by(Subscription.id.desc())
            .limit(_RECENT)
        )
        purchases = await session.scalars(
            select(Purchase)
            .where(Purchase.user_id == user_id)
            .order_by(Purchase.created_at.desc())
            .limit(_RECENT)
        )
        return UserCard(
            user,
            [Money(minor, currency) for currency, minor in sorted((balances or {}).items())],
            invited,
            subscriptions.all(),
            purchases.all(),
            has_several_panels,
        )


def _select_balances(user_id: int) -> ScalarSelect[dict[str, Any] | None]:
    """Minor units by currency."""
    total = func.sum(LedgerEntry.amount_minor)
    sums = (
        select(LedgerEntry.currency, total.label("minor"))
        .where(LedgerEntry.user_id == user_id)
        .group_by(LedgerEntry.currency)
        .having(total != 0)
        .subquery()
    )
    by_currency = func.jsonb_object_agg(sums.c.currency, sums.c.minor, type_=JSONB)
    return select(by_currency).scalar_subquery()


def _count_invited(user_id: int) -> ScalarSelect[int]:
    return select(func.count()).where(User.referrer_id == user_id).scalar_subquery()
