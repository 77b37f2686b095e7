"""One pass of an EVM chain's loop: its new blocks, matched against what people watch.

Calls depend on blocks, never on how many transactions are watched; only hits cost more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import CHAIN_HEAD, CHAIN_HEAD_AT, REORGS
from app.db.unit_of_work import Database
from app.domain.chain_ports import Block, BlockReader, EvmChain, Heads
from app.domain.ports import UnavailableError
from app.domain.shop import ShopSettings
from app.domain.watching import Tracked, View
from app.services.tracking.following import positions, progress, selection
from app.services.tracking.following.coins import Span
from app.services.tracking.following.evidence import Doubts, Finding, look
from app.services.tracking.following.finality import Finality
from app.services.tracking.following.incoming import Incoming, read_incoming, told_on
from app.services.tracking.following.late import find_listed, list_late
from app.services.tracking.following.positions import Position, TransferKind
from app.services.tracking.following.replacements import name_replacements
from app.services.tracking.following.ring import UNWITNESSED_DEPTH, Walk, is_witnessed, walk

log = structlog.get_logger()

REREAD_BLOCKS: Final = 12
MOST_LOG_BLOCKS: Final = 10_000
"""Whoever was away longer does not hear of what came in before."""


@dataclass(frozen=True, slots=True)
class Follower:
    """What a chain's loop needs; one for a process and chain."""

    db: Database
    chain: EvmChain
    doubts: Doubts = field(default_factory=Doubts)
    finality: Finality = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "finality", Finality(self.chain.spec))


class Sight(NamedTuple):
    """A chain as one endpoint sees it, from where we stand."""

    reader: BlockReader
    heads: Heads
    steps: Walk


@dataclass(frozen=True, slots=True)
class Pass:
    """Everything of one pass that is decided before its unit of work."""

    position: Position
    walk: Walk
    view: View
    asked: Sequence[Tracked]
    orphaned: frozenset[str]
    more: bool


async def follow(follower: Follower, shop: ShopSettings) -> dict[str, int]:
    """Raises UnavailableError."""
    db, spec = follower.db, follower.chain.spec
    async with db.unit_of_work() as session:
        position = await positions.read(session, spec.key)
    reader, heads, steps = await _see(follower, position)
    head = max([position.head or 0, *(block.number for block in steps.blocks)])
    if steps.is_reorg:
        head = steps.blocks[-1].number
    hashes = _standing_hashes(position, steps)
    finality = follower.finality
    view = View(
        spec,
        clock.now(),
        head=head,
        safe=await finality.find_safe(reader, heads.safe, position, hashes, head),
        final=await finality.find(reader, heads.final, position, hashes, head),
        least=shop.least_confirmations.get(spec.key, 0),
        is_ready=reader.is_ready,
    )
    async with db.unit_of_work() as session:
        if steps.fork is None:
            await selection.recheck_all(session, view)
        current = await _choose(session, position, steps, view)
    findings = await _look(follower, reader, current)
    findings = _of_these_blocks(findings, current)
    findings = await _heed_blocks(reader, current, findings)
    findings = await name_replacements(follower.chain, current.asked, findings, view)
    told = await _finish(db, current, findings)
    if told is None:
        return {"raced": 1}
    _measure(current, heads)
    incoming = await _read_transfers(follower, reader, shop, current)
    return {
        "blocks": len(steps.blocks),
        "asked": len(current.asked),
        "told": told,
        "arrived": incoming.told,
        "more": int(current.more or incoming.more or head < heads.latest.number),
    }


async def _look(follower: Follower, reader: BlockReader, current: Pass) -> dict[str, Finding]:
    """Where nobody can tell of any, the blocks go on all the same, and each is asked for again."""
    try:
        return await look(reader, current.asked, current.orphaned, follower.doubts)
    except UnavailableError as error:
        log.warning("lookup_failed", chain=follower.chain.spec.key, reason=str(error))
        return {}


async def _heed_blocks(
    reader: BlockReader, current: Pass, findings: dict[str, Finding]
) -> dict[str, Finding]:
    asked, head = current.asked, current.view.head or 0
    known = findings | await find_listed(reader, asked, findings, current.walk.blocks)
    standing = [one for one in asked if one.tx_hash not in current.orphaned]
    hashes = _standing_hashes(current.position, current.walk)
    late = await list_late(reader, standing, known, hashes, head)
    return {tx_hash: finding for tx_hash, finding in known.items() if tx_hash not in late}


