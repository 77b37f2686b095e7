"""Whether a page has anything new to show: its refresh button carries the mark of its text."""

import hashlib
from typing import Final

_LENGTH: Final = 8


def digest_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
