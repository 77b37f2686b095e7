"""What a promo code can give, how users may type it, and what it takes off a price."""

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


DISCOUNT_KINDS: Final = frozenset({PromoKind.PERCENT, PromoKind.AMOUNT})
MONEY_KINDS: Final = frozenset({PromoKind.AMOUNT, PromoKind.BALANCE})
_MAX_CODE_LENGTH: Final = 32
# Latin only: such a code fits into a link (https://core.telegram.org/api/links#bot-links), and
# no two codes look alike.
_CODE: Final = re.compile(rf"[A-Z0-9_-]{{1,{_MAX_CODE_LENGTH}}}")
_MAX_TYPED_LENGTH: Final = 2 * _MAX_CODE_LENGTH  # with spaces


def normalize_promo_code(typed: str) -> str | None:
    """As codes are stored: in upper case, of one width, without spaces; None if it can't be one."""
    if len(typed) > _MAX_TYPED_LENGTH:
        return None
    code = "".join(unicodedata.normalize("NFKC", typed).split()).upper()
    return code if _CODE.fullmatch(code) else None


def compute_discount_minor(kind: PromoKind, value: int, price_minor: int) -> int:
    """Minor units off the price: never more than it is, a percentage rounded in one's favour."""
    if kind is PromoKind.PERCENT:
        return -(-price_minor * min(value, 100) // 100)
    return min(value, price_minor)
