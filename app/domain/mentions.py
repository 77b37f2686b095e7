"""Finds transaction hashes and explorers' links in what people write, and what else it may be."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlsplit

from app.domain.chains import BSC, CELLFRAME, ETHEREUM, ChainSpec

HEX_LENGTH: Final = 64
_ADDRESS_LENGTH: Final = 40
_LONGEST: Final = 5000  # characters that are looked at; a message has at most 4096
_BASE58: Final = "1-9A-HJ-NP-Za-km-z"

_HASH: Final = re.compile(r"(?<![0-9A-Za-z])0[xX]([0-9a-fA-F]{64})(?![0-9A-Za-z])")
_LINK: Final = re.compile(
    r"https?://[^\s<>\"]+|(?<![\w.@-])(?:[\w-]+\.)+[a-z]{2,}/[^\s<>\"]+", re.IGNORECASE
)
_OWN: Final = (ETHEREUM, BSC, CELLFRAME)
_EVERY_CHAIN: Final = frozenset({"blockscan.com"})
# Explorers of networks that no configuration of ours follows, as people paste them.
_FOREIGN: Final = frozenset(
    {
        "arbiscan.io",
        "basescan.org",
        "blockchair.com",
        "blockstream.info",
        "explorer.solana.com",
        "ftmscan.com",
        "lineascan.build",
        "mempool.space",
        "polygonscan.com",
        "snowtrace.io",
        "solscan.io",
        "tonscan.org",
        "tonviewer.com",
        "tronscan.org",
    }
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
    BARE = "bare"  # 64 hex digits without 0x, as Bitcoin and TRON write theirs
    ADDRESS = "address"
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
    hosts = _hosts_of((*_OWN, *specs))
    found: dict[tuple[str, str | None], Mention] = {}
    for text in texts:
        rest = text[:_LONGEST]
        for link in _LINK.findall(rest):
            for mention in _read_link(link, hosts):
                found.setdefault((mention.tx_hash, mention.chain or mention.foreign), mention)
            rest = rest.replace(link, " ", 1)
        for digits in _HASH.findall(rest):
            tx_hash = f"0x{digits.lower()}"
            found.setdefault((tx_hash, None), Mention(tx_hash))
    named = {tx_hash for tx_hash, where in found if where}
    return [mention for (tx_hash, where), mention in found.items() if where or tx_hash not in named]


def judge(text: str) -> tuple[Shape, int]:
    """What somebody typed where a hash was asked for, and how many hex digits it has."""
    word = text.strip()
    if any(_foreign_host(_host_of(link)) for link in _LINK.findall(word)):
        return Shape.FOREIGN, 0
    for pattern, shape in _SHAPES:
        if pattern.fullmatch(word):
            return shape, 0
    if word[:2].lower() != "0x" or len(word.split()) != 1:
        return Shape.OTHER, 0
    digits = word[2:]
    if len(digits) == HEX_LENGTH or not re.fullmatch(r"[0-9a-fA-F]*", digits):
        return Shape.STRAY, len(digits)
    return (Shape.SHORT if len(digits) < HEX_LENGTH else Shape.LONG), len(digits)


def pack_hash(tx_hash: str) -> str:
    """43 characters of A-Z a-z 0-9 - _: short enough for buttons and deep links."""
    return urlsafe_b64encode(bytes.fromhex(tx_hash[2:])).decode().rstrip("=")


def unpack_hash(packed: str) -> str:
    """Raises ValueError for anything else."""
    raw = urlsafe_b64decode(f"{packed}=")
    if len(raw) * 2 != HEX_LENGTH or pack_hash(f"0x{raw.hex()}") != packed:
        raise ValueError("no packed hash")
    return f"0x{raw.hex()}"


def _hosts_of(specs: Iterable[ChainSpec]) -> dict[str, str]:
    return {_host_of(spec.tx_url): spec.key for spec in specs}


def _read_link(link: str, hosts: Mapping[str, str]) -> list[Mention]:
    host = _host_of(link)
    hashes = [f"0x{digits.lower()}" for digits in _HASH.findall(link)]
    chain = hosts.get(host)
    foreign = None if chain or host in _EVERY_CHAIN else _foreign_host(host)
    if chain == CELLFRAME.key:
        network = parse_qs(urlsplit(link).query).get("net", [CELLFRAME.network])[0]
        if network.lower() != CELLFRAME.network.lower():
            chain, foreign = None, network[:32]
    return [Mention(tx_hash, chain, foreign) for tx_hash in hashes]


def _foreign_host(host: str) -> str | None:
    """Of testnets and sister networks, such as sepolia.etherscan.io, too."""
    of_family = any(host.endswith(f".{_host_of(spec.tx_url)}") for spec in _OWN)
    return host if of_family or host in _FOREIGN else None


def _host_of(link: str) -> str:
    try:
        host = urlsplit(link if "://" in link else f"https://{link}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").lower()
