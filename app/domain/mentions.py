"""Finds transaction hashes and explorers' links in what users write, and what else it may be."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.chains import ChainSpec
from app.domain.explorers import LinkTarget, read_explorer_link
from app.domain.pasted import repair_pasted_text

_HEX_LENGTH: Final = 64
_BASE58: Final = "1-9A-HJ-NP-Za-km-z"
_NEAR: Final = 40  # characters before a hash that may say what it is

_HEX: Final = "[0-9a-fA-F]{64}"
# A word may stick to it on either side, as in TxHash0x… or in 0x…Status, but no further digit.
_HASH: Final = re.compile(
    rf"(?:(?<![0-9A-Za-z])|(?<=[A-Za-z]{{2}})|(?<=[g-zG-Z]))0[xX]({_HEX})"
    r"(?:(?![0-9A-Za-z])|(?=[A-Za-z]*[g-zG-Z]))"
)
_BARE: Final = re.compile(rf"(?<![0-9A-Za-z]){_HEX}(?![0-9A-Za-z])")
_LINK: Final = re.compile(
    r"https?://(?:(?!https?://)[^\s<>\"])+|(?<![\w.@-])(?:[\w-]+\.)+[a-z]{2,}/[^\s<>\"]+",
    re.IGNORECASE,
)
# What the words before 64 hex digits call them; the nearest counts.
_CAPTION: Final = re.compile(
    r"(?P<key>(?<![a-z])pk(?![a-z])|priv\w*|secret|seed|приватн\w*|секретн\w*"
    r"|(?:keys?|ключ\w*)(?=\W{0,5}$))"
    r"|(?P<hash>tx[\w-]*|transaction|hash|paid|payment|sent|transfer"
    r"|тх\w*|х[еэ]ш\w*|транз\w*|перев[её]л\w*|перевод\w*|оплат\w*|плат[её]ж\w*|отправ\w*)",
    re.IGNORECASE,
)
_IS_KEY: Final = re.compile(
    r"\W.{0,20}?(?:private|secret)[\s_-]?key|\W.{0,20}?(?:приватн|секретн|закрыт)\w*\s+ключ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TxMention:
    """`chain` is a key where a link names it; `foreign` an explorer of a network not followed."""

    tx_hash: str
    chain: str | None = None
    foreign: str | None = None


class InputShape(StrEnum):
    """What a word is that is no hash of ours."""

    SHORT = "short"
    LONG = "long"
    STRAY = "stray"  # the right length with a character that is no hex digit
    BARE = "bare"  # 64 hex digits without 0x: TRON and Bitcoin write theirs so, and private keys
    KEY = "key"  # called a private key
    ADDRESS = "address"
    BLOCK = "block"  # a link to one
    SOLANA = "solana"
    TRON = "tron"  # an address
    BITCOIN = "bitcoin"  # an address
    TON = "ton"
    FOREIGN = "foreign"  # a link to an explorer of another network
    OTHER = "other"


_SHAPES: Final = (
    (re.compile(r"[0-9a-fA-F]{64}"), InputShape.BARE),
    (re.compile(r"0x[0-9a-f]{40}", re.IGNORECASE), InputShape.ADDRESS),
    (re.compile(rf"[{_BASE58}]{{100,110}}"), InputShape.ADDRESS),
    (re.compile(rf"[{_BASE58}]{{86,88}}"), InputShape.SOLANA),
    (re.compile(rf"T[{_BASE58}]{{33}}"), InputShape.TRON),
    (re.compile(rf"bc1[0-9a-z]{{20,87}}|[13][{_BASE58}]{{25,34}}"), InputShape.BITCOIN),
    (re.compile(r"[A-Za-z0-9+/_-]{43}="), InputShape.TON),
    (re.compile(r"[EU]Q[A-Za-z0-9_-]{46}"), InputShape.TON),
)


def find_tx_mentions(texts: Iterable[str], specs: Iterable[ChainSpec] = ()) -> list[TxMention]:
    """Each hash once, in order; a link that names its chain beats the bare hash.

    `texts` are a message's text or caption and the addresses behind its links; `specs` the chains
    that are switched on beside our own.
    """
    chains = tuple(specs)
    found: dict[tuple[str, str | None], TxMention] = {}
    for text in texts:
        rest = repair_pasted_text(text)
        for link in _LINK.findall(rest):
            for mention in _read_mentions(link, chains):
                found.setdefault((mention.tx_hash, mention.chain or mention.foreign), mention)
            rest = rest.replace(link, " ", 1)
        for tx_hash in _read_hashes(rest):
            found.setdefault((tx_hash, None), TxMention(tx_hash))
    named = {tx_hash for tx_hash, where in found if where}
    return [mention for (tx_hash, where), mention in found.items() if where or tx_hash not in named]


def has_private_key(texts: Iterable[str]) -> bool:
    """Whether something is called a private key: nobody else must see that."""
    for text in texts:
        plain = _LINK.sub(" ", repair_pasted_text(text))
        for pattern in (_HASH, _BARE):
            if any(_get_caption(plain, found) == "key" for found in pattern.finditer(plain)):
                return True
    return False


def classify_links(texts: Iterable[str], specs: Iterable[ChainSpec] = ()) -> InputShape:
    """What an explorer's link opens that is no transaction of ours; else OTHER."""
    chains = tuple(specs)
    for text in texts:
        for link in _LINK.findall(repair_pasted_text(text)):
            read = read_explorer_link(link, chains)
            if read.foreign:
                return InputShape.FOREIGN
            if read.known and read.target is not LinkTarget.TX:
                return InputShape.BLOCK if read.target is LinkTarget.BLOCK else InputShape.ADDRESS
    return InputShape.OTHER


