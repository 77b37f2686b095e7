"""Numbers of forms: what is sent twice is done once, and what was shown long ago is shown anew.

They stand where the chat has the number of the operator's message. Those are above zero.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from app.core import clock

FORM_NUMBER: Final = "number"
_LIFETIME: Final = timedelta(minutes=15)
_RANDOM_BITS: Final = 20
_MOST_DIGITS: Final = 16


def create_form_number() -> str:
    """With its time in it, so that nothing has to be kept until the form comes back."""
    return str(int(clock.now().timestamp()) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS))


def read_form_number(form: Mapping[str, str]) -> int | None:
    """Below zero; None of a form that has none of ours, or is too old."""
    text = form.get(FORM_NUMBER, "")
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        return None
    made_at = datetime.fromtimestamp(int(text) >> _RANDOM_BITS, UTC)
    return -int(text) if timedelta() <= clock.now() - made_at <= _LIFETIME else None
