"""The operator's web: where it stands, and how long what opens it is good for."""

import hashlib
import re
import secrets
from datetime import timedelta
from enum import StrEnum
from typing import Final

ADMIN_WEB_PATH: Final = "/admin"
LOGIN_LINK_LIFETIME: Final = timedelta(minutes=5)
WEB_SESSION_LIFETIME: Final = timedelta(hours=12)
MAX_WEB_SESSIONS: Final = 5  # of one operator; the oldest ends for one more
_TOKEN_BYTES: Final = 32  # 256 bits, which make 43 characters
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class LoginRefusal(StrEnum):
    """Why a login came to nothing, as its page explains it."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    FORGED = "forged"
    NOT_OPERATOR = "not-operator"


class LoginRefusedError(Exception):
    def __init__(self, refusal: LoginRefusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def create_web_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def is_web_token(text: str) -> bool:
    """Whether it may be one: nothing else is looked up."""
    return _TOKEN.fullmatch(text) is not None


def hash_web_token(token: str) -> bytes:
    """What the database keeps of it. A random token needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def build_login_path(token: str) -> str:
    return f"{ADMIN_WEB_PATH}/login/{token}"
