"""Mends what copying, wrapping and redirecting did to a hash before anybody looks for it."""

import re
from typing import Final
from unicodedata import normalize
from urllib.parse import unquote

_MAX_LENGTH: Final = 5000  # characters that are looked at; a message has at most 4096
_REDIRECTS: Final = 3  # one in the other
_INNER_LINK: Final = re.compile(r"=(?=(?:[\w-]+\.)+[a-z]{2,}/)", re.IGNORECASE)

# Nothing is seen of these: zero-width, soft hyphens, marks of direction.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
# Cyrillic and Greek characters that look like hex digits, or like the x of 0x.
_LOOK_ALIKE: Final = str.maketrans(
    dict(zip("аАвВсСеЕоОзЗбхХ", "aAbBcCeE00336xX", strict=True))
    | dict(zip("αΑΒΕοΟχΧ", "aABE00xX", strict=True))
)
_DIGIT: Final = "[0-9a-fA-FаАвВсСеЕоОзЗбαΑΒΕοΟ]"
# A line's end, or spaces where plainly the hash goes on.
_BREAK: Final = rf"(?:-?[ \t]*\r?\n[ \t>|]*(?={_DIGIT}{{2}})|[ \t]{{1,3}}(?={_DIGIT}{{8}}))"
# Not behind a whole address of 40 digits: what comes after that is something else.
_HASH: Final = re.compile(
    rf"(?<![0-9])[0оОOοΟ][xXхХχΧ](?!{_DIGIT}{{40}}\s)"
    rf"{_DIGIT}(?:{_BREAK}?{_DIGIT}){{63}}(?!{_DIGIT})"
)


def repair_pasted_text(text: str) -> str:
    """As plain characters, unbroken, and with the links inside of links laid open."""
    text = _UNSEEN.sub("", normalize("NFKC", text[:_MAX_LENGTH]))
    for _ in range(_REDIRECTS):
        plain = unquote(text)
        if plain == text:
            break
        text = plain
    text = _INNER_LINK.sub("= ", text)
    return _HASH.sub(lambda found: _join(found[0]), text)


def _join(broken: str) -> str:
    return re.sub(r"[^0-9a-zA-Z]", "", broken.translate(_LOOK_ALIKE)).replace("O", "0", 1)
