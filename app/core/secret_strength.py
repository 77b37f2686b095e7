"""How hard a secret is to guess, as far as its characters show: weak ones stop the start."""

import re
from itertools import pairwise
from math import log2
from typing import Final

RANDOM_VALUE_COMMAND: Final = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
"""What makes a strong one."""

_MIN_LENGTH: Final = 16
_FEWEST_DIFFERENT: Final = 6
_FEWEST_BITS: Final = 42
# Lower-case characters alone are words, and in words one is worth about two bits.
_BITS_OF_A_WORDS_LETTER: Final = 2.0
_POOLS: Final = (("[a-z]", 26), ("[A-Z]", 26), ("[0-9]", 10), ("[_-]", 2))
_HEX: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_LETTERS: Final = re.compile(r"[a-z_-]+|[A-Z_-]+")
# What everybody writes where a secret is asked for.
_COMMON: Final = re.compile(
    "secret|webhook|token|password|passw(?:or)?d|passwort|change|replace|please|example|sample"
    "|telegram|tollgate|sandbox|default|testing|test|admin|letmein|welcome|iloveyou|bot|key|vpn"
    "|shop|prod|stage|local|dev|your|here|this|my|me|hello|world|foo|bar|baz|xxx",
    re.IGNORECASE,
)
_ROWS: Final = "qwertyuiop asdfghjkl zxcvbnm 1234567890"
_ON_A_KEYBOARD: Final = {pair for row in _ROWS.split() for pair in pairwise(row)}


def is_weak_secret(secret: str) -> bool:
    """Short, of few characters, repeated, counted up, off the keyboard's rows, or of words."""
    if len(secret) < _MIN_LENGTH or len(set(secret.lower())) < _FEWEST_DIFFERENT:
        return True
    unique = _drop_runs(_COMMON.sub("", _drop_repeats(secret)))
    return len(unique) * _bits_a_character(secret) < _FEWEST_BITS


def _bits_a_character(secret: str) -> float:
    if _LETTERS.fullmatch(secret):
        return _BITS_OF_A_WORDS_LETTER
    if _HEX.fullmatch(secret):
        return log2(16) if not secret.isdigit() else log2(10)
    return log2(sum(size for letters, size in _POOLS if re.search(letters, secret)))


def _drop_repeats(secret: str) -> str:
    """What is said again later is said once."""
    return re.sub(r"(.{3,})(?=.*\1)", "", secret, flags=re.IGNORECASE)


def _drop_runs(secret: str) -> str:
    """Of abcd, 4321, aaaa and qwer one character each."""
    kept = secret[:1]
    for one, other in pairwise(secret):
        step = ord(other) - ord(one)
        pair = (one.lower(), other.lower())
        if abs(step) > 1 and pair not in _ON_A_KEYBOARD and pair[::-1] not in _ON_A_KEYBOARD:
            kept += other
    return kept
