"""Values from outside, whose length and characters nobody promises us."""

import hashlib
import re
from typing import Final

_PLAIN: Final = re.compile("[!-~]{1,255}")
_DIGEST: Final = "sha256:"
BIGINT_RANGE: Final = range(-(1 << 63), 1 << 63)


def to_bounded_key(foreign: str) -> str:
    """As it is where that is short and plain, else its digest: at most 255 characters, unique."""
    if _PLAIN.fullmatch(foreign) and not foreign.startswith(_DIGEST):
        return foreign
    return _DIGEST + hashlib.sha256(foreign.encode(errors="surrogatepass")).hexdigest()


def to_storable_text(text: str) -> str:
    """Without what JSON can say and PostgreSQL cannot hold: NUL, and half a surrogate pair."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
