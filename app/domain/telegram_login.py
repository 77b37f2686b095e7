"""Who somebody is, as Telegram says it to a website: https://core.telegram.org/widgets/login."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from app.domain.admin_web import LoginRefusal, LoginRefusedError

# Telegram says none; within it, who has the address is that user.
_FRESH: Final = timedelta(minutes=5)
_CLOCKS_APART: Final = timedelta(minutes=1)
_ID: Final = re.compile(r"[1-9][0-9]{0,15}")  # Telegram's ids have at most 52 bits
_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def check_telegram_login(fields: Mapping[str, str], bot_token: str, now: datetime) -> int:
    """The user's id. `fields` are all that Telegram added to the address.

    Raises LoginRefusedError: FORGED where the hash is not the bot's own, else EXPIRED.
    """
    given = fields.get("hash", "")
    signed = "\n".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "hash")
    key = hashlib.sha256(bot_token.encode()).digest()
    expected = hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
    is_whole = _HASH.fullmatch(given) and _ID.fullmatch(fields.get("id", ""))
    if not is_whole or not hmac.compare_digest(given, expected):
        raise LoginRefusedError(LoginRefusal.FORGED)
    if not _is_fresh(fields.get("auth_date", ""), now):
        raise LoginRefusedError(LoginRefusal.EXPIRED)
    return int(fields["id"])


def _is_fresh(auth_date: str, now: datetime) -> bool:
    if not _SECONDS.fullmatch(auth_date):
        return False
    age = now - datetime.fromtimestamp(int(auth_date), UTC)
    return -_CLOCKS_APART <= age <= _FRESH