async def _see(follower: Follower, position: Position) -> Sight:
    """The chain as the best endpoint sees it, or the second where that one stands alone.

    Raises UnavailableError where they contradict each other, or the second cannot tell yet.
    """
    first = await _sight(follower, await follower.chain.pin(), position)
    if not first.steps.is_reorg:
        return first
    is_ready = first.reader.is_ready
    if _needs_witness(position, first.steps) or not is_ready:
        claim = f"{follower.chain.spec.key}:{first.steps.blocks[0].hash}"
        agreed, second = await _ask_witness(follower, first, position)
        if second is not None:
            follower.doubts.settle([claim])
            return second
        # A witness that is behind may just not know yet; ours is believed if it stays so.
        if agreed is None:
            agreed = is_ready and follower.doubts.stands(claim)
        if not agreed:
            raise UnavailableError("the endpoints do not agree on a reorganisation")
        follower.doubts.settle([claim])
    _note_reorg(follower, position, first)
    return first


async def _sight(follower: Follower, reader: BlockReader, position: Position) -> Sight:
    heads = await reader.get_heads()
    return Sight(reader, heads, await _walk(follower, reader, position, heads.latest))


async def _walk(follower: Follower, reader: BlockReader, position: Position, latest: Block) -> Walk:
    head = position.head
    if head is None:
        return Walk([latest], None)
    gap = latest.number - head
    if gap > 0:
        async with follower.db.unit_of_work() as session:
            watched = await positions.count_open(session, follower.chain.spec.key, gap)
        if watched < gap:  # asking about each is cheaper than reading the blocks
            return Walk([latest], None)
    return await walk(reader, position.ring, latest)


def _depth(position: Position, steps: Walk) -> int:
    return (position.head or 0) - steps.fork if steps.fork is not None else len(position.ring)


def _needs_witness(position: Position, steps: Walk) -> bool:
    """It is deep, or nobody knows how deep, or has grown no longer than what we know."""
    is_longer = steps.blocks[-1].number > (position.head or 0)
    is_shallow = steps.fork is not None and _depth(position, steps) <= UNWITNESSED_DEPTH
    return not (is_longer and is_shallow)


async def _ask_witness(
    follower: Follower, first: Sight, position: Position
) -> tuple[bool | None, Sight | None]:
    """Whether it sees that reorganisation too; where it goes on from our head, what it sees."""
    try:
        witness = await first.reader.other()
        if not witness.is_ready:
            return None, None
        agreed = await is_witnessed(witness, first.steps)
    except UnavailableError:
        return None, None
    if agreed:
        return True, None
    try:
        second = await _sight(follower, witness, position)
    except UnavailableError:
        return agreed, None
    if second.steps.is_reorg or second.steps.fork is None:
        return agreed, None
    log.warning(
        "reorg_unwitnessed",
        chain=follower.chain.spec.key,
        depth=_depth(position, first.steps),
        endpoint=first.reader.endpoint,
    )
    # Without a new block, one that is behind may just not know yet.
    return agreed, second if second.steps.blocks or agreed is False else None


def _note_reorg(follower: Follower, position: Position, sight: Sight) -> None:
    chain, depth, steps = follower.chain.spec.key, _depth(position, sight.steps), sight.steps
    REORGS.labels(chain).observe(depth)
    # After a jump the ring is short, and its end no news.
    is_alarm = steps.fork is None and len(position.ring) > UNWITNESSED_DEPTH
    say = log.error if is_alarm else log.info
    say("reorg", chain=chain, depth=depth, fork=steps.fork, endpoint=sight.reader.endpoint)


