"""Coins that came to bound addresses: a node has no list of those, so whole blocks are read.

Only what a transaction itself sends is seen; what a contract passes on stands in no block.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from app.domain.chain_ports import BlockReader, CoinBlock, Inclusion, Transfer
from app.domain.ports import UnavailableError

MAX_COIN_BLOCKS: Final = 16
"""Of one pass: with its transactions in full a block is hundreds of kilobytes."""


@dataclass(frozen=True, slots=True)
class BlockSpan:
    """Blocks from `first` to `last`, both included; those below `fresh` have been read before.

    The hashes are of `fresh - 1` and of `last` as the chain's loop knows them; None: it does not.
    """

    first: int
    fresh: int
    last: int
    parent_hash: str | None = None
    last_hash: str | None = None

    def limit(self, most: int) -> Self:
        """The beginning, with at most so many that are fresh."""
        last = self.fresh + most - 1
        return self if self.last <= last else replace(self, last=last, last_hash=None)


async def get_coin_transfers(
    reader: BlockReader, recipients: Sequence[str], least: int, span: BlockSpan
) -> list[Transfer]:
    """Those of at least `least` that succeeded for certain, in the chain's order.

    Raises UnavailableError.
    """
    blocks = await _get_blocks(reader, recipients, span)
    found = [one for block in blocks for one in block.transfers if one.amount >= least]
    if not found:
        return []
    inclusions = await reader.get_inclusions([one.tx_hash for one in found])
    return [one for one in found if _has_succeeded(one, inclusions)]


async def _get_blocks(
    reader: BlockReader, recipients: Sequence[str], span: BlockSpan
) -> list[CoinBlock]:
    """What was read before is read again only if it is not known to be still in its place."""
    blocks = await reader.get_coin_blocks(recipients, range(span.fresh, span.last + 1))
    before = range(span.first, span.fresh)
    if before and blocks[0].parent_hash != span.parent_hash:
        blocks = [*await reader.get_coin_blocks(recipients, before), *blocks]
    is_linked = all(one.hash == two.parent_hash for one, two in itertools.pairwise(blocks))
    if not is_linked or span.last_hash not in (None, blocks[-1].hash):
        # Several nodes behind one address, or a reorganisation just now: the next pass knows.
        raise UnavailableError("an endpoint's blocks in full do not fit together")
    return blocks


def _has_succeeded(transfer: Transfer, inclusions: Mapping[str, Inclusion | None]) -> bool:
    inclusion = inclusions.get(transfer.tx_hash)
    if inclusion is None:
        raise UnavailableError("a transaction of a block has no receipt yet")
    return inclusion.succeeded is True
