"""Gifts: their codes, the links that carry them, and how long they can be returned."""

import base64
import re
import secrets
from datetime import datetime, timedelta
from typing import Final

GIFT_LINK_PREFIX: Final = "gift"  # of the links that carry a code
# So long its buyer can have the money of a gift back that nobody has redeemed.
GIFT_RETURN_PERIOD: Final = timedelta(days=30)

_CODE_BYTES: Final = 15  # 120 bits, as 24 capitals and digits
# As codes are made; what else a link brings along is not worth a query.
_CODE: Final = re.compile(r"[A-Z2-7]{24}")


def create_gift_code() -> str:
    return base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()


def is_gift_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def build_gift_link(bot_username: str, code: str) -> str:
    return f"https://t.me/{bot_username}?start={GIFT_LINK_PREFIX}_{code}"


def get_return_deadline(created_at: datetime) -> datetime:
    return created_at + GIFT_RETURN_PERIOD
