"""One pass of the loop of a chain with blocks: its new blocks, matched against what users watch.

Calls depend on blocks, never on how many transactions are watched; only hits cost more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import CHAIN_HEAD, CHAIN_HEAD_AT, REORGS
from app.core.round_counts import AT_REST, MORE_DUE
from app.db.unit_of_work import Database
from app.domain.chain_ports import Block, BlockChain, BlockReader, Heads
from app.domain.ports import UnavailableError
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import ChainView, Tracked
from app.services.tracking.following import chain_cursor, progress, selection
from app.services.tracking.following.chain_cursor import ChainCursor, TransferKind
from app.services.tracking.following.coins import BlockSpan
from app.services.tracking.following.evidence import (
    TxFinding,
    UnconfirmedClaims,
    get_findings,
)
from app.services.tracking.following.finality import Finality
from app.services.tracking.following.incoming import (
    IncomingResult,
    list_notified_tokens,
    read_incoming_transfers,
)
from app.services.tracking.following.late_indexing import (
    find_listed_transactions,
    list_late_indexed,
)
from app.services.tracking.following.new_blocks import (
    UNWITNESSED_DEPTH,
    NewBlocks,
    fetch_new_blocks,
    is_reorg_witnessed,
)
from app.services.tracking.following.replacements import find_replacements

log = structlog.get_logger()

_REREAD_BLOCKS: Final = 12
_MAX_LOG_BLOCKS: Final = 10_000
"""Whoever was away longer does not hear of what came in before."""


@dataclass(frozen=True, slots=True)
class Follower:
    """What a chain's loop needs; one for a process and chain."""

    db: Database
    chain: BlockChain
    unconfirmed: UnconfirmedClaims = field(default_factory=UnconfirmedClaims)
    finality: Finality = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "finality", Finality(self.chain.spec))


class ChainSnapshot(NamedTuple):
    """A chain as one endpoint sees it, from where we stand."""

    reader: BlockReader
    heads: Heads
    new_blocks: NewBlocks


@dataclass(frozen=True, slots=True)
class ChainPass:
    """Everything of one pass that is decided before its unit of work."""

    cursor: ChainCursor
    new_blocks: NewBlocks
    view: ChainView
    asked: Sequence[Tracked]
    orphaned: frozenset[str]
    more: bool


async def follow_chain(follower: Follower, shop: ShopSettings) -> dict[str, int]:
    """Raises UnavailableError."""
    db, spec = follower.db, follower.chain.spec
    async with db.read_only() as session:
        cursor = await chain_cursor.read_cursor(session, spec)
    reader, heads, new_blocks = await _choose_snapshot(follower, cursor)
    head = max([cursor.head or 0, *(block.number for block in new_blocks.blocks)])
    if new_blocks.is_reorg:
        head = new_blocks.blocks[-1].number
    hashes = _standing_hashes(cursor, new_blocks)
    finality = follower.finality
    view = ChainView(
        spec,
        clock.now(),
        head=head,
        safe=await finality.find_safe(reader, heads.safe, cursor, hashes, head),
        final=await finality.find(reader, heads.final, cursor, hashes, head),
        final_at=heads.final_at,
        least=shop.least_confirmations.get(spec.key, 0),
        is_ready=reader.is_ready,
    )
    if new_blocks.fork is None and cursor.is_watched:
        async with db.unit_of_work() as session:
            await selection.recheck_all_transactions(session, view)
    async with db.read_only() as session:
        current = await _choose(session, cursor, new_blocks, view)
    findings = await _get_findings(follower, reader, current)
    findings = _of_these_blocks(findings, current)
    findings = await _correct_by_blocks(reader, current, findings)
    findings = await find_replacements(follower.chain, current.asked, findings, view)
    notified = await _finish(db, current, findings)
    if notified is None:
        return {"raced": 1}
    _measure(current, heads)
    incoming = await _read_transfers(follower, reader, shop, current)
    return {
        "blocks": len(new_blocks.blocks),
        "asked": len(current.asked),
        "notified": notified,
        "arrived": incoming.notified,
        MORE_DUE: int(current.more or incoming.more or head < heads.latest.number),
        **({} if cursor.is_watched or cursor.is_notified else {AT_REST: 1}),
    }


async def _get_findings(
    follower: Follower, reader: BlockReader, current: ChainPass
) -> dict[str, TxFinding]:
    """Where no node can answer, the blocks go on all the same, and each is asked for again."""
    try:
        return await get_findings(reader, current.asked, current.orphaned, follower.unconfirmed)
    except UnavailableError as error:
        log.warning("lookup_failed", chain=follower.chain.spec.key, reason=str(error))
        return {}


