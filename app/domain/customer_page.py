"""A subscription's page on the web: its address is the only key to it."""

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CUSTOMER_PAGE_PATH: Final = "/s/"
_TOKEN_BYTES: Final = 24  # 192 bits, which make 32 characters
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")


class PageNotice(StrEnum):
    """What the page says where it has no subscription to show."""

    UNKNOWN = "unknown"
    CROWDED = "crowded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class PageReader:
    """What a browser says of itself; `language` is what was chosen on the page, if anything."""

    user_agent: str
    accept_language: str
    language: str | None
    bot_name: str | None  # None while Telegram does not say it


def create_page_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def is_page_token(text: str) -> bool:
    """Whether it may be one: nothing else is looked up."""
    return _TOKEN.fullmatch(text) is not None


def build_page_path(token: str) -> str:
    return f"{CUSTOMER_PAGE_PATH}{token}"
