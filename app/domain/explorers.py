"""Explorers' links: which network they look at, and whether at a transaction."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlsplit

from app.domain.chains import BSC, CELLFRAME, ETHEREUM, TRON, ChainSpec

_OWN: Final = (ETHEREUM, BSC, CELLFRAME, TRON)
_EVERY_CHAIN: Final = frozenset({"blockscan.com"})
# Explorers of one of our networks, beside the one that our own buttons open.
_OTHER_HOSTS: Final = {
    "bsctrace.com": BSC.key,
    "bsc.tokenview.io": BSC.key,
    "beaconcha.in": ETHEREUM.key,
    "eth.blockscout.com": ETHEREUM.key,
    "eth.tokenview.io": ETHEREUM.key,
    "etherchain.org": ETHEREUM.key,
    "etherscan.com": ETHEREUM.key,
    "ethplorer.io": ETHEREUM.key,
    "tronscan.io": TRON.key,
    "trx.tokenview.io": TRON.key,
}
# Explorers of many networks: a word of the path says which.
_BY_PATH: Final = frozenset(
    {
        "3xpl.com",
        "app.blocksec.com",
        "blockchain.com",
        "blockchair.com",
        "blockexplorer.one",
        "dashboard.tenderly.co",
        "explorer.phalcon.xyz",
        "oklink.com",
        "tokenview.io",
    }
)
_NAMES: Final = {
    "binance": BSC.key,
    "binance-smart-chain": BSC.key,
    "bnb": BSC.key,
    "bnb-chain": BSC.key,
    "bnb-smart-chain": BSC.key,
    "bsc": BSC.key,
    "eth": ETHEREUM.key,
    "ethereum": ETHEREUM.key,
    "ethereum-mainnet": ETHEREUM.key,
    "tron": TRON.key,
    "trx": TRON.key,
}
_ALONE: Final = {"mainnet": ETHEREUM.key}  # where no other word names a network
_TESTNETS: Final = re.compile(r"(.*-)?(testnet|sepolia|goerli|holesky|hoodi|nile|shasta)")
# Explorers of networks that no configuration of ours follows, as users paste them.
_FOREIGN: Final = frozenset(
    {
        "arbiscan.io",
        "basescan.org",
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
    }
)
# Of the same site in another language, or for phones.
_SAME_SITE: Final = re.compile(r"^(www|m|cn|api)\.")
_BLOCK: Final = frozenset({"block", "blocks", "slot"})
_ADDRESS: Final = frozenset({"account", "address", "addresses", "nft", "token", "wallet"})
_TX: Final = frozenset({"tx", "txs", "transaction", "transactions", "datum-details"})


class LinkTarget(StrEnum):
    """What a link opens."""

    TX = "tx"
    BLOCK = "block"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class ExplorerLink:
    """`chain` is a key; `foreign` names a network not followed; neither for an unknown site."""

    target: LinkTarget
    chain: str | None = None
    foreign: str | None = None
    known: bool = False


def read_explorer_link(link: str, specs: Iterable[ChainSpec]) -> ExplorerLink:
    """`specs`: the chains that are switched on beside our own."""
    url = _split(link)
    host, words = _host_of(link), [word for word in url[0].lower().split("/") if word]
    target = _target_of(words)
    hosts = _OTHER_HOSTS | {_host_of(spec.tx_url): spec.key for spec in (*_OWN, *specs)}
    chain, foreign = hosts.get(host), None
    if chain is None and host in _BY_PATH:
        chain = _chain_of(words)
        foreign = None if chain else host
    elif chain is None and host not in _EVERY_CHAIN:
        foreign = _foreign_host(host)
    if chain == CELLFRAME.key:
        network = parse_qs(url[1]).get("net", [CELLFRAME.network])[0]
        if network.lower() != CELLFRAME.network.lower():
            chain, foreign = None, network[:32]
    known = chain is not None or foreign is not None or host in _EVERY_CHAIN
    return ExplorerLink(target, chain, foreign, known)


def _host_of(link: str) -> str:
    try:
        host = urlsplit(_with_scheme(link)).hostname or ""
    except ValueError:
        return ""
    return _SAME_SITE.sub("", host.lower())


def _split(link: str) -> tuple[str, str]:
    """Path and query; of an explorer that lives behind a `#`, what stands there."""
    try:
        url = urlsplit(_with_scheme(link))
    except ValueError:
        return "", ""
    path = f"{url.path}/{url.fragment}" if url.fragment.startswith(("/", "!/")) else url.path
    return path, url.query


def _with_scheme(link: str) -> str:
    return link if "://" in link else f"https://{link}"


def _target_of(words: Iterable[str]) -> LinkTarget:
    """By the first known word: /address/…/transactions opens an address."""
    for word in words:
        if word in _TX:
            return LinkTarget.TX
        if word in _BLOCK:
            return LinkTarget.BLOCK
        if word in _ADDRESS:
            return LinkTarget.ADDRESS
    return LinkTarget.TX


def _chain_of(words: list[str]) -> str | None:
    if any(_TESTNETS.fullmatch(word) for word in words):
        return None
    return _first_known(words, _NAMES) or _first_known(words, _ALONE)


def _first_known(words: list[str], names: Mapping[str, str]) -> str | None:
    return next((names[word] for word in words if word in names), None)


def _foreign_host(host: str) -> str | None:
    """Of testnets and sister networks, such as sepolia.etherscan.io, too."""
    of_family = any(host.endswith(f".{_host_of(spec.tx_url)}") for spec in _OWN)
    return host if of_family or host in _FOREIGN else None
