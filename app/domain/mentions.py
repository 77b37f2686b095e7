"""Finds transaction hashes and explorers' links in what people write, and what else it may be."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.chains import ChainSpec
from app.domain.explorers import Target, read_link
from app.domain.pasted import mend

HEX_LENGTH: Final = 64
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
_CALLED: Final = re.compile(
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
class Mention:
    """`chain` is a key where a link names it; `foreign` an explorer of a network not followed."""

    tx_hash: str
    chain: str | None = None
    foreign: str | None = None


class Shape(StrEnum):
    """What a word is that is no hash of ours."""

    SHORT = "short"
    LONG = "long"
    STRAY = "stray"  # the right length with a character that is no hex digit
    BARE = "bare"  # 64 hex digits without 0x: Bitcoin and TRON write theirs so, and private keys
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
    (re.compile(r"[0-9a-fA-F]{64}"), Shape.BARE),
    (re.compile(r"0x[0-9a-f]{40}", re.IGNORECASE), Shape.ADDRESS),
    (re.compile(rf"[{_BASE58}]{{100,110}}"), Shape.ADDRESS),
    (re.compile(rf"[{_BASE58}]{{86,88}}"), Shape.SOLANA),
    (re.compile(rf"T[{_BASE58}]{{33}}"), Shape.TRON),
    (re.compile(rf"bc1[0-9a-z]{{20,87}}|[13][{_BASE58}]{{25,34}}"), Shape.BITCOIN),
    (re.compile(r"[A-Za-z0-9+/_-]{43}="), Shape.TON),
    (re.compile(r"[EU]Q[A-Za-z0-9_-]{46}"), Shape.TON),
)


def find_mentions(texts: Iterable[str], specs: Iterable[ChainSpec] = ()) -> list[Mention]:
    """Each hash once, in order; a link that names its chain beats the bare hash.

    `texts` are a message's text or caption and the addresses behind its links; `specs` the chains
    that are switched on beside our own three.
    """
    chains = tuple(specs)
    found: dict[tuple[str, str | None], Mention] = {}
    for text in texts:
        rest = mend(text)
        for link in _LINK.findall(rest):
            for mention in _read_mentions(link, chains):
                found.setdefault((mention.tx_hash, mention.chain or mention.foreign), mention)
            rest = rest.replace(link, " ", 1)
        for tx_hash in _read_hashes(rest):
            found.setdefault((tx_hash, None), Mention(tx_hash))
    named = {tx_hash for tx_hash, where in found if where}
    return [mention for (tx_hash, where), mention in found.items() if where or tx_hash not in named]


def holds_key(texts: Iterable[str]) -> bool:
    """Whether something is called a private key: nobody else must see that."""
    for text in texts:
        plain = _LINK.sub(" ", mend(text))
        for pattern in (_HASH, _BARE):
            if any(_called(plain, found) == "key" for found in pattern.finditer(plain)):
                return True
    return False


def judge_links(texts: Iterable[str], specs: Iterable[ChainSpec] = ()) -> Shape:
    """What an explorer's link opens that is no transaction of ours; else OTHER."""
    chains = tuple(specs)
    for text in texts:
        for link in _LINK.findall(mend(text)):
            read = read_link(link, chains)
            if read.foreign:
                return Shape.FOREIGN
            if read.known and read.target is not Target.TX:
                return Shape.BLOCK if read.target is Target.BLOCK else Shape.ADDRESS
    return Shape.OTHER


def judge(text: str, specs: Iterable[ChainSpec] = ()) -> tuple[Shape, int]:
    """What somebody typed where a hash was asked for, and how many hex digits it has."""
    word = mend(text).strip()
    if holds_key([word]):
        return Shape.KEY, 0
    linked = judge_links([word], specs)
    if linked is not Shape.OTHER:
        return linked, 0
    for pattern, shape in _SHAPES:
        if pattern.fullmatch(word):
            return shape, 0
    if _BARE.search(_LINK.sub(" ", word)):
        return Shape.BARE, 0
    return _judge_digits(word)


def pack_hash(tx_hash: str) -> str:
    """43 characters of A-Z a-z 0-9 - _: short enough for buttons and deep links."""
    return urlsafe_b64encode(bytes.fromhex(tx_hash[2:])).decode().rstrip("=")


def unpack_hash(packed: str) -> str:
    """Raises ValueError for anything else."""
    raw = urlsafe_b64decode(f"{packed}=")
    if len(raw) * 2 != HEX_LENGTH or pack_hash(f"0x{raw.hex()}") != packed:
        raise ValueError("no packed hash")
    return f"0x{raw.hex()}"


def _judge_digits(word: str) -> tuple[Shape, int]:
    if word[:2].lower() != "0x" or len(word.split()) != 1:
        return Shape.OTHER, 0
    digits = word[2:]
    if len(digits) == HEX_LENGTH or not re.fullmatch(r"[0-9a-fA-F]*", digits):
        return Shape.STRAY, len(digits)
    return (Shape.SHORT if len(digits) < HEX_LENGTH else Shape.LONG), len(digits)


def _read_mentions(link: str, specs: Iterable[ChainSpec]) -> Iterator[Mention]:
    """Without 0x only from a site that is known to show transactions of ours."""
    read = read_link(link, specs)
    if read.target is not Target.TX:
        return
    hashes: list[str] = _HASH.findall(link)
    if not hashes and read.known:
        hashes = _BARE.findall(link)
    for digits in hashes:
        yield Mention(f"0x{digits.lower()}", read.chain, read.foreign)


def _read_hashes(text: str) -> Iterator[str]:
    """With 0x, or called a hash; never what is called a key."""
    for found in _HASH.finditer(text):
        if _called(text, found) != "key":
            yield f"0x{found[1].lower()}"
    for found in _BARE.finditer(text):
        if _called(text, found) == "hash":
            yield f"0x{found[0].lower()}"


def _called(text: str, found: re.Match[str]) -> str | None:
    if _IS_KEY.match(text, found.end()):
        return "key"
    before = text[max(found.start() - _NEAR, 0) : found.start()]
    names = [word.lastgroup for word in _CALLED.finditer(before)]
    return names[-1] if names else None
