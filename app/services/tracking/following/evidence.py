"""Asks a chain about transactions, and a second witness before bad news is believed.

Bad news: failed, no longer in its block, or unknown. No session here: ports only.
"""

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.core import clock
from app.domain.chain_ports import ChainReader, NonceUse, Sighting, TxDetails
from app.domain.ports import UnavailableError
from app.domain.watching import INCLUDED, Tracked

# While no second witness answers, what the first says for so long is believed.
PATIENCE: Final = timedelta(minutes=1)
_MOST_DOUBTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Finding:
    """`sighting` is None when nobody knows it; `next_nonce` is then its sender's.

    `nonce_use` is what used its nonce instead, where that could be found. `listed_in` is a block
    that lists it though no lookup shows it.
    """

    sighting: Sighting | None
    next_nonce: int | None = None
    nonce_use: NonceUse | None = None
    listed_in: int | None = None


class Doubts:
    """Since when one endpoint alone has claimed something."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def stands(self, claim: str) -> bool:
        if len(self._since) > _MOST_DOUBTS:
            self._since.clear()  # patience begins anew, nothing is lost
        return clock.now() - self._since.setdefault(claim, clock.now()) >= PATIENCE

    def settle(self, claims: Iterable[str]) -> None:
        for claim in claims:
            self._since.pop(claim, None)


async def look(
    reader: ChainReader,
    tracked: Sequence[Tracked],
    orphaned: Collection[str],
    doubts: Doubts,
) -> dict[str, Finding]:
    """What can be believed; what two witnesses do not agree on is missing from the answer.

    `orphaned` ones are known to have lost their block: that they are in none is no news.
    """
    if not tracked:
        return {}
    sightings = await _get_sightings(reader, [one.tx_hash for one in tracked])
    answered = [one for one in tracked if one.tx_hash in sightings]
    bad = [one for one in answered if _is_bad_news(one, sightings[one.tx_hash], orphaned)]
    doubted = {one.tx_hash for one in bad}
    believed = {
        one.tx_hash: Finding(sightings[one.tx_hash])
        for one in answered
        if one.tx_hash not in doubted
    }
    doubts.settle(believed)
    if bad:
        believed |= await _confirm(reader, bad, sightings, doubts)
    return believed


async def _get_sightings(reader: ChainReader, hashes: Sequence[str]) -> dict[str, Sighting | None]:
    """What one could not tell of, another is asked for. Raises UnavailableError."""
    try:
        found = dict(await reader.get_sightings(hashes))
    except UnavailableError as error:
        return dict(await (await _find_another(reader, error)).get_sightings(hashes))
    missing = [tx_hash for tx_hash in hashes if tx_hash not in found]
    if missing:
        with contextlib.suppress(UnavailableError):
            other = await _find_another(reader, UnavailableError("nobody else to ask"))
            found |= await other.get_sightings(missing)
    return found


async def _find_another(reader: ChainReader, error: UnavailableError) -> ChainReader:
    other = await reader.other()
    if other.endpoint == reader.endpoint:
        raise error
    return other


def _is_bad_news(one: Tracked, sighting: Sighting | None, orphaned: Collection[str]) -> bool:
    if sighting is None or sighting.inclusion is None:
        if one.tx_hash in orphaned:
            return False
        return sighting is None or one.state in INCLUDED
    known, seen = one.inclusion, sighting.inclusion
    if known and known.block_hash == seen.block_hash:
        return seen.succeeded is False and known.succeeded is not False
    # A reorganisation that the blocks did not show is as deep as can be.
    is_moved = known is not None and one.tx_hash not in orphaned
    return is_moved or seen.succeeded is False


async def _confirm(
    reader: ChainReader,
    bad: Sequence[Tracked],
    first: Mapping[str, Sighting | None],
    doubts: Doubts,
) -> dict[str, Finding]:
    try:
        witness = await reader.other()
        # Nonces before sightings: a nonce used up later proves nothing about what was seen before.
        senders = list({one.details.sender for one in bad if one.details.sender})
        nonces = [await _get_nonces(one, senders) for one in (reader, witness)]
        hashes = [one.tx_hash for one in bad]
        second = await witness.get_sightings(hashes)
        again = first if witness is reader else await reader.get_sightings(hashes)
    except UnavailableError:
        return _believe_one(reader, bad, first, doubts)
    if not (reader.is_ready and witness.is_ready):
        return {}
    heard = [one for one in bad if one.tx_hash in again and one.tx_hash in second]
    found = {}
    for one in heard:
        agreed = _agree(again[one.tx_hash], second[one.tx_hash])
        if agreed is not None:
            next_nonce = min(known.get(one.details.sender or "", 0) for known in nonces)
            found[one.tx_hash] = Finding(agreed.sighting, next_nonce or None)
    doubts.settle(found)
    unheard = [one for one in bad if one not in heard]
    return found | _believe_one(reader, unheard, first, doubts)


def _believe_one(
    reader: ChainReader,
    bad: Sequence[Tracked],
    told: Mapping[str, Sighting | None],
    doubts: Doubts,
) -> dict[str, Finding]:
    """Of what the second could not tell: the first one's word, if it stays so and it is ready."""
    if not reader.is_ready:
        return {}
    return {one.tx_hash: Finding(told[one.tx_hash]) for one in bad if doubts.stands(one.tx_hash)}


async def _get_nonces(reader: ChainReader, senders: Sequence[str]) -> Mapping[str, int]:
    """Empty where it can tell of none: without proof nothing was replaced."""
    try:
        return await reader.get_nonces(senders)
    except UnavailableError:
        return {}


def _agree(first: Sighting | None, second: Sighting | None) -> Finding | None:
    """None: they tell different stories, and a later look will know more."""
    one, other = (sighting and sighting.inclusion for sighting in (first, second))
    if one and other:
        if one.block_hash != other.block_hash or {one.succeeded, other.succeeded} == {True, False}:
            return None
        # A receipt that does not say how it ended is no witness for either end.
        return Finding(second if other.succeeded is None else first)
    if one or other:
        return None
    return Finding(first or second)


def merge_details(known: TxDetails, new: TxDetails) -> TxDetails:
    """What a node told once stays known when another does not tell it."""
    pairs = ((name, getattr(new, name)) for name in TxDetails.__slots__)
    values = {name: value if value is not None else getattr(known, name) for name, value in pairs}
    return TxDetails(**values)
