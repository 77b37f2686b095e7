"""What people call what they watch, fit to be shown in one line."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 64

# Turn the direction of the text that follows, ours included.
_TURNING: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HIDDEN: Final = {"Cc", "Cs", "Cn", "Co"}


def clean_label(text: str | None) -> str | None:
    """None where nothing visible is left."""
    words = " ".join(_TURNING.sub("", text or "").split())
    shown = "".join(letter for letter in words if unicodedata.category(letter) not in _HIDDEN)
    return shown[:LONGEST].strip() or None
