"""How far a payment in a block is from being final."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import OnchainCursor
from app.domain.onchain.states import TransferState
from app.services.payments.onchain.invoices import OnchainInvoiceView


@dataclass(frozen=True, slots=True)
class FinalityProgress:
    """Of the transfer that came last; `blocks` stand upon its own, as far as the chain was read."""

    tx_hash: str
    is_final: bool
    blocks: int | None


async def load_progress(session: AsyncSession, view: OnchainInvoiceView) -> FinalityProgress | None:
    """None where nothing has arrived yet. Step."""
    if not view.transfers:
        return None
    last = view.transfers[-1]
    cursor = await session.get(OnchainCursor, last.chain)
    head = cursor.head_number if cursor else None
    return FinalityProgress(
        last.tx_hash,
        last.state is TransferState.FINAL,
        None if head is None else max(head - last.block_number, 0),
    )
