"""Finds the user whom an operator means, in one statement whatever was typed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ExpectedError
from app.db.models import OnchainInvoice, OnchainTransfer, Purchase, Subscription, User, Watch
from app.db.unit_of_work import Database
from app.domain.anonymous_users import FIRST_ANONYMOUS_ID, is_anonymous
from app.domain.user_lookup import LookupKey, UserQuery

_MatchQuery = Select[int, int, UUID | None, datetime]  # match, user, purchase, and since when

MAX_NAMESAKES: Final = 10  # as buttons
_LAST_CHARACTER: Final = chr(0x10FFFF)
_MAX_ROWS: Final = 20  # rows; more than one fits seldom


class OwnerErasedError(ExpectedError):
    """The order is there, its owner's data is not any more."""

    text_key = "error-owner-erased"


@dataclass(frozen=True, slots=True)
class FoundUser:
    """`others` fit as well: users who had the same name before, or like numbers."""

    id: int
    lookup_key: LookupKey
    purchase_id: UUID | None
    others: Sequence[int]


async def find_user(db: Database, query: UserQuery) -> FoundUser | None:
    """By id before name, order and invoice, and of these the latest. Raises OwnerErasedError."""
    async with db.unit_of_work() as session:
        rows = await _list_matches(session, query)
    known = [row for row in rows if not is_anonymous(row.user_id)]
    if not known:
        if rows:
            raise OwnerErasedError
        return None
    first = known[0]
    others = dict.fromkeys(row.user_id for row in known if row.user_id != first.user_id)
    return FoundUser(first.user_id, LookupKey(first.lookup_key), first.purchase_id, list(others))


async def _list_matches(session: AsyncSession, query: UserQuery) -> Sequence[Any]:
    fitting = union_all(*_build_queries(query)).subquery()
    rows = await session.execute(
        select(fitting).order_by(fitting.c.lookup_key, fitting.c.at.desc()).limit(_MAX_ROWS)
    )
    return rows.all()


def _build_queries(query: UserQuery) -> Iterator[_MatchQuery]:
    if query.user_id is not None:
        yield _select_users(LookupKey.ID, User.id == query.user_id)
    if query.username is not None:
        yield _select_users(LookupKey.NAME, func.lower(User.username) == query.username)
    if query.order_ids is not None:
        yield _select_purchases(LookupKey.ORDER, Purchase.id.between(*query.order_ids))
    if query.invoice is not None:
        by_invoice = Purchase.invoice_id == query.invoice
        yield _select_purchases(
            LookupKey.INVOICE, or_(by_invoice, Purchase.payment_id == query.invoice)
        )
        imported = Subscription.panel_name == query.invoice
        yield _select_owned(LookupKey.PANEL, Subscription, imported)
    if query.subscription_id is not None:
        own = Subscription.id == query.subscription_id
        yield _select_owned(LookupKey.PANEL, Subscription, own)
    if query.tx_hash is not None:
        yield _select_owned(LookupKey.TRANSACTION, Watch, Watch.tx_hash == query.tx_hash)
        paid = (
            select(OnchainInvoice.purchase_id)
            .join(OnchainTransfer, OnchainTransfer.invoice_id == OnchainInvoice.id)
            .where(OnchainTransfer.tx_hash == query.tx_hash)
        )
        yield _select_purchases(LookupKey.TRANSACTION, Purchase.id.in_(paid))


async def find_users_by_name(db: Database, name: str) -> Sequence[User]:
    """Some of those whose first name begins so; `name` is in lower case."""
    # By bytes, as the index has them, and not by the rules of the database's language.
    first_name = func.lower(User.first_name)
    begins = and_(
        first_name.op("~>=~", is_comparison=True)(name),
        first_name.op("~<~", is_comparison=True)(f"{name}{_LAST_CHARACTER}"),
    )
    async with db.read_only() as session:
        users = await session.scalars(
            select(User).where(begins, User.id < FIRST_ANONYMOUS_ID).limit(MAX_NAMESAKES)
        )
        return users.all()


def _select_users(lookup_key: LookupKey, condition: ColumnElement[bool]) -> _MatchQuery:
    return select(
        literal(int(lookup_key)).label("lookup_key"),
        User.id.label("user_id"),
        literal(None, Purchase.id.type).label("purchase_id"),
        func.coalesce(User.username_seen_at, User.created_at).label("at"),
    ).where(condition)


def _select_owned(
    lookup_key: LookupKey, table: type[Subscription | Watch], condition: ColumnElement[bool]
) -> _MatchQuery:
    return select(
        literal(int(lookup_key)).label("lookup_key"),
        table.user_id.label("user_id"),
        literal(None, Purchase.id.type).label("purchase_id"),
        table.created_at.label("at"),
    ).where(condition)


def _select_purchases(lookup_key: LookupKey, condition: ColumnElement[bool]) -> _MatchQuery:
    return select(
        literal(int(lookup_key)).label("lookup_key"),
        Purchase.user_id.label("user_id"),
        Purchase.id.label("purchase_id"),
        Purchase.created_at.label("at"),
    ).where(condition)
