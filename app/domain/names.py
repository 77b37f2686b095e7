"""Names and labels that other users chose: one visible line that links to nothing.

Every one passes here where it becomes ours (the columns of type Name), and again when it is read,
for what was stored before.
"""

import re
import unicodedata
from itertools import groupby
from typing import Final

MAX_LABEL_LENGTH: Final = 64

_ZWJ: Final = "\u200d"
_JOINERS: Final = "\u200c" + _ZWJ
# No category says of these that nothing is seen; the last stands for half a character.
_BLANK: Final = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b-\u180e\ufffd]")
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Cn", "Co"}
_MARKS: Final = {"Mn", "Me"}
_MAX_MARKS: Final = 3  # on one character: more climb over the lines beside it
_FLAG_TAGS: Final = ("\U000e0020", "\U000e007f")
_SKIN_TONES: Final = ("\U0001f3fb", "\U0001f3ff")
_FLAG_LETTERS: Final = ("\U0001f1e6", "\U0001f1ff")
_PLAIN: Final = re.compile(r"[A-Za-z0-9 ]*")

# What Telegram makes a link of, in the name or together with our text around it.
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:/+")
_DOMAIN_DOT: Final = re.compile(r"(?<=\S)[.\u3002\uff0e]+(?=[^\W\d_]{2})")
_IP: Final = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# A slash in a bracket is no command to Telegram: `<b>x</b>` stays as it was written.
_SIGNS: Final = re.compile(r"(?<!\w)(?!(?<=[<>])/\w)[@#/$]*(?:[@#/](?=\w)|\$(?=[A-Z]))")
_USERNAME: Final = re.compile(r"[A-Za-z0-9_]{1,64}")


def clean_name(text: str | None, limit: int = MAX_LABEL_LENGTH) -> str:
    """`text` in one visible line of at most `limit` characters; empty where nothing is left."""
    words = " ".join((text or "").split())
    if not _PLAIN.fullmatch(words):
        words = " ".join(_defuse(drop_hidden_characters(words)).split())
    return cut_text(words, limit).strip()


def clean_label(text: str | None) -> str | None:
    """None where nothing visible is left."""
    return clean_name(text) or None


def clean_username(text: str | None) -> str | None:
    return text if text and _USERNAME.fullmatch(text) else None


def format_full_name(user_id: int, first_name: str, username: str | None) -> str:
    """For operators; the id where Telegram sends neither."""
    if username is None:
        return first_name or str(user_id)
    return f"{first_name} (@{username})" if first_name else f"@{username}"


def drop_hidden_characters(text: str) -> str:
    """Without what turns the direction of the text after it, or is not seen; lines stay."""
    text = _BLANK.sub("", text)
    shown = [
        letter
        for index, letter in enumerate(text)
        if letter == "\n"
        or unicodedata.category(letter) not in _HIDDEN
        or _holds_together(text, index)
    ]
    runs = groupby(shown, key=lambda letter: unicodedata.category(letter) in _MARKS)
    limited = (list(run)[: _MAX_MARKS if is_marks else None] for is_marks, run in runs)
    return "".join(letter for run in limited for letter in run)


def cut_text(text: str, limit: int) -> str:
    """At most `limit` characters, none of which is half of what looks like one."""
    if len(text) <= limit:
        return text
    end = limit
    while end and _is_inside(text, end):
        end -= 1
    return text[: end or limit]


def _holds_together(text: str, index: int) -> bool:
    """A joiner inside an emoji or a word that is written with it, a flag's tag after its flag."""
    letter, before = text[index], text[index - 1 : index]
    if _within(letter, _FLAG_TAGS):
        return before == "\U0001f3f4" or _within(before, _FLAG_TAGS)
    after = text[index + 1 : index + 2]
    return letter in _JOINERS and _is_joined(before) and _is_joined(after)


def _is_joined(letter: str) -> bool:
    """Emoji, and characters without upper case, as in Persian and Hindi."""
    return bool(letter) and unicodedata.category(letter) in {"So", "Sk", "Mn", "Mc", "Lo"}


def _is_inside(text: str, index: int) -> bool:
    letter, before = text[index], text[index - 1]
    if _within(letter, _FLAG_LETTERS) and _within(before, _FLAG_LETTERS):
        letters = len(text[:index]) - len(text[:index].rstrip(_ALL_FLAG_LETTERS))
        return letters % 2 == 1
    is_mark = unicodedata.category(letter) in {"Mn", "Me", "Mc"}
    added = _within(letter, _FLAG_TAGS) or _within(letter, _SKIN_TONES)
    return is_mark or added or letter in _JOINERS or before == _ZWJ


def _within(letter: str, bounds: tuple[str, str]) -> bool:
    return bool(letter) and bounds[0] <= letter <= bounds[1]


_ALL_FLAG_LETTERS: Final = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def _defuse(text: str) -> str:
    text = _SCHEME.sub("", text)
    text = _IP.sub(r"\1 \2 \3 \4", text)
    return _SIGNS.sub("", _DOMAIN_DOT.sub(" ", text))
