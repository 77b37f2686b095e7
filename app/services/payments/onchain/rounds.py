"""One round of reading a chain for payments: what is final first, then what is only shown."""

from app.core.round_counts import AT_REST, MORE_DUE, NEXT_IN_MS, Counts
from app.db.models import OnchainCursor
from app.domain.ports import UnavailableError
from app.services.payments.onchain.assignment import assign_final_transfers
from app.services.payments.onchain.display import is_anything_open, show_mined
from app.services.payments.onchain.provider import Onchain
from app.services.payments.onchain.reading import (
    ChainPayments,
    ReadingState,
    begin_cursor,
    is_stalled,
    load_reading_state,
    note_failure,
    read_final_blocks,
)
from app.services.payments.onchain.slots import expire_invoices, release_slots
from app.services.payments.onchain.witnesses import FinalRange, Snapshot

_CATCHING_UP_MS = 250  # between two ranges, so that endpoints bear it
_AWAITED_MS = 1000  # until a payment that is shown is final


async def read_chain_payments(payments: ChainPayments, onchain: Onchain) -> Counts:
    """A chain that does not answer is no failure of ours, and costs other chains nothing."""
    state = await load_reading_state(payments)
    if not state.watched.addresses:
        return {AT_REST: 1}
    counts = dict[str, int]()
    shown: int | None = 0
    read: FinalRange | None = None
    try:
        if state.cursor is None:
            await begin_cursor(payments)
            await onchain.refresh()
            return {"begun": 1, MORE_DUE: 1}
        snapshot = await _take_snapshot(payments)
        read = await read_final_blocks(payments, snapshot, state)
        counts["arrived"] = len(read.found) if read else 0
        shown = await _show(payments, snapshot, state, read)
        if read is None and is_stalled(payments, state.cursor):
            await note_failure(payments, state.cursor, "no new block is final")
    except UnavailableError as error:
        counts["unavailable"] = 1
        await note_failure(payments, state.cursor, str(error))
    counts.update(await assign_final_transfers(payments.db, payments.spec.key))
    counts["released"] = await _end_invoices(payments, onchain, read)
    await onchain.refresh()
    return {**counts, **_plan_next(shown, read)}


async def _take_snapshot(payments: ChainPayments) -> Snapshot:
    reader = await payments.chain.pin()
    return Snapshot(reader, await reader.get_heads())


async def _show(
    payments: ChainPayments, snapshot: Snapshot, state: ReadingState, read: FinalRange | None
) -> int | None:
    """Transfers that are not final; None where no buyer waits to see any.

    Not while older blocks are read: what they brought comes first.
    """
    async with payments.db.read_only() as session:
        if not await is_anything_open(session, payments.family):
            return None
    if read is not None and read.more:
        return 0
    final = read.last.number if read else _require_cursor(state).number
    return await show_mined(payments.db, payments.spec, snapshot, state.watched, final)


def _require_cursor(state: ReadingState) -> OnchainCursor:
    if state.cursor is None:
        raise ValueError("the chain has no cursor yet")
    return state.cursor


async def _end_invoices(payments: ChainPayments, onchain: Onchain, read: FinalRange | None) -> int:
    family = payments.family
    async with payments.db.unit_of_work() as session:
        await expire_invoices(session, family)
        return await release_slots(session, family, onchain.list_chains(family)) if read else 0


def _plan_next(shown: int | None, read: FinalRange | None) -> Counts:
    if read is not None and read.more:
        return {NEXT_IN_MS: _CATCHING_UP_MS}
    if shown is None:
        return {AT_REST: 1}
    return {NEXT_IN_MS: _AWAITED_MS} if shown else {}