async def _choose(session: AsyncSession, position: Position, steps: Walk, view: View) -> Pass:
    chain = view.spec.key
    hashes = [tx_hash for block in steps.blocks for tx_hash in block.tx_hashes]
    hits = await selection.list_matched(session, chain, hashes)
    # Without a fork, every one is asked about at once anyway.
    is_known = steps.is_reorg and steps.fork is not None
    lost = await selection.list_above(session, chain, steps.fork or 0) if is_known else []
    urgent = await selection.list_urgent(session, chain)
    due = await selection.list_due(session, view)
    crossing = await selection.list_crossing(session, view)
    chosen = {row.tx_hash: row for row in (*hits, *lost, *urgent, *due, *crossing)}
    return Pass(
        position=position,
        walk=steps,
        view=view,
        asked=[progress.to_tracked(row) for row in chosen.values()],
        orphaned=frozenset(row.tx_hash for row in lost),
        more=selection.MOST_ASKED in (len(urgent), len(crossing)),
    )


def _of_these_blocks(findings: dict[str, Finding], current: Pass) -> dict[str, Finding]:
    """Without what stands in blocks that are not ours (yet): the next pass will know.

    A receipt must name the block that was matched; one above the head is of a later pass.
    """
    hashes = _standing_hashes(current.position, current.walk)
    return {
        tx_hash: finding
        for tx_hash, finding in findings.items()
        if _fits(finding, hashes, current.view.head or 0)
    }


def _standing_hashes(position: Position, steps: Walk) -> dict[int, str]:
    hashes = dict(position.ring) if steps.fork is not None else {}
    if steps.is_reorg and steps.fork is not None:
        hashes = {number: h for number, h in hashes.items() if number <= steps.fork}
    return hashes | {block.number: block.hash for block in steps.blocks}


def _fits(finding: Finding, hashes: dict[int, str], head: int) -> bool:
    inclusion = finding.sighting.inclusion if finding.sighting else None
    if inclusion is None or inclusion.block_number is None:
        return True
    if inclusion.block_number > head:
        return False
    return hashes.get(inclusion.block_number, inclusion.block_hash) == inclusion.block_hash


async def _finish(db: Database, current: Pass, findings: dict[str, Finding]) -> int | None:
    """How many milestones there were; None when another loop was faster."""
    view = replace(current.view, now=clock.now())
    chain = view.spec.key
    async with db.unit_of_work() as session:
        if not await positions.claim(session, chain, current.position):
            log.info("pass_raced", chain=chain)
            return None
        await positions.move(session, view, current.walk.blocks, current.walk.fork)
        hashes = {one.tx_hash for one in current.asked}
        return await progress.apply(session, hashes, findings, current.orphaned, view)


async def _read_transfers(
    follower: Follower, reader: BlockReader, shop: ShopSettings, current: Pass
) -> Incoming:
    spans = _spans(current)
    if not spans or not told_on(follower.chain.spec, shop):
        return Incoming(0, more=False)
    return await read_incoming(follower.db, follower.chain, reader, shop, spans)


def _spans(current: Pass) -> dict[TransferKind, Span]:
    """Of the blocks whose transfers have not been read."""
    head = current.view.head or 0
    return {
        kind: _span(current, read_up_to)
        for kind, read_up_to in current.position.transfers.items()
        if current.walk.blocks or (read_up_to is not None and read_up_to < head)
    }


def _span(current: Pass, read_up_to: int | None) -> Span:
    head = current.view.head or 0
    blocks, ring = current.walk.blocks, current.position.ring
    known = [
        head if read_up_to is None else read_up_to + 1,
        *(block.number for block in blocks[:1]),
    ]
    # Some are read again: where blocks were jumped over, nobody says that one was exchanged.
    first = max(min(known) - REREAD_BLOCKS, head - MOST_LOG_BLOCKS, 0)
    fresh = max(min(known), first)
    return Span(
        first=first,
        fresh=fresh,
        last=head,
        parent_hash=ring.get(fresh - 1),
        last_hash=blocks[-1].hash if blocks else ring.get(head),
    )


def _measure(current: Pass, heads: Heads) -> None:
    chain = current.view.spec.key
    CHAIN_HEAD.labels(chain).set(current.view.head or 0)
    if current.walk.blocks:
        CHAIN_HEAD_AT.labels(chain).set(current.walk.blocks[-1].at.timestamp())
    elif heads.latest.number == current.view.head:
        CHAIN_HEAD_AT.labels(chain).set(heads.latest.at.timestamp())
