"""Ids that stand for nobody: money stays in the books when its person is gone."""

import secrets
from typing import Final

# Telegram's ids have at most 52 bits; a trigger knows this bound too.
FIRST: Final = 2**62


def new_id() -> int:
    return FIRST + secrets.randbits(61)


def is_nobody(user_id: int) -> bool:
    return user_id >= FIRST
