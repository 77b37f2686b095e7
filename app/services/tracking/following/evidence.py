"""Asks a chain about transactions, and a second witness before bad news is believed.

Bad news: failed, no longer in its block, or unknown. No session here: ports only.
"""

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.core import clock
from app.domain.chain_ports import ChainReader, NodeTx, NonceUse, TxDetails
from app.domain.ports import UnavailableError
from app.domain.tracking import INCLUDED_STATES, Tracked

# While no second witness answers, what the first says for so long is believed.
_PATIENCE: Final = timedelta(minutes=1)
_MAX_CLAIMS: Final = 10_000


@dataclass(frozen=True, slots=True)
class TxFinding:
    """`node_tx` is None when no node knows it; `next_nonce` is then its sender's.

    `nonce_use` is what used its nonce instead, where that could be found. `listed_in` is a block
    that lists it though no lookup shows it.
    """

    node_tx: NodeTx | None
    next_nonce: int | None = None
    nonce_use: NonceUse | None = None
    listed_in: int | None = None


class UnconfirmedClaims:
    """Since when one endpoint alone has claimed something."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def has_lasted(self, claim: str) -> bool:
        if len(self._since) > _MAX_CLAIMS:
            self._since.clear()  # patience begins anew, nothing is lost
        return clock.now() - self._since.setdefault(claim, clock.now()) >= _PATIENCE

    def settle(self, claims: Iterable[str]) -> None:
        for claim in claims:
            self._since.pop(claim, None)


async def get_findings(
    reader: ChainReader,
    tracked: Sequence[Tracked],
    orphaned: Collection[str],
    unconfirmed: UnconfirmedClaims,
) -> dict[str, TxFinding]:
    """What can be believed; what two witnesses do not agree on is missing from the answer.

    `orphaned` ones are known to have lost their block: that they are in none is no news.
    """
    if not tracked:
        return {}
    node_txs = await _get_node_txs(reader, [one.tx_hash for one in tracked])
    answered = [one for one in tracked if one.tx_hash in node_txs]
    bad = [one for one in answered if _is_bad_news(one, node_txs[one.tx_hash], orphaned)]
    doubtful = {one.tx_hash for one in bad}
    believed = {
        one.tx_hash: TxFinding(node_txs[one.tx_hash])
        for one in answered
        if one.tx_hash not in doubtful
    }
    unconfirmed.settle(believed)
    if bad:
        believed |= await _confirm(reader, bad, node_txs, unconfirmed)
    return believed


async def _get_node_txs(reader: ChainReader, hashes: Sequence[str]) -> dict[str, NodeTx | None]:
    """What one could not answer, another is asked for. Raises UnavailableError."""
    try:
        found = dict(await reader.get_node_txs(hashes))
    except UnavailableError as error:
        return dict(await (await _find_another(reader, error)).get_node_txs(hashes))
    missing = [tx_hash for tx_hash in hashes if tx_hash not in found]
    if missing:
        with contextlib.suppress(UnavailableError):
            other = await _find_another(reader, UnavailableError("nobody else to ask"))
            found |= await other.get_node_txs(missing)
    return found


async def _find_another(reader: ChainReader, error: UnavailableError) -> ChainReader:
    other = await reader.other()
    if other.endpoint == reader.endpoint:
        raise error
    return other


def _is_bad_news(one: Tracked, node_tx: NodeTx | None, orphaned: Collection[str]) -> bool:
    if node_tx is None or node_tx.inclusion is None:
        if one.tx_hash in orphaned:
            return False
        return node_tx is None or one.state in INCLUDED_STATES
    known, seen = one.inclusion, node_tx.inclusion
    if known and known.block_hash == seen.block_hash:
        return seen.succeeded is False and known.succeeded is not False
    # A reorganisation that the blocks did not show is as deep as can be.
    is_moved = known is not None and one.tx_hash not in orphaned
    return is_moved or seen.succeeded is False


async def _confirm(
    reader: ChainReader,
    bad: Sequence[Tracked],
    first: Mapping[str, NodeTx | None],
    unconfirmed: UnconfirmedClaims,
) -> dict[str, TxFinding]:
    try:
        witness = await reader.other()
        # Nonces before transactions: a nonce used up later proves nothing about what was seen
        # before.
        senders = list({one.details.sender for one in bad if one.details.sender})
        nonces = [await _get_nonces(one, senders) for one in (reader, witness)]
        hashes = [one.tx_hash for one in bad]
        second = await witness.get_node_txs(hashes)
        again = first if witness is reader else await reader.get_node_txs(hashes)
    except UnavailableError:
        return _believe_one(reader, bad, first, unconfirmed)
    if not (reader.is_ready and witness.is_ready):
        return {}
    heard = [one for one in bad if one.tx_hash in again and one.tx_hash in second]
    found = {}
    for one in heard:
        agreed = _agree(again[one.tx_hash], second[one.tx_hash])
        if agreed is not None:
            next_nonce = min(known.get(one.details.sender or "", 0) for known in nonces)
            found[one.tx_hash] = TxFinding(agreed.node_tx, next_nonce or None)
    unconfirmed.settle(found)
    unheard = [one for one in bad if one not in heard]
    return found | _believe_one(reader, unheard, first, unconfirmed)


def _believe_one(
    reader: ChainReader,
    bad: Sequence[Tracked],
    reported: Mapping[str, NodeTx | None],
    unconfirmed: UnconfirmedClaims,
) -> dict[str, TxFinding]:
    """What the second could not answer: the first one's answer, if it stays so and it is ready."""
    if not reader.is_ready:
        return {}
    return {
        one.tx_hash: TxFinding(reported[one.tx_hash])
        for one in bad
        if unconfirmed.has_lasted(one.tx_hash)
    }


async def _get_nonces(reader: ChainReader, senders: Sequence[str]) -> Mapping[str, int]:
    """Empty where it knows none: without proof nothing was replaced."""
    try:
        return await reader.get_nonces(senders)
    except UnavailableError:
        return {}


def _agree(first: NodeTx | None, second: NodeTx | None) -> TxFinding | None:
    """None: they contradict each other, and a later look will know more."""
    one, other = (node_tx and node_tx.inclusion for node_tx in (first, second))
    if one and other:
        if one.block_hash != other.block_hash or {one.succeeded, other.succeeded} == {True, False}:
            return None
        # A receipt that does not say how it ended is no witness for either end.
        return TxFinding(second if other.succeeded is None else first)
    if one or other:
        return None
    return TxFinding(first or second)


def merge_tx_details(known: TxDetails, new: TxDetails) -> TxDetails:
    """What one node reported stays known when another does not report it."""
    pairs = ((name, getattr(new, name)) for name in TxDetails.__slots__)
    values = {name: value if value is not None else getattr(known, name) for name, value in pairs}
    return TxDetails(**values)
