"""What a range of final blocks brought: only what two endpoints say alike.

No session here: ports only. One endpoint that omits, invents or repeats a transfer, or shows
another chain, is one against two; where no two agree, nothing is read and nothing is lost.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import structlog

from app.domain.chain_ports import Block, BlockReader, Heads, Transfer
from app.domain.chains import ChainSpec
from app.domain.ports import UnavailableError
from app.services.payments.onchain.chain import ReadableChain

log = structlog.get_logger()

_MOST_BLOCKS: Final = 2000  # in a round: some requests of what a node answers at once
_PAIR: Final = 2
_TEST_EVERY_SECONDS: Final = 6 * 3600
_TEST_AGAIN_SECONDS: Final = 600  # what failed, and what could not be tested


class StalledError(UnavailableError):
    """No two endpoints say alike what is final, or what is in it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Of which tokens, to which addresses."""

    tokens: tuple[str, ...]
    addresses: tuple[str, ...]


class Position(NamedTuple):
    number: int
    hash: str


class Snapshot(NamedTuple):
    """The best endpoint of a round, and how far it sees."""

    reader: BlockReader
    heads: Heads


class FoundTransfer(NamedTuple):
    """`ordinal`: of its log within its transaction."""

    transfer: Transfer
    ordinal: int
    at: datetime


class FinalRange(NamedTuple):
    """All blocks after a position up to `last`, both of one chain."""

    last: Block
    found: frozenset[FoundTransfer]
    more: bool  # final blocks are left for the next round


@dataclass(slots=True)
class LogIndexTests:
    """Which endpoints find by a filter what stands in their blocks; one for a process and chain.

    TRON's nodes may lack the index for old blocks, and then answer that there is nothing.
    """

    _results: dict[str, tuple[bool, int]] = field(default_factory=dict)

    async def require(self, reader: BlockReader, tokens: Sequence[str], number: int) -> None:
        """Raises UnavailableError for one that does not."""
        passed, until = self._results.get(reader.endpoint, (True, 0))
        now = int(time.monotonic())
        if now >= until:
            result = await reader.has_log_index(tokens, number)
            passed = result is not False
            again = _TEST_EVERY_SECONDS if result else _TEST_AGAIN_SECONDS
            self._results[reader.endpoint] = (passed, now + again)
        if not passed:
            raise UnavailableError(f"{reader.endpoint}: its filter finds no logs")


async def find_start(chain: ReadableChain) -> Block:
    """The highest block that two endpoints call final. Raises UnavailableError."""
    finals = await _rank_by_final(chain, await chain.pin(), None, _need(chain) + 1)
    number = _get_agreed_final(chain, finals)
    blocks = [(await reader.get_blocks([number]))[0] for reader, _ in finals[: _need(chain)]]
    if len({block.hash for block in blocks}) != 1:
        raise StalledError(f"{chain.spec.key}: the endpoints are of different chains")
    return blocks[0]


async def read_final_range(
    chain: ReadableChain,
    snapshot: Snapshot,
    watched: Watched,
    after: Position,
    tests: LogIndexTests,
    *,
    is_late: bool,
) -> FinalRange | None:
    """The next final blocks; None where there are none. Raises UnavailableError, StalledError.

    `is_late`: more should be final by now, so that others are asked as well.
    """
    reader, final = snapshot.reader, snapshot.heads.final
    if final is not None and final <= after.number and not is_late:
        return None
    few, all_ = _need(chain) + 1, len(chain.list_endpoints())
    try:
        return await _read_agreed(chain, (reader, final, few), watched, after, tests)
    except StalledError:
        if all_ <= few:
            raise
    return await _read_agreed(chain, (reader, final, all_), watched, after, tests)


async def _read_agreed(
    chain: ReadableChain,
    asked: tuple[BlockReader, int | None, int],
    watched: Watched,
    after: Position,
    tests: LogIndexTests,
) -> FinalRange | None:
    finals = await _rank_by_final(chain, *asked)
    agreed = _get_agreed_final(chain, finals)
    if agreed <= after.number:
        return None
    last = min(agreed, after.number + _MOST_BLOCKS)
    able = [reader for reader, number in finals if number >= last]
    block, found = await _agree(chain, able, watched, (after, last), tests)
    return FinalRange(block, found, more=last < agreed)


def _need(chain: ReadableChain) -> int:
    """Where one endpoint alone is configured, it is the operator's own choice to believe it."""
    return min(_PAIR, len(chain.list_endpoints()))


