"""What a promo code can give, how people may type it, and what it takes off a price."""

import re
import unicodedata
from enum import StrEnum
from typing import Final


class PromoKind(StrEnum):
    PERCENT = "percent"  # off the price of a purchase
    AMOUNT = "amount"  # off the price, in minor units
    DAYS = "days"  # of access, at once
    BALANCE = "balance"  # minor units, at once
    TRIAL_DAYS = "trial_days"  # a longer trial


DISCOUNTS: Final = frozenset({PromoKind.PERCENT, PromoKind.AMOUNT})
MONEY: Final = frozenset({PromoKind.AMOUNT, PromoKind.BALANCE})
LONGEST_CODE: Final = 32
# Latin only: such a code fits into a link (https://core.telegram.org/api/links#bot-links), and
# no two codes look alike.
_CODE: Final = re.compile(rf"[A-Z0-9_-]{{1,{LONGEST_CODE}}}")
_LONGEST_TYPED: Final = 2 * LONGEST_CODE  # with spaces


def normalize(typed: str) -> str | None:
    """As codes are stored: in upper case, of one width, without spaces; None if it can't be one."""
    if len(typed) > _LONGEST_TYPED:
        return None
    code = "".join(unicodedata.normalize("NFKC", typed).split()).upper()
    return code if _CODE.fullmatch(code) else None


def discount_of(kind: PromoKind, value: int, price_minor: int) -> int:
    """Minor units off the price: never more than it is, a percentage rounded in one's favour."""
    if kind is PromoKind.PERCENT:
        return -(-price_minor * min(value, 100) // 100)
    return min(value, price_minor)
