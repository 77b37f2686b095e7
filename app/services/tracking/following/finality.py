"""What is safe and final, by all endpoints: one that does not say, or lags, delays nothing.

No session here: ports only.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from app.domain.chain_ports import Block, BlockReader
from app.domain.chains import ChainSpec
from app.domain.ports import UnavailableError
from app.services.tracking.following.chain_cursor import ChainCursor

_ASK_EVERY: Final = timedelta(seconds=30)  # by blocks: without new ones there is no news


class Finality:
    """At which head the other endpoints were asked last; one for a process and chain."""

    def __init__(self, spec: ChainSpec) -> None:
        self._spec = spec
        self._every = max(1, _ASK_EVERY // spec.block_time)
        self._asked_at: dict[str, int] = {}
        self._is_known_elsewhere = False

    async def find(
        self,
        reader: BlockReader,
        reported: int | None,
        cursor: ChainCursor,
        hashes: Mapping[int, str],
        head: int,
    ) -> int | None:
        """The highest final block; None where none was ever reported, so that blocks are counted.

        `reported`: by `reader`. `hashes` are of the blocks that stand.
        """
        numbers = [number for number in (reported, cursor.final) if number is not None]
        if (cursor.is_awaited or reported is None) and self._is_due("final", head):
            others = await reader.list_finals_elsewhere()
            agreed = await _find_agreed(reader, others, hashes, max(numbers, default=0), head)
            self._is_known_elsewhere = agreed is not None
            numbers += [] if agreed is None else [agreed]
        if reported is None and not self._is_known_elsewhere and numbers:
            numbers.append(head - self._spec.final_count + 1)  # the endpoint that knew it is gone
        return min(max(numbers), head) if numbers else None

    async def find_safe(
        self,
        reader: BlockReader,
        reported: int | None,
        cursor: ChainCursor,
        hashes: Mapping[int, str],
        head: int,
    ) -> int | None:
        """The highest safe block; None where none was ever reported, or the chain knows none.

        An endpoint that lags does not make it fall; nothing is above the head that we know.
        """
        numbers = [number for number in (reported, cursor.safe) if number is not None]
        is_wanted = reported is None and cursor.is_awaited and self._spec.has_safe_tag
        if is_wanted and self._is_due("safe", head):
            others = await reader.list_safes_elsewhere()
            agreed = await _find_agreed(reader, others, hashes, max(numbers, default=0), head)
            numbers += [] if agreed is None else [agreed]
        return min(max(numbers), head) if numbers else None

    def _is_due(self, question: str, head: int) -> bool:
        asked_at = self._asked_at.get(question)
        if asked_at is not None and abs(head - asked_at) < self._every:
            return False
        self._asked_at[question] = head
        return True


async def _find_agreed(
    reader: BlockReader, reported: Sequence[Block], hashes: Mapping[int, str], known: int, head: int
) -> int | None:
    """The highest block that another endpoint reported and that is ours too.

    Of a block up to `known`, about which the same is known anyway, nothing is asked.
    """
    possible = [block for block in reported if block.number <= head]
    for block in sorted(possible, key=lambda one: one.number, reverse=True):
        if block.number <= known or await _is_ours(reader, hashes, block):
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
