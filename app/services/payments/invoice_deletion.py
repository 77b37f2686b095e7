"""Invoices of cancelled orders, deleted at their provider: the outside's half of "cancelled".

A help, no guard: a payment that comes first is checked like any other when the money arrives (P15).
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Purchase
from app.db.unit_of_work import Database
from app.domain.payments import PurchaseStatus
from app.domain.ports import PaymentProvider, PortError, RefusedError
from app.services.payments.methods import PaymentMethods
from app.services.port_guard import guard_port_call

log = structlog.get_logger()

_BATCH: Final = 50


async def delete_due_invoices(db: Database, payment_methods: PaymentMethods) -> dict[str, int]:
    """One round, to be repeated as long as the invoices live. Raises the last port error.

    Two at once are harmless: what is deleted already is refused, which counts as done.
    """
    able = {
        name: provider
        for name, provider in payment_methods.providers.items()
        if provider.payment_method.deletes
    }
    async with db.read_only() as session:
        due = await _list_due(session, list(able))
    done: list[UUID] = []
    failure: PortError | None = None
    for id_, provider, invoice_id in due:
        try:
            await _delete(able[provider], invoice_id)
        except PortError as error:
            failure = error
        else:
            done.append(id_)
    if done:
        async with db.unit_of_work() as session:
            await _mark_deleted(session, done)
    if failure is not None:
        raise failure
    return {"due": len(due), "deleted": len(done)}


async def _list_due(session: AsyncSession, providers: Sequence[str]) -> list[tuple[UUID, str, str]]:
    rows = await session.execute(
        select(Purchase.id, Purchase.provider, Purchase.invoice_id)
        .where(
            Purchase.status == PurchaseStatus.CANCELLED,
            Purchase.invoice_id.is_not(None),
            Purchase.invoice_deleted_at.is_(None),
            Purchase.expires_at > clock.now(),  # afterwards the provider has ended it
            Purchase.provider.in_(providers),
        )
        # Any order: a batch of those that fail keeps no other from its turn for long.
        .order_by(func.random())
        .limit(_BATCH)
    )
    return [(id_, str(provider), str(invoice_id)) for id_, provider, invoice_id in rows]


async def _delete(provider: PaymentProvider, invoice_id: str) -> None:
    """Raises what is worth another try."""
    try:
        deletion = provider.delete_invoice(invoice_id)
        await guard_port_call(deletion, "invoice_deletion_call_failed", invoice=invoice_id)
    except RefusedError as error:
        log.info("invoice_not_deleted", invoice=invoice_id, reason=str(error))


async def _mark_deleted(session: AsyncSession, ids: Sequence[UUID]) -> None:
    await session.execute(
        update(Purchase).where(Purchase.id.in_(ids)).values(invoice_deleted_at=clock.now())
    )
