"""What is final, by the best of all endpoints: one whose finality stands still holds nobody up.

No session here: ports only.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from app.domain.chain_ports import Block, BlockReader
from app.domain.chains import ChainSpec
from app.domain.ports import UnavailableError
from app.services.watching.following.positions import Position

_ASK_EVERY: Final = timedelta(seconds=30)  # by blocks: without new ones there is no news


class Finality:
    """When the other endpoints were asked last; one for a process and chain."""

    def __init__(self, spec: ChainSpec) -> None:
        self._spec = spec
        self._every = max(1, _ASK_EVERY // spec.block_time)
        self._asked_at: int | None = None  # the head then
        self._is_known_elsewhere = False

    async def find(
        self,
        reader: BlockReader,
        told: int | None,
        position: Position,
        hashes: Mapping[int, str],
        head: int,
    ) -> int | None:
        """The highest final block; None where nobody ever told one, so that blocks are counted.

        `told`: by `reader`. `hashes` are of the blocks that stand.
        """
        numbers = [number for number in (told, position.final) if number is not None]
        if (position.is_awaited or told is None) and self._is_due(head):
            self._asked_at = head
            agreed = await _ask_others(reader, hashes, max(numbers, default=0), head)
            self._is_known_elsewhere = agreed is not None
            numbers += [] if agreed is None else [agreed]
        if told is None and not self._is_known_elsewhere and numbers:
            numbers.append(head - self._spec.final_count + 1)  # who knew it is gone
        return min(max(numbers), head) if numbers else None

    def _is_due(self, head: int) -> bool:
        return self._asked_at is None or abs(head - self._asked_at) >= self._every


async def _ask_others(
    reader: BlockReader, hashes: Mapping[int, str], final: int, head: int
) -> int | None:
    """The highest block that another endpoint calls final and that is ours too.

    Of a block that is final anyway nothing is asked.
    """
    told = [block for block in await reader.list_finals_elsewhere() if block.number <= head]
    for block in sorted(told, key=lambda one: one.number, reverse=True):
        if block.number <= final or await _is_ours(reader, hashes, block):
            return block.number
    return None


async def _is_ours(reader: BlockReader, hashes: Mapping[int, str], block: Block) -> bool:
    known = hashes.get(block.number)
    if known is None:
        try:
            [own] = await reader.get_blocks([block.number])
        except UnavailableError:
            return False
        known = own.hash
    return known == block.hash
