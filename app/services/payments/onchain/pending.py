"""A buyer's transfer that a node has in its pool: shown as seen, and no money."""

import structlog
from sqlalchemy import update

from app.db.models import OnchainInvoice
from app.db.unit_of_work import Database
from app.domain.onchain.states import OnchainState, get_source_states
from app.domain.ports import PortError
from app.services.payments.onchain.invoices import OnchainInvoiceView
from app.services.port_guard import guard_port_call
from app.services.tracking.chains import Chains

log = structlog.get_logger()


async def note_pending_transfer(
    db: Database, chains: Chains, view: OnchainInvoiceView, tx_hash: str
) -> bool:
    """Whether a node's pool has it, and it calls the token of this invoice; raises nothing.

    What it moves, and to whom, only its logs prove: they are read once it is in a block.
    """
    chain = chains.all.get(view.network.chain) if view.network else None
    if chain is None or view.network is None or view.invoice is None:
        return False
    try:
        found = await guard_port_call(chain.find(tx_hash), "pool_not_asked", chain=chain.spec.key)
    except PortError as error:
        log.warning("pool_not_asked", chain=chain.spec.key, error=str(error))
        return False
    if found is None or found.inclusion is not None:
        return False
    if (found.details.recipient or "").lower() != view.network.contract:
        return False
    async with db.unit_of_work() as session:
        await session.execute(
            update(OnchainInvoice)
            .where(
                OnchainInvoice.id == view.invoice.id,
                OnchainInvoice.state.in_(get_source_states(OnchainState.SEEN)),
            )
            .values(state=OnchainState.SEEN)
        )
    return True
