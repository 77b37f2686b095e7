"""What no file of the repository may hold: secrets, registries' hosts, paths of one machine."""

import re
from collections.abc import Iterator
from pathlib import Path

_FORBIDDEN = {
    "a Telegram bot token": r"\b\d{8,10}:[A-Za-z0-9_-]{35}\b",
    "a Crypto Pay token": r"\b\d{4,7}:AA[A-Za-z0-9]{30,}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a cloud key": r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[bp]-[0-9A-Za-z-]{20,})\b",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.",
    "a package registry": r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org"
    r"|--(?:extra-)?index-url|--find-links",
    "a path of one machine": r"(?<![\w.\-}])/(?:work|root|home/\w+|opt/pypi|tmp/\w+)/",
}
# What tests make up to look real says so by counting; no generator gives that.
_MADE_UP = re.compile("0123456789|(.)\\1{9}")
_PATTERNS = {what: re.compile(pattern) for what, pattern in _FORBIDDEN.items()}


def forbidden_in(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in _PATTERNS.items():
            found = pattern.search(line)
            if found and not _MADE_UP.search(found.group()):
                yield f"{name}:{number}: {what}"


def read_text(path: Path) -> str:
    """Return a file's text; a picture has none."""
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""
