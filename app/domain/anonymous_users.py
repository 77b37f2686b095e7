"""Ids that stand for nobody: money stays in the books when its user is erased."""

import secrets
from typing import Final

# Telegram's ids have at most 52 bits; a trigger knows this bound too.
FIRST_ANONYMOUS_ID: Final = 2**62


def create_anonymous_id() -> int:
    return FIRST_ANONYMOUS_ID + secrets.randbits(61)


def is_anonymous(user_id: int) -> bool:
    return user_id >= FIRST_ANONYMOUS_ID
