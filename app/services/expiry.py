"""The end of a subscription: the person is told, the panel forgets the key."""

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy import select, update

from app.core import clock
from app.db.models import Subscription
from app.db.unit_of_work import Database
from app.domain.ports import PortError, VpnPanel
from app.domain.subscriptions import ActivationStatus
from app.services import panel_work
from app.services.notices import Notice, tell, tell_operators
from app.services.panel_work import Claim

log = structlog.get_logger()

BATCH = 500


async def end_expired(db: Database) -> int:
    """One batch of ends; a renewal at the same moment holds the row, and then it is not due."""
    now = clock.now()
    async with db.unit_of_work() as session:
        due = (
            select(Subscription.id)
            .where(
                Subscription.activation_status == ActivationStatus.ACTIVE,
                Subscription.expires_at <= now,
            )
            .order_by(Subscription.expires_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        rows = await session.execute(
            update(Subscription)
            .where(Subscription.id == due.c.id)
            .values(
                activation_status=ActivationStatus.REMOVAL_PENDING,
                revision=Subscription.revision + 1,
                attempts=0,
                due_at=now,
            )
            .returning(Subscription.id, Subscription.user_id, Subscription.expires_at)
        )
        ended = rows.all()
        await tell(
            session,
            *(
                Notice(f"ended:{id_}:{expires_at:%Y%m%dT%H%M%S}", user_id, "subscription-ended")
                for id_, user_id, expires_at in ended
            ),
        )
    return len(ended)


async def remove_ended(db: Database, panel: VpnPanel, operators: Sequence[int]) -> dict[str, int]:
    """One batch of keys that the panel must forget."""
    async with db.unit_of_work() as session:
        claims = await panel_work.claim_due(session, {ActivationStatus.REMOVAL_PENDING})
    results = await asyncio.gather(
        *(_remove(db, panel, operators, claim) for claim in claims), return_exceptions=True
    )
    errors = [result for result in results if isinstance(result, BaseException)]
    if errors:
        raise errors[0]
    removed = sum(result is True for result in results)
    return {"removed": removed, "failed": len(claims) - removed}


async def _remove(db: Database, panel: VpnPanel, operators: Sequence[int], claim: Claim) -> bool:
    try:
        await panel_work.call(panel.remove(claim.access.access_id))
    except PortError as error:
        log.warning("removal_failed", subscription=claim.subscription_id, error=str(error))
        async with db.unit_of_work() as session:
            concerns_us = await panel_work.postpone(session, claim, error)
            if concerns_us and panel_work.is_exhausted(claim, error):
                await tell_operators(
                    session,
                    operators,
                    f"removal:{claim.subscription_id}:{claim.revision}",
                    "operator-removal",
                    subscription=claim.subscription_id,
                    person=claim.user_id,
                    error=str(error)[:300],
                )
        return False
    async with db.unit_of_work() as session:
        await panel_work.complete(session, claim, ActivationStatus.REMOVED)
    return True