async def _correct_by_blocks(
    reader: BlockReader, current: ChainPass, findings: dict[str, TxFinding]
) -> dict[str, TxFinding]:
    asked, head = current.asked, current.view.head or 0
    known = findings | await find_listed_transactions(
        reader, asked, findings, current.new_blocks.blocks
    )
    standing = [one for one in asked if one.tx_hash not in current.orphaned]
    hashes = _standing_hashes(current.cursor, current.new_blocks)
    late = await list_late_indexed(reader, standing, known, hashes, head)
    return {tx_hash: finding for tx_hash, finding in known.items() if tx_hash not in late}


async def _choose_snapshot(follower: Follower, cursor: ChainCursor) -> ChainSnapshot:
    """The chain as the best endpoint sees it, or the second where that one stands alone.

    Raises UnavailableError where they contradict each other, or the second does not know yet.
    """
    first = await _take_snapshot(follower, await follower.chain.pin(), cursor)
    if not first.new_blocks.is_reorg:
        return first
    is_ready = first.reader.is_ready
    if _needs_witness(cursor, first.new_blocks) or not is_ready:
        claim = f"{follower.chain.spec.key}:{first.new_blocks.blocks[0].hash}"
        agreed, second = await _ask_witness(follower, first, cursor)
        if second is not None:
            follower.unconfirmed.settle([claim])
            return second
        # A witness that is behind may just not know yet; ours is believed if it stays so.
        if agreed is None:
            agreed = is_ready and follower.unconfirmed.has_lasted(claim)
        if not agreed:
            raise UnavailableError("the endpoints do not agree on a reorganisation")
        follower.unconfirmed.settle([claim])
    _report_reorg(follower, cursor, first)
    return first


async def _take_snapshot(
    follower: Follower, reader: BlockReader, cursor: ChainCursor
) -> ChainSnapshot:
    heads = await reader.get_heads()
    return ChainSnapshot(
        reader, heads, await _fetch_new_blocks(follower, reader, cursor, heads.latest)
    )


async def _fetch_new_blocks(
    follower: Follower, reader: BlockReader, cursor: ChainCursor, latest: Block
) -> NewBlocks:
    head = cursor.head
    if head is None:
        return NewBlocks([latest], None)
    gap = latest.number - head
    # Asking about each is cheaper than reading the blocks.
    if gap > 0 and await _count_watched(follower, cursor, gap) < gap:
        return NewBlocks([latest], None)
    return await fetch_new_blocks(reader, cursor.recent_blocks, latest)


async def _count_watched(follower: Follower, cursor: ChainCursor, limit: int) -> int:
    if not cursor.is_watched:
        return 0
    async with follower.db.read_only() as session:
        return await chain_cursor.count_open_transactions(session, follower.chain.spec.key, limit)


def _depth(cursor: ChainCursor, new_blocks: NewBlocks) -> int:
    return (
        (cursor.head or 0) - new_blocks.fork
        if new_blocks.fork is not None
        else len(cursor.recent_blocks)
    )


def _needs_witness(cursor: ChainCursor, new_blocks: NewBlocks) -> bool:
    """It is deep, or nobody knows how deep, or has grown no longer than what we know."""
    is_longer = new_blocks.blocks[-1].number > (cursor.head or 0)
    is_shallow = new_blocks.fork is not None and _depth(cursor, new_blocks) <= UNWITNESSED_DEPTH
    return not (is_longer and is_shallow)


async def _ask_witness(
    follower: Follower, first: ChainSnapshot, cursor: ChainCursor
) -> tuple[bool | None, ChainSnapshot | None]:
    """Whether it sees that reorganisation too; where it goes on from our head, what it sees."""
    try:
        witness = await first.reader.other()
        if not witness.is_ready:
            return None, None
        agreed = await is_reorg_witnessed(witness, first.new_blocks)
    except UnavailableError:
        return None, None
    if agreed:
        return True, None
    try:
        second = await _take_snapshot(follower, witness, cursor)
    except UnavailableError:
        return agreed, None
    if second.new_blocks.is_reorg or second.new_blocks.fork is None:
        return agreed, None
    log.warning(
        "reorg_unwitnessed",
        chain=follower.chain.spec.key,
        depth=_depth(cursor, first.new_blocks),
        endpoint=first.reader.endpoint,
    )
    # Without a new block, one that is behind may just not know yet.
    return agreed, second if second.new_blocks.blocks or agreed is False else None


def _report_reorg(follower: Follower, cursor: ChainCursor, snapshot: ChainSnapshot) -> None:
    chain, depth, new_blocks = (
        follower.chain.spec.key,
        _depth(cursor, snapshot.new_blocks),
        snapshot.new_blocks,
    )
    REORGS.labels(chain).observe(depth)
    # After a jump there are few recent blocks, and their end is no news.
    is_alarm = new_blocks.fork is None and len(cursor.recent_blocks) > UNWITNESSED_DEPTH
    write_log = log.error if is_alarm else log.info
    write_log(
        "reorg", chain=chain, depth=depth, fork=new_blocks.fork, endpoint=snapshot.reader.endpoint
    )


