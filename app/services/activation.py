"""From a paid purchase to a working key: the panel is told, then the person is."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Purchase, Subscription
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.messages import Doubt
from app.domain.payments import PurchaseStatus
from app.domain.ports import PortError, RefusedError, VpnPanel
from app.domain.subscriptions import ATTEMPT_TOLD, TO_PROVISION, ActivationStatus
from app.services import audit, panel_work
from app.services.notices import Notice, tell, tell_operators
from app.services.panel_work import Claim
from app.services.subscriptions import ACTIVATION

log = structlog.get_logger()


class NothingToRetryError(ExpectedError):
    text_key = "operator-nothing-to-retry"


async def provision_due(db: Database, panel: VpnPanel, operators: Sequence[int]) -> dict[str, int]:
    """One batch, side by side: a slow panel must not make the twentieth buyer wait twenty times."""
    async with db.unit_of_work() as session:
        claims = await panel_work.claim_due(session, TO_PROVISION)
    results = await asyncio.gather(
        *(_provision(db, panel, operators, claim) for claim in claims), return_exceptions=True
    )
    errors = [result for result in results if isinstance(result, BaseException)]
    if errors:
        # Each lease runs out and is claimed again; the worker's round counts as failed.
        raise errors[0]
    delivered = sum(result is True for result in results)
    return {"claimed": len(claims), "delivered": delivered, "failed": len(claims) - delivered}


async def time_to_next(db: Database) -> timedelta | None:
    """Until the next attempt is due; None when all is provisioned."""
    async with db.unit_of_work() as session:
        return await panel_work.next_due_in(session, TO_PROVISION)


async def retry_activation(db: Database, subscription_id: int, operator: int) -> None:
    """The operator's button: at once, with all attempts anew. Raises NothingToRetryError."""
    async with db.unit_of_work() as session:
        renewed = await session.execute(
            update(Subscription)
            .where(
                Subscription.id == subscription_id,
                Subscription.activation_status.in_(TO_PROVISION),
            )
            .values(
                activation_status=ActivationStatus.PENDING,
                revision=Subscription.revision + 1,  # or a second failure would be told to nobody
                attempts=0,
                due_at=clock.now(),
            )
            .returning(Subscription.id)
        )
        if renewed.first() is None:
            raise NothingToRetryError
        subject = f"subscription:{subscription_id}"
        audit.record(session, f"user:{operator}", "activation_retried", subject)
        wake_after_commit(session, ACTIVATION)


async def _provision(db: Database, panel: VpnPanel, operators: Sequence[int], claim: Claim) -> bool:
    try:
        link = await panel_work.call(panel.provision(claim.access))
    except PortError as error:
        log.warning(
            "activation_failed",
            subscription=claim.subscription_id,
            attempt=claim.attempt,
            error=str(error),
        )
        async with db.unit_of_work() as session:
            await _fail(session, operators, claim, error)
        return False
    async with db.unit_of_work() as session:
        if await panel_work.complete(session, claim, ActivationStatus.ACTIVE, link):
            await _deliver(session, claim, link)
    return True


async def _deliver(session: AsyncSession, claim: Claim, link: str) -> None:
    """The key's message, once for each purchase that this revision fulfils (P2)."""
    delivered: Sequence[UUID] = (
        await session.scalars(
            update(Purchase)
            .where(
                Purchase.subscription_id == claim.subscription_id,
                Purchase.status == PurchaseStatus.PAID,
                Purchase.delivered_at.is_(None),
                Purchase.subscription_revision <= claim.revision,
            )
            .values(delivered_at=clock.now())
            .returning(Purchase.id)
        )
    ).all()
    await tell(
        session,
        *(
            Notice(
                f"key:{purchase_id}",
                claim.user_id,
                "key-ready",
                _key_values(link, claim.access.expires_at),
                doubt=Doubt.SEND_AGAIN,
            )
            for purchase_id in delivered
        ),
    )


def _key_values(link: str, expires_at: datetime) -> dict[str, str | int | None]:
    return {"link": link, "expires_at": expires_at.isoformat()}


async def _fail(
    session: AsyncSession, operators: Sequence[int], claim: Claim, error: PortError
) -> None:
    if not await panel_work.postpone(session, claim, error):
        return
    subject = f"{claim.subscription_id}:{claim.revision}"
    if not panel_work.is_exhausted(claim, error):
        if claim.attempt >= ATTEMPT_TOLD:
            await tell(session, Notice(f"delayed:{subject}", claim.user_id, "key-delayed"))
        return
    await session.execute(
        update(Subscription)
        .where(Subscription.id == claim.subscription_id)
        .values(activation_status=ActivationStatus.NEEDS_ATTENTION)
    )
    await tell(session, Notice(f"attention:{subject}", claim.user_id, "key-needs-attention"))
    await tell_operators(
        session,
        operators,
        f"attention:{subject}",
        "operator-activation",
        subscription=claim.subscription_id,
        person=claim.user_id,
        attempts=claim.attempt,
        reason="refused" if isinstance(error, RefusedError) else "unavailable",
        error=str(error)[:300],
    )
