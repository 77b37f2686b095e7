"""One page of one table: so many rows after a key, and where the next page goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, tuple_

from app.db.models import User
from app.db.unit_of_work import Database
from app.domain.listings import (
    LISTING_PAGE_SIZE,
    PERSONAL_LISTINGS,
    ListingKind,
    ListingQuery,
)
from app.services.audit import record_data_access
from app.services.operations.listings.selections import (
    TableSelection,
    list_selections,
    select_of_user,
)

_SEPARATOR: Final = "~"
_MOST_BITS: Final = 63


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`next_after`: what asks for the page behind this one; None where this is the last."""

    rows: Sequence[Row[Any]]
    next_after: str | None


async def load_listing_page(db: Database, operator: int, query: ListingQuery) -> ListingPage:
    """An unknown tab is the first one; what is no key begins at the front. One select.

    Where it shows what is about users, it is on record before.
    """
    selection = _find_selection(query)
    if query.kind in PERSONAL_LISTINGS:
        of_user = {} if query.user_id is None else {"user": query.user_id}
        subject = f"table:{query.kind}"
        await record_data_access(db, operator, "table_viewed", subject, tab=query.tab, **of_user)
    after = _parse_key(selection, query.after)
    keys = [key.label(f"key_{number}") for number, key in enumerate(selection.keys)]
    order = [key.asc() if selection.ascends else key.desc() for key in selection.keys]
    rows = selection.rows.add_columns(*keys).order_by(*order).limit(LISTING_PAGE_SIZE + 1)
    if after is not None:
        place = tuple_(*selection.keys)
        rows = rows.where(place > after if selection.ascends else place < after)
    async with db.read_only() as session:
        found = (await session.execute(rows)).all()
    shown = found[:LISTING_PAGE_SIZE]
    has_more = len(found) > len(shown)
    return ListingPage(shown, _format_key(shown[-1], len(keys)) if has_more else None)


async def list_users_by_id(
    db: Database, operator: int, user_ids: Sequence[int], typed: str
) -> ListingPage:
    """Those that a search has found, in the columns of their table; on record with its words."""
    await record_data_access(db, operator, "users_searched", "table:users", query=typed)
    selection = list_selections(ListingKind.USERS)["all"]
    rows = selection.rows.where(User.id.in_(user_ids)).order_by(User.id)
    async with db.read_only() as session:
        return ListingPage((await session.execute(rows)).all(), None)


def _find_selection(query: ListingQuery) -> TableSelection:
    own = None if query.user_id is None else select_of_user(query.kind, query.user_id)
    if own is not None:
        return own
    selections = list_selections(query.kind)
    return selections.get(query.tab) or next(iter(selections.values()))


def _format_key(row: Row[Any], count: int) -> str:
    values = row[-count:]
    return _SEPARATOR.join(
        value.isoformat() if isinstance(value, datetime) else str(value) for value in values
    )


def _parse_key(selection: TableSelection, text: str | None) -> tuple[Any, ...] | None:
    parts = (text or "").split(_SEPARATOR)
    if len(parts) != len(selection.keys):
        return None
    try:
        return tuple(
            _parse_part(key.type.python_type, part)
            for key, part in zip(selection.keys, parts, strict=True)
        )
    except ValueError:
        return None


def _parse_part(kind: type, part: str) -> Any:  # noqa: ANN401 - what a key may be
    """Raises ValueError."""
    if kind is datetime:
        instant = datetime.fromisoformat(part)
        if instant.tzinfo is None:
            raise ValueError("an instant without a zone")
        return instant
    if kind is UUID:
        return UUID(part)
    number = int(part)
    if number.bit_length() > _MOST_BITS:
        raise ValueError("a number too large for a key")
    return number
