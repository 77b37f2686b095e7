"""A broadcast's buttons as an operator types them: a line each, "Text — https://…"."""

import re
from typing import Final
from urllib.parse import urlsplit

from app.core.errors import ExpectedError
from app.domain.names import drop_hidden_characters

MAX_BUTTONS: Final = 8
MAX_BUTTON_LENGTH: Final = 64
_MAX_URL_LENGTH: Final = 1024
# Phones make a dash of a hyphen, and a long one of two.
_LINE: Final = re.compile(r"(?P<text>.+?)\s*[-–—|:]+\s*(?P<url>\S+)")
_SCHEMES: Final = frozenset({"http", "https", "tg"})


class ButtonLineError(ExpectedError):
    """A line that is no button; `line` is that line, as far as it is worth showing."""

    text_key = "error-button-line"

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line[:100]


def parse_buttons(typed: str) -> list[list[str]]:
    """Text and address of each. Raises ButtonLineError."""
    lines = [line.strip() for line in drop_hidden_characters(typed).splitlines() if line.strip()]
    if not lines:
        raise ButtonLineError("")
    if len(lines) > MAX_BUTTONS:
        raise ButtonLineError(lines[MAX_BUTTONS])
    return [_parse_line(line) for line in lines]


def _parse_line(line: str) -> list[str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ButtonLineError(line)
    text, url = found["text"].strip(), found["url"]
    url = url if "://" in url else f"https://{url}"
    if not text or len(text) > MAX_BUTTON_LENGTH or not _is_address(url):
        raise ButtonLineError(line)
    return [text, url]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in _SCHEMES or len(url) > _MAX_URL_LENGTH:
        return False
    return bool(host) and (parts.scheme == "tg" or "." in host.strip("."))
