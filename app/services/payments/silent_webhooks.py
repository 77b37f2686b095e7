"""The alarm for a webhook that does not come: polling settles so soon that nobody would miss it."""

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import exists, func, select

from app.core import clock
from app.db.models import ExternalEvent, LedgerEntry, Purchase
from app.db.models.ledger import EntryKind
from app.db.unit_of_work import Database
from app.domain.payments import build_payment_key_prefix
from app.services.notifications.pauses import notify_operators_with_pause
from app.services.payments.events import INVOICE_PAID

log = structlog.get_logger()

# A webhook normally needs a second.
_WEBHOOK_LATE_AFTER = timedelta(seconds=15)
# Long enough for the next round; what a stop of the service left behind is no silence.
_LOOK_BACK = timedelta(minutes=10)
# One of them is enough for an alarm, so a shop that sells more than these misses nothing.
_NEWEST_PAYMENTS = 100
_PAUSE: Final = timedelta(hours=1)


async def alert_silent_webhook(db: Database, provider: str) -> None:
    """Notify the operators, once an hour, of a payment that was settled and never announced."""
    now = clock.now()
    prefix = build_payment_key_prefix(provider)
    newest = (
        select(LedgerEntry.key, LedgerEntry.purchase_id, LedgerEntry.created_at)
        .where(LedgerEntry.kind == EntryKind.PAYMENT)
        .order_by(LedgerEntry.id.desc())
        .limit(_NEWEST_PAYMENTS)
        .subquery()
    )
    announced = exists().where(
        ExternalEvent.provider == provider,
        ExternalEvent.external_id == func.substr(newest.c.key, len(prefix) + 1),
        ExternalEvent.event_type == INVOICE_PAID,
    )
    unannounced = (
        select(Purchase.invoice_id)
        .join(newest, newest.c.purchase_id == Purchase.id)
        .where(
            newest.c.key.startswith(prefix, autoescape=True),
            newest.c.created_at.between(now - _LOOK_BACK, now - _WEBHOOK_LATE_AFTER),
            ~announced,
        )
        .limit(1)
    )
    async with db.read_only() as session:
        invoice_id = await session.scalar(unannounced)
    if invoice_id is None:
        return
    async with db.unit_of_work() as session:
        await notify_operators_with_pause(
            session,
            f"webhook-silent:{provider}",
            _PAUSE,
            "operator-webhook-silent",
            invoice=invoice_id,
            provider=provider,
        )
    log.warning("payment_webhook_silent", invoice=invoice_id)