async def _rank_by_final(
    chain: ReadableChain, reader: BlockReader, final: int | None, most: int
) -> list[tuple[BlockReader, int]]:
    """Of at most so many, the highest first; who knows no finality is left out: a count is none."""
    found = [] if final is None else [(reader, final)]
    others = await reader.list_others()
    for other in others if final is not None else [reader, *others]:
        if len(found) >= most:
            break
        try:
            number = (await other.get_heads()).final
        except UnavailableError as error:
            log.info("onchain_witness_failed", chain=chain.spec.key, reason=str(error))
            continue
        if number is not None:
            found.append((other, number))
    return sorted(found, key=lambda one: one[1], reverse=True)


def _get_agreed_final(chain: ReadableChain, finals: Sequence[tuple[BlockReader, int]]) -> int:
    need = _need(chain)
    if len(finals) < need or not need:
        raise StalledError(
            f"{chain.spec.key}: {len(finals)} of {need} endpoints know what is final"
        )
    return finals[need - 1][1]


async def _agree(
    chain: ReadableChain,
    readers: Sequence[BlockReader],
    watched: Watched,
    span: tuple[Position, int],
    tests: LogIndexTests,
) -> tuple[Block, frozenset[FoundTransfer]]:
    need, views = _need(chain), list[tuple[BlockReader, Block, frozenset[FoundTransfer]]]()
    failed = []
    for reader in readers:
        try:
            await tests.require(reader, watched.tokens, span[1])
            block, found = await _view(reader, watched, *span)
        except UnavailableError as error:
            log.info("onchain_witness_failed", chain=chain.spec.key, reason=str(error))
            failed.append(reader)
            continue
        views.append((reader, block, found))
        alike = [one for one in views if (one[1].hash, one[2]) == (block.hash, found)]
        if len(alike) >= need:
            _note_outvoted(chain.spec, views, alike, failed)
            return block, found
    raise StalledError(
        f"{chain.spec.key}: no {need} endpoints agree on the blocks up to {span[1]}"
        f" ({len(views)} answered, {len(failed)} did not)"
    )


def _note_outvoted(
    spec: ChainSpec,
    views: Sequence[tuple[BlockReader, Block, frozenset[FoundTransfer]]],
    alike: Sequence[tuple[BlockReader, Block, frozenset[FoundTransfer]]],
    failed: Sequence[BlockReader],
) -> None:
    for reader in failed:
        reader.note_answered_elsewhere()
    for one in views:
        if one not in alike:
            log.error("onchain_witness_contradicted", chain=spec.key, endpoint=one[0].endpoint)


async def _view(
    reader: BlockReader, watched: Watched, after: Position, last: int
) -> tuple[Block, frozenset[FoundTransfer]]:
    """By one endpoint, whose logs, receipts and blocks must fit each other and the position."""
    transfers = await reader.get_own_transfers(
        watched.tokens, watched.addresses, after.number + 1, last
    )
    if any(not after.number < one.block_number <= last for one in transfers):
        raise UnavailableError(f"{reader.endpoint}: a log of another range")
    numbers = sorted({after.number, last, *(one.block_number for one in transfers)})
    blocks = {block.number: block for block in await reader.get_blocks(numbers)}
    if blocks[after.number].hash != after.hash:
        raise UnavailableError(f"{reader.endpoint}: block {after.number} is another than was final")
    found = await locate_transfers(reader, transfers, blocks)
    return blocks[last], frozenset(found)


async def locate_transfers(
    reader: BlockReader, transfers: Sequence[Transfer], blocks: dict[int, Block]
) -> list[FoundTransfer]:
    """With their ordinals and times. Raises UnavailableError where log and receipt differ."""
    tx_hashes = sorted({one.tx_hash for one in transfers})
    receipts = await reader.get_receipt_transfers(tx_hashes) if tx_hashes else {}
    found = []
    for one in transfers:
        receipt, block = receipts[one.tx_hash], blocks[one.block_number]
        if not receipt.succeeded or one not in receipt.transfers or block.hash != one.block_hash:
            raise UnavailableError(f"{reader.endpoint}: {one.tx_hash}: log and receipt differ")
        found.append(FoundTransfer(one, one.log_index - receipt.first_log_index, block.at))
    return found