async def _choose(
    session: AsyncSession, cursor: ChainCursor, new_blocks: NewBlocks, view: ChainView
) -> ChainPass:
    hashes = [tx_hash for block in new_blocks.blocks for tx_hash in block.tx_hashes]
    # Without a fork, every one is asked about at once anyway.
    fork = new_blocks.fork if new_blocks.is_reorg else None
    chosen = await selection.select_transactions(session, view, hashes, fork)
    return ChainPass(
        cursor=cursor,
        new_blocks=new_blocks,
        view=view,
        asked=[progress.to_tracked(row) for row in chosen.rows],
        orphaned=chosen.lost,
        more=chosen.more,
    )


def _of_these_blocks(findings: dict[str, TxFinding], current: ChainPass) -> dict[str, TxFinding]:
    """Without what stands in blocks that are not ours (yet): the next pass will know.

    A receipt must name the block that was matched; one above the head is of a later pass.
    """
    hashes = _standing_hashes(current.cursor, current.new_blocks)
    return {
        tx_hash: finding
        for tx_hash, finding in findings.items()
        if _fits(finding, hashes, current.view.head or 0)
    }


def _standing_hashes(cursor: ChainCursor, new_blocks: NewBlocks) -> dict[int, str]:
    hashes = dict(cursor.recent_blocks) if new_blocks.fork is not None else {}
    if new_blocks.is_reorg and new_blocks.fork is not None:
        hashes = {number: h for number, h in hashes.items() if number <= new_blocks.fork}
    return hashes | {block.number: block.hash for block in new_blocks.blocks}


def _fits(finding: TxFinding, hashes: dict[int, str], head: int) -> bool:
    inclusion = finding.node_tx.inclusion if finding.node_tx else None
    if inclusion is None or inclusion.block_number is None:
        return True
    if inclusion.block_number > head:
        return False
    return hashes.get(inclusion.block_number, inclusion.block_hash) == inclusion.block_hash


async def _finish(db: Database, current: ChainPass, findings: dict[str, TxFinding]) -> int | None:
    """How many milestones there were; None when another loop was faster."""
    view = replace(current.view, now=clock.now())
    chain = view.spec.key
    async with db.unit_of_work() as session:
        if not await chain_cursor.claim_cursor(session, chain, current.cursor):
            log.info("pass_raced", chain=chain)
            return None
        await chain_cursor.move_cursor(
            session, view, current.new_blocks.blocks, current.new_blocks.fork
        )
        hashes = {one.tx_hash for one in current.asked}
        return await progress.apply_findings(session, hashes, findings, current.orphaned, view)


async def _read_transfers(
    follower: Follower, reader: BlockReader, shop: ShopSettings, current: ChainPass
) -> IncomingResult:
    spans = _spans(current) if current.cursor.is_notified else {}
    if not spans or not list_notified_tokens(follower.chain.spec, shop):
        return IncomingResult(0, more=False)
    return await read_incoming_transfers(follower.db, follower.chain, reader, shop, spans)


def _spans(current: ChainPass) -> dict[TransferKind, BlockSpan]:
    """Of the blocks whose transfers have not been read."""
    head = current.view.head or 0
    return {
        kind: _span(current, read_up_to)
        for kind, read_up_to in current.cursor.transfers.items()
        if current.new_blocks.blocks or (read_up_to is not None and read_up_to < head)
    }


def _span(current: ChainPass, read_up_to: int | None) -> BlockSpan:
    head = current.view.head or 0
    blocks, recent_blocks = current.new_blocks.blocks, current.cursor.recent_blocks
    known = [
        head if read_up_to is None else read_up_to + 1,
        *(block.number for block in blocks[:1]),
    ]
    # Some are read again: where blocks were jumped over, nobody says that one was exchanged.
    first = max(min(known) - _REREAD_BLOCKS, head - _MAX_LOG_BLOCKS, 0)
    fresh = max(min(known), first)
    return BlockSpan(
        first=first,
        fresh=fresh,
        last=head,
        parent_hash=recent_blocks.get(fresh - 1),
        last_hash=blocks[-1].hash if blocks else recent_blocks.get(head),
    )


def _measure(current: ChainPass, heads: Heads) -> None:
    chain = current.view.spec.key
    CHAIN_HEAD.labels(chain).set(current.view.head or 0)
    if current.new_blocks.blocks:
        CHAIN_HEAD_AT.labels(chain).set(current.new_blocks.blocks[-1].at.timestamp())
    elif heads.latest.number == current.view.head:
        CHAIN_HEAD_AT.labels(chain).set(heads.latest.at.timestamp())
