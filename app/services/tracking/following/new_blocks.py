"""Reads from where a chain was left to its head, and back to where it forked.

No session here: ports only. `recent_blocks` is (number → hash) of the blocks that are not final.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.chain_ports import Block, BlockReader
from app.domain.ports import UnavailableError

MAX_NEW_BLOCKS: Final = 64
"""Of one pass; whoever was away longer takes several."""
_FIRST_STEP_BACK: Final = 4
UNWITNESSED_DEPTH: Final = 2
"""Deeper reorganisations need two witnesses."""


@dataclass(frozen=True, slots=True)
class NewBlocks:
    """`blocks` are new and in order; all of ours above `fork` have lost their place.

    `fork` None: nothing is known about where they meet, so every inclusion is asked about.
    """

    blocks: Sequence[Block]
    fork: int | None
    is_reorg: bool = False


async def fetch_new_blocks(
    reader: BlockReader, recent_blocks: Mapping[int, str], latest: Block
) -> NewBlocks:
    """`recent_blocks` is not empty. Raises UnavailableError when blocks don't fit together.

    A head below ours, or ours, with our hashes is an endpoint that lags: nothing is new.
    """
    head, bottom = max(recent_blocks), min(recent_blocks)
    if latest.number < bottom or recent_blocks.get(latest.number) == latest.hash:
        return NewBlocks((), head)
    if latest.number <= head:
        return await _find_fork(reader, recent_blocks, [latest])
    numbers = range(head + 1, min(latest.number, head + MAX_NEW_BLOCKS) + 1)
    blocks = await _get_blocks(reader, numbers, latest)
    if blocks[0].parent_hash == recent_blocks[head]:
        return NewBlocks(blocks, head)
    return await _find_fork(reader, recent_blocks, blocks)


async def _find_fork(
    reader: BlockReader, recent_blocks: Mapping[int, str], blocks: list[Block]
) -> NewBlocks:
    bottom, step = min(recent_blocks), _FIRST_STEP_BACK
    while blocks[0].number > bottom:
        first = blocks[0].number
        older = await reader.get_blocks(range(max(bottom, first - step), first))
        blocks = _linked([*older, *blocks])
        standing = [block.number for block in older if recent_blocks[block.number] == block.hash]
        if standing:
            fork = max(standing)
            return NewBlocks(
                [block for block in blocks if block.number > fork], fork, is_reorg=True
            )
        step *= 2
    return NewBlocks(blocks, None, is_reorg=True)


async def is_reorg_witnessed(witness: BlockReader, found: NewBlocks) -> bool | None:
    """Whether a second endpoint has the block where the new branch begins.

    None: it has another one, but is behind, or it does not know. Raises UnavailableError.
    """
    first, last = found.blocks[0], found.blocks[-1]
    heads = await witness.get_heads()
    if heads.latest.number < first.number:
        return None
    (block,) = await witness.get_blocks([first.number])
    if block.hash == first.hash:
        return True
    return None if heads.latest.number < last.number else False


async def _get_blocks(reader: BlockReader, numbers: range, latest: Block) -> list[Block]:
    missing = [number for number in numbers if number != latest.number]
    blocks = await reader.get_blocks(missing) if missing else []
    return _linked([*blocks, latest] if latest.number in numbers else list(blocks))


def _linked(blocks: list[Block]) -> list[Block]:
    for parent, block in itertools.pairwise(blocks):
        if block.parent_hash != parent.hash:
            # It reorganised while it answered, or stands for several nodes: the next pass knows.
            raise UnavailableError("an endpoint's blocks do not fit together")
    return blocks