def classify_input(text: str, specs: Iterable[ChainSpec] = ()) -> tuple[InputShape, int]:
    """What a user typed where a hash was asked for, and how many hex digits it has."""
    word = repair_pasted_text(text).strip()
    if has_private_key([word]):
        return InputShape.KEY, 0
    linked = classify_links([word], specs)
    if linked is not InputShape.OTHER:
        return linked, 0
    for pattern, shape in _SHAPES:
        if pattern.fullmatch(word):
            return shape, 0
    if _BARE.search(_LINK.sub(" ", word)):
        return InputShape.BARE, 0
    return _classify_digits(word)


def find_bare_hash(text: str) -> str | None:
    """The first 64 hex digits without 0x: for who says that they are a hash."""
    found = _BARE.search(_LINK.sub(" ", repair_pasted_text(text)))
    return f"0x{found[0].lower()}" if found else None


def pack_hash(tx_hash: str) -> str:
    """43 characters of A-Z a-z 0-9 - _: short enough for buttons and deep links."""
    return urlsafe_b64encode(bytes.fromhex(tx_hash[2:])).decode().rstrip("=")


def unpack_hash(packed: str) -> str:
    """Raises ValueError for anything else."""
    raw = urlsafe_b64decode(f"{packed}=")
    if len(raw) * 2 != _HEX_LENGTH or pack_hash(f"0x{raw.hex()}") != packed:
        raise ValueError("no packed hash")
    return f"0x{raw.hex()}"


def _classify_digits(word: str) -> tuple[InputShape, int]:
    if word[:2].lower() != "0x" or len(word.split()) != 1:
        return InputShape.OTHER, 0
    digits = word[2:]
    if len(digits) == _HEX_LENGTH or not re.fullmatch(r"[0-9a-fA-F]*", digits):
        return InputShape.STRAY, len(digits)
    return (InputShape.SHORT if len(digits) < _HEX_LENGTH else InputShape.LONG), len(digits)


def _read_mentions(link: str, specs: Iterable[ChainSpec]) -> Iterator[TxMention]:
    """Without 0x only from a site that is known to show transactions of ours."""
    read = read_explorer_link(link, specs)
    if read.target is not LinkTarget.TX:
        return
    hashes: list[str] = _HASH.findall(link)
    if not hashes and read.known:
        hashes = _BARE.findall(link)
    for digits in hashes:
        yield TxMention(f"0x{digits.lower()}", read.chain, read.foreign)


def _read_hashes(text: str) -> Iterator[str]:
    """With 0x, or called a hash; never what is called a key."""
    for found in _HASH.finditer(text):
        if _get_caption(text, found) != "key":
            yield f"0x{found[1].lower()}"
    for found in _BARE.finditer(text):
        if _get_caption(text, found) == "hash":
            yield f"0x{found[0].lower()}"


def _get_caption(text: str, found: re.Match[str]) -> str | None:
    if _IS_KEY.match(text, found.end()):
        return "key"
    before = text[max(found.start() - _NEAR, 0) : found.start()]
    names = [word.lastgroup for word in _CAPTION.finditer(before)]
    return names[-1] if names else None
