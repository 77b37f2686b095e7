"""What an operator types for a user: a name, an id, an order or an invoice, by its shape."""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

from app.domain.names import clean_name
from app.domain.refunds import parse_purchase_number
from app.domain.subscriptions import parse_panel_name

_USERNAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
_USER_ID: Final = re.compile(r"[0-9]{1,15}")  # Telegram's ids have at most 52 bits
_INVOICE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:=+/-]{0,254}")
_TX_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_MIN_SEARCHED_NAME: Final = 2
MAX_SEARCHED_NAME: Final = 64
_NUMBER_SIGN: Final = re.compile(r"(?:№|#|No\.)\s*", re.IGNORECASE)


class LookupKey(IntEnum):
    """What a user is found by; of several the first counts."""

    ID = 1
    NAME = 2
    ORDER = 3
    INVOICE = 4
    PANEL = 5
    TRANSACTION = 6


@dataclass(frozen=True, slots=True)
class UserQuery:
    """All that the typed word may be; None for what it cannot be."""

    username: str | None = None  # in lower case
    user_id: int | None = None
    order_ids: tuple[UUID, UUID] | None = None  # the first and the last that begin so
    invoice: str | None = None  # the id that a provider gave it, or its payment
    subscription_id: int | None = None  # by its name at the panel
    tx_hash: str | None = None  # that they watch, in lower case


def parse_user_query(typed: str) -> UserQuery | None:
    """None for what is none of these. A sign makes it a name or a number: @anna, № 3F2A1B4C."""
    if typed.startswith("@"):
        name = typed.removeprefix("@")
        return UserQuery(username=name.lower()) if _USERNAME.fullmatch(name) else None
    sign = _NUMBER_SIGN.match(typed)
    word = typed[sign.end() :] if sign else typed
    if not _INVOICE.fullmatch(word):
        return None
    is_name = not sign and _USERNAME.fullmatch(word)
    is_id = not sign and _USER_ID.fullmatch(word)
    return UserQuery(
        username=word.lower() if is_name else None,
        user_id=int(word) if is_id else None,
        order_ids=parse_purchase_number(word),
        invoice=word,
        subscription_id=_find_subscription_id(word),
        tx_hash=word.lower() if _TX_HASH.fullmatch(word) else None,
    )


def clean_searched_name(typed: str) -> str | None:
    """What names are searched for that begin so, in lower case; None for what is no name."""
    name = clean_name(typed, MAX_SEARCHED_NAME).lower()
    is_name = len(name) >= _MIN_SEARCHED_NAME and any(sign.isalpha() for sign in name)
    return name if is_name and not typed.startswith("@") else None


def _find_subscription_id(word: str) -> int | None:
    ids = parse_panel_name(word)
    return ids[1] if ids else None
