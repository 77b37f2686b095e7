"""Reads a chain's final blocks for payments: one range after the other, none twice, none never.

The cursor stands on final blocks only and moves in the transaction that records what they brought.
Nothing depends on how many invoices are open: all that comes to an address is read.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import ONCHAIN_READ_AT
from app.db.models import OnchainCursor, OnchainTransfer, OnchainWatchedAddress
from app.db.unit_of_work import Database
from app.domain.chain_ports import Block
from app.domain.chains import ChainSpec
from app.domain.onchain.addresses import ChainFamily
from app.domain.onchain.networks import list_networks
from app.domain.onchain.states import TransferState
from app.services.notifications.attention import request_attention, settle_by_itself
from app.services.payments.onchain.chain import FindAddress, ReadableChain
from app.services.payments.onchain.display import drop_unproven
from app.services.payments.onchain.slots import watch_address
from app.services.payments.onchain.transfer_rows import build_transfer_row
from app.services.payments.onchain.witnesses import (
    FinalRange,
    FoundTransfer,
    LogIndexTests,
    Position,
    Snapshot,
    Watched,
    find_start,
    read_final_range,
)

log = structlog.get_logger()

_LATE_TIMES: Final = 2  # what is final takes as long as a rule; then others are asked too
_ALARM_TIMES: Final = 3
_LATE_AFTER: Final = timedelta(minutes=1)
_ALARM_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ChainPayments:
    """What reading one chain for payments needs; one for a process and chain."""

    db: Database
    chain: ReadableChain
    find_address: FindAddress
    tests: LogIndexTests = field(default_factory=LogIndexTests)

    @property
    def spec(self) -> ChainSpec:
        return self.chain.spec

    @property
    def family(self) -> ChainFamily:
        return list_networks(self.spec.key)[0].family


@dataclass(frozen=True, slots=True)
class ReadingState:
    """`cursor`: None before the chain's first block was agreed upon."""

    cursor: OnchainCursor | None
    watched: Watched


async def load_reading_state(payments: ChainPayments) -> ReadingState:
    """Also remembers the address in effect: from now on what comes to it is read."""
    family, chain = payments.family, payments.spec.key
    async with payments.db.read_only() as session:
        current = await payments.find_address(session, family)
        addresses = list(
            await session.scalars(
                select(OnchainWatchedAddress.address)
                .where(OnchainWatchedAddress.family == family)
                .order_by(OnchainWatchedAddress.address)
            )
        )
        cursor = await session.get(OnchainCursor, chain)
    if current is not None and current not in addresses:
        async with payments.db.unit_of_work() as session:
            await watch_address(session, family, current)
        addresses.append(current)
    tokens = tuple(one.contract for one in list_networks(chain))
    return ReadingState(cursor, Watched(tokens, tuple(addresses)))


async def begin_cursor(payments: ChainPayments) -> None:
    """At what is final now: what came before is nobody's payment. Raises UnavailableError."""
    block = await find_start(payments.chain)
    row = {
        "chain": payments.spec.key,
        "started_number": block.number,
        "moved_at": clock.now(),
        **_build_position(block),
    }
    async with payments.db.unit_of_work() as session:
        await session.execute(insert(OnchainCursor).values(row).on_conflict_do_nothing())


async def read_final_blocks(
    payments: ChainPayments, snapshot: Snapshot, state: ReadingState
) -> FinalRange | None:
    """None where there is nothing new, or another loop was faster. Raises UnavailableError."""
    cursor = state.cursor
    if cursor is None:
        return None
    after = Position(cursor.number, cursor.block_hash)
    age = clock.now() - cursor.moved_at
    is_late = age > payments.spec.final_after * _LATE_TIMES + _LATE_AFTER
    read = await read_final_range(
        payments.chain, snapshot, state.watched, after, payments.tests, is_late=is_late
    )
    if read is None:
        return None
    async with payments.db.unit_of_work() as session:
        if not await _move_cursor(session, payments.spec, cursor, read.last):
            log.info("onchain_pass_raced", chain=payments.spec.key)
            return None
        await _record(session, payments.spec, read.found)
        await drop_unproven(session, payments.spec.key, read.last.number)
    ONCHAIN_READ_AT.labels(payments.spec.key).set(read.last.at.timestamp())
    return read


async def note_failure(payments: ChainPayments, cursor: OnchainCursor | None, reason: str) -> None:
    """Operators are notified once of each block that nothing gets past."""
    if cursor is None:
        log.warning("onchain_not_begun", chain=payments.spec.key, reason=reason)
        return
    now, spec = clock.now(), payments.spec
    log.warning("onchain_unread", chain=spec.key, after=cursor.number, reason=reason)
    is_alarm = now - cursor.moved_at > spec.final_after * _ALARM_TIMES + _ALARM_AFTER
    if cursor.failing_since is not None and not is_alarm:
        return
    async with payments.db.unit_of_work() as session:
        await session.execute(
            update(OnchainCursor)
            .where(
                OnchainCursor.chain == spec.key,
                OnchainCursor.number == cursor.number,
                OnchainCursor.failing_since.is_(None),
            )
            .values(failing_since=now, failure=reason)
        )
        if is_alarm:
            await request_attention(
                session,
                _build_stall_key(spec, cursor.number),
                "operator-onchain-stalled",
                chain=spec.title,
                block=cursor.number,
                reason=reason,
            )


def is_stalled(payments: ChainPayments, cursor: OnchainCursor) -> bool:
    """More should be final by now, though no endpoint fails."""
    wait = payments.spec.final_after * _ALARM_TIMES + _ALARM_AFTER
    return clock.now() - cursor.moved_at > wait


async def _move_cursor(
    session: AsyncSession, spec: ChainSpec, cursor: OnchainCursor, last: Block
) -> bool:
    """False where another loop has: what this one read is thrown away, and nothing is lost."""
    moved = await session.scalar(
        update(OnchainCursor)
        .where(
            OnchainCursor.chain == spec.key,
            OnchainCursor.number == cursor.number,
            OnchainCursor.block_hash == cursor.block_hash,
        )
        .values(moved_at=clock.now(), failing_since=None, failure=None, **_build_position(last))
        .returning(OnchainCursor.chain)
        .execution_options(synchronize_session=False)
    )
    if moved is not None and cursor.failing_since is not None:
        await settle_by_itself(session, _build_stall_key(spec, cursor.number))
    return moved is not None


async def _record(
    session: AsyncSession,
    spec: ChainSpec,
    found: Collection[FoundTransfer],
) -> None:
    """A transfer that was shown before may stand in another block now: this one is final."""
    if not found:
        return
    order = sorted(found, key=lambda one: (one.transfer.block_number, one.transfer.log_index))
    statement = insert(OnchainTransfer)
    new = statement.excluded
    names = ("block_number", "block_hash", "block_at", "token", "sender", "recipient", "units")
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["chain", "tx_hash", "ordinal"],
            set_={**{name: new[name] for name in names}, "state": literal(TransferState.FINAL)},
            where=OnchainTransfer.state != TransferState.FINAL,
        ),
        [build_transfer_row(spec.key, one, TransferState.FINAL) for one in order],
    )


def _build_position(block: Block) -> dict[str, object]:
    return {"number": block.number, "block_hash": block.hash, "block_at": block.at}


def _build_stall_key(spec: ChainSpec, number: int) -> str:
    return f"onchain-stalled:{spec.key}:{number}"
