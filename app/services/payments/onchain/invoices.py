"""Opens an order's invoice on the network that its buyer chose, and shows how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.db.models import OnchainInvoice, OnchainTransfer, Purchase
from app.db.unit_of_work import Database
from app.domain.onchain.networks import ONCHAIN_METHOD, OnchainNetwork, get_network
from app.domain.onchain.states import TransferState
from app.domain.payments import SOLD_STATUSES, PurchaseStatus, build_invoice_payload
from app.services.payments.checkout import InvoiceText, pay_order
from app.services.payments.onchain.provider import OnchainChoice
from app.services.purchases.orders import PurchaseGoneError


@dataclass(frozen=True, slots=True)
class OnchainInvoiceView:
    """What its buyer is shown. `invoice` is None where the order was paid meanwhile.

    `transfers`: what came for it, the first first; those that left the chain are not among them.
    """

    purchase: Purchase
    invoice: OnchainInvoice | None
    network: OnchainNetwork | None
    transfers: Sequence[OnchainTransfer] = ()


async def open_onchain_invoice(
    db: Database,
    choice: OnchainChoice,
    purchase_id: UUID,
    user_id: int,
    text: InvoiceText,
    *,
    message_id: int | None = None,
) -> OnchainInvoiceView:
    """Also where another network was chosen before: what was shown there stays held.

    Raises as `pay_order` does, and TooManyAmountsError.
    """
    purchase = await pay_order(db, choice, purchase_id, user_id, text, message_id=message_id)
    if purchase.status in SOLD_STATUSES or purchase.provider != ONCHAIN_METHOD:
        return OnchainInvoiceView(purchase, None, choice.network)
    if purchase.status is not PurchaseStatus.PENDING or purchase.expires_at <= clock.now():
        raise PurchaseGoneError
    await choice.onchain.reserve(build_invoice_payload(purchase.id, user_id), choice.network)
    view = await get_onchain_invoice(db, purchase.id, user_id, choice.network.family)
    return view or OnchainInvoiceView(purchase, None, choice.network)


async def get_onchain_invoice(
    db: Database, purchase_id: UUID, user_id: int, family: str | None = None
) -> OnchainInvoiceView | None:
    """Of that family, else the one opened last; None where there is none, or not theirs."""
    async with db.read_only() as session:
        query = (
            select(Purchase, OnchainInvoice)
            .join(OnchainInvoice, OnchainInvoice.purchase_id == Purchase.id)
            .where(Purchase.id == purchase_id, Purchase.user_id == user_id)
            .order_by(OnchainInvoice.id.desc())
            .limit(1)
        )
        if family is not None:
            query = query.where(OnchainInvoice.family == family)
        row = (await session.execute(query)).first()
        if row is None:
            return None
        purchase, invoice = row
        transfers = await session.scalars(
            select(OnchainTransfer)
            .where(
                OnchainTransfer.invoice_id == invoice.id,
                OnchainTransfer.state != TransferState.GONE,
            )
            .order_by(OnchainTransfer.id)
        )
        return OnchainInvoiceView(purchase, invoice, get_network(invoice.network), transfers.all())
