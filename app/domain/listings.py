"""The tables that operators page through in their web, and what a page of one is asked by."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LISTING_PAGE_SIZE: Final = 50


class ListingKind(StrEnum):
    """The values stand in addresses and in the audit."""

    USERS = "users"
    ORDERS = "orders"
    LEDGER = "ledger"
    SUBSCRIPTIONS = "subscriptions"
    PROMO_CODES = "promo-codes"
    BROADCASTS = "broadcasts"
    OUTBOX = "outbox"
    INCIDENTS = "incidents"
    FAILED_UPDATES = "failed-updates"


PERSONAL_LISTINGS: Final = frozenset(
    {
        ListingKind.USERS,
        ListingKind.ORDERS,
        ListingKind.LEDGER,
        ListingKind.SUBSCRIPTIONS,
        ListingKind.OUTBOX,
        ListingKind.FAILED_UPDATES,
    }
)
"""They show what is about users: a look at one is an entry of the audit."""


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """`tab`: which of the table's selections; of one user alone where one is given.

    `after`: where the page before ended, as that page says it.
    """

    kind: ListingKind
    tab: str
    user_id: int | None = None
    after: str | None = None
