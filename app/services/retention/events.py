"""Removes what came from outside and was handled, as it came: events and failed updates."""

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import EventOutcome, ExternalEvent, KeptUpdate
from app.services.payments.events import MALFORMED
from app.services.retention.batches import BATCH, KEEP_RAW

# An operator decides about the others. One of these that is told again finds its payment in the
# ledger or its purchase paid: nothing is settled twice. An early one that nothing has followed is
# no money that the shop has: an invoice told before it was paid, a payment that went back before
# it was told, or a word that nobody knew, which the operators were told at once.
_REMOVABLE = (
    EventOutcome.RECEIVED,
    EventOutcome.SETTLED,
    EventOutcome.REPEATED,
    EventOutcome.IGNORED,
)


async def remove_events(session: AsyncSession) -> int:
    due = (
        select(ExternalEvent.id)
        .where(
            ExternalEvent.outcome.in_(_REMOVABLE),
            ExternalEvent.event_type != MALFORMED,  # the operator was told that it is kept
            ExternalEvent.received_at <= clock.now() - KEEP_RAW,
        )
        .order_by(ExternalEvent.received_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(due)).all()
    if ids:
        await session.execute(
            delete(ExternalEvent)
            .where(ExternalEvent.id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    return len(ids)


async def remove_updates(session: AsyncSession) -> int:
    """Nothing marks them as looked at; what carries money stays until the operator removes it."""
    message = KeptUpdate.body["message"]
    is_money = or_(
        KeptUpdate.body.has_key("pre_checkout_query"),
        message.has_key("successful_payment"),
        message.has_key("refunded_payment"),
    )
    due = (
        select(KeptUpdate.update_id)
        .where(KeptUpdate.created_at <= clock.now() - KEEP_RAW, is_money.is_not(True))
        .order_by(KeptUpdate.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(due)).all()
    if ids:
        await session.execute(
            delete(KeptUpdate)
            .where(KeptUpdate.update_id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    return len(ids)
