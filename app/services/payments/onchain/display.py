"""What stands in blocks that are not final yet: shown to the buyer, and no money.

All of it may be thrown away; the reader of final blocks knows nothing of it.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, exists, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import OnchainInvoice, OnchainTransfer, Purchase
from app.db.models.onchain import MINED_TRANSFERS, OPEN_INVOICES
from app.db.unit_of_work import Database
from app.domain.chain_ports import BlockReader, Transfer
from app.domain.chains import ChainSpec
from app.domain.onchain.addresses import ChainFamily
from app.domain.onchain.amounts import to_micro
from app.domain.onchain.networks import find_network
from app.domain.onchain.states import OnchainState, TransferState, get_source_states
from app.services.notifications.notify import Notification, notify
from app.services.payments.onchain.transfer_rows import build_transfer_row
from app.services.payments.onchain.witnesses import (
    FoundTransfer,
    Snapshot,
    Watched,
    locate_transfers,
)

_MOST_BLOCKS: Final = 500
_PLACE: Final = tuple_(OnchainTransfer.tx_hash, OnchainTransfer.block_hash)
_TEMPLATES: Final = {
    OnchainState.MINED: "onchain-mined",
    OnchainState.REORGANISED: "onchain-reorganised",
}


async def is_anything_open(session: AsyncSession, family: ChainFamily) -> bool:
    """An invoice that its buyer looks at: without one, what is not final is not asked for."""
    is_open = exists().where(OnchainInvoice.family == family, literal_column(OPEN_INVOICES))
    return bool(await session.scalar(select(is_open)))


async def show_mined(
    db: Database, spec: ChainSpec, snapshot: Snapshot, watched: Watched, final: int
) -> int:
    """How many transfers stand above the final block. Raises UnavailableError."""
    head = snapshot.heads.latest.number
    first = max(final + 1, head - _MOST_BLOCKS + 1)
    if first > head:
        return 0
    seen = await snapshot.reader.get_transfers(watched.tokens, watched.addresses, first, head)
    async with db.read_only() as session:
        known = await _list_known(session, spec.key, first)
    new = [one for one in seen if (one.tx_hash, one.block_hash) not in known]
    found = await _locate(snapshot.reader, new)
    gone = known - {(one.tx_hash, one.block_hash) for one in seen}
    if found or gone:
        async with db.unit_of_work() as session:
            await _mark_gone(session, spec.key, _PLACE.in_(sorted(gone)))
            await _show(session, spec, found)
    return len(seen)


async def drop_unproven(session: AsyncSession, chain: str, final: int) -> None:
    """What was shown in blocks that are final now, and is not in them. Step."""
    await _mark_gone(session, chain, OnchainTransfer.block_number <= final)


async def _list_known(session: AsyncSession, chain: str, first: int) -> set[tuple[str, str]]:
    """Of the blocks that were asked about."""
    rows = await session.execute(
        select(OnchainTransfer.tx_hash, OnchainTransfer.block_hash).where(
            OnchainTransfer.chain == chain,
            literal_column(MINED_TRANSFERS),
            OnchainTransfer.block_number >= first,
        )
    )
    return {(tx_hash, block_hash) for tx_hash, block_hash in rows}


async def _locate(reader: BlockReader, new: Sequence[Transfer]) -> list[FoundTransfer]:
    if not new:
        return []
    numbers = sorted({one.block_number for one in new})
    blocks = {block.number: block for block in await reader.get_blocks(numbers)}
    return await locate_transfers(reader, new, blocks)


async def _mark_gone(session: AsyncSession, chain: str, which: ColumnElement[bool]) -> None:
    """Of what was shown; its buyers' cards say so."""
    rows = await session.execute(
        update(OnchainTransfer)
        .where(OnchainTransfer.chain == chain, literal_column(MINED_TRANSFERS), which)
        .values(state=TransferState.GONE)
        .returning(OnchainTransfer.invoice_id, OnchainTransfer.block_hash)
        .execution_options(synchronize_session=False)
    )
    for invoice_id, block_hash in rows.all():
        if invoice_id is not None:
            await _change_state(session, invoice_id, OnchainState.REORGANISED, block_hash)


async def _show(session: AsyncSession, spec: ChainSpec, found: Sequence[FoundTransfer]) -> None:
    for one in found:
        row = build_transfer_row(spec.key, one, TransferState.MINED)
        invoice_id = await _find_invoice_id(session, spec.key, one.transfer)
        statement = insert(OnchainTransfer).values(**row, invoice_id=invoice_id)
        shown = await session.scalar(
            statement.on_conflict_do_update(
                index_elements=["chain", "tx_hash", "ordinal"],
                set_={**row, "invoice_id": invoice_id},
                where=OnchainTransfer.state != TransferState.FINAL,
            ).returning(OnchainTransfer.id)
        )
        if shown is not None and invoice_id is not None:
            await _change_state(session, invoice_id, OnchainState.MINED, one.transfer.block_hash)


async def _find_invoice_id(session: AsyncSession, chain: str, transfer: Transfer) -> int | None:
    network = find_network(chain, transfer.token)
    if network is None or not network.is_dollar:
        return None
    found: int | None = await session.scalar(
        select(OnchainInvoice.id).where(
            OnchainInvoice.address == transfer.recipient,
            OnchainInvoice.amount_micro == min(to_micro(transfer.amount, network.decimals), 2**62),
            OnchainInvoice.released_at.is_(None),
        )
    )
    return found


async def _change_state(
    session: AsyncSession, invoice_id: int, state: OnchainState, block_hash: str
) -> None:
    """The buyer's one card says it too."""
    changed = await session.scalar(
        update(OnchainInvoice)
        .where(OnchainInvoice.id == invoice_id, OnchainInvoice.state.in_(get_source_states(state)))
        .values(state=state)
        .returning(OnchainInvoice.purchase_id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        return
    purchase = await session.get_one(Purchase, changed)
    if purchase.message_id is None:
        return
    await notify(
        session,
        Notification(
            f"onchain-{state}:{invoice_id}:{block_hash}",
            purchase.user_id,
            _TEMPLATES[state],
            {"purchase": str(purchase.id)},
            edit_message_id=purchase.message_id,
        ),
    )
