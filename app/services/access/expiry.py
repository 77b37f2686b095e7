"""The end of a subscription: the user is notified, the panel removes the key."""

import structlog
from sqlalchemy import any_, func, select, update

from app.core import clock
from app.core.side_by_side import run_side_by_side
from app.db.claims import lock_due
from app.db.models import Subscription
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database
from app.domain.panel_ports import PanelChoice
from app.domain.ports import PortError, VpnPanel
from app.domain.renewals import build_end_key
from app.domain.subscriptions import ActivationStatus
from app.domain.trials import TrialTemplate
from app.services.access import panel_work
from app.services.access.panel_work import PanelClaim, PanelLane
from app.services.access.reminders import PAID_TIME_OVER_STEP, paid_time_over_unsent
from app.services.access.subscriptions import list_subscription_numbers
from app.services.access.win_backs import open_win_backs
from app.services.notifications.attention import request_attention, settle_by_itself
from app.services.notifications.notify import Notification, notify

log = structlog.get_logger()

EXPIRY_BATCH = 500


async def end_expired_subscriptions(db: Database) -> int:
    """One batch of ends; a renewal at the same moment holds the row, and then it is not due."""
    now = clock.now()
    async with db.unit_of_work() as session:
        ended = (
            select(Subscription.id)
            .where(
                Subscription.activation_status == ActivationStatus.ACTIVE,
                Subscription.ends_at <= now,
            )
            .order_by(Subscription.ends_at)
        )
        due = lock_due(ended, EXPIRY_BATCH)
        rows = await session.scalars(
            update(Subscription)
            # Not joined: the planner takes every subscription that has ended for one to end now,
            # and would read the whole table to find this batch.
            .where(Subscription.id == any_(func.array(select(due.c.id).scalar_subquery())))
            .values(
                activation_status=ActivationStatus.REMOVAL_PENDING,
                revision=Subscription.revision + 1,
                attempts=0,
                due_at=now,
            )
            .returning(Subscription)
        )
        batch = rows.all()
        numbers = await list_subscription_numbers(session, batch)
        await notify(session, *(_to_ended_notification(row, numbers.get(row.id)) for row in batch))
        await open_win_backs(session, batch)
    return len(batch)


def _to_ended_notification(subscription: Subscription, number: str | None) -> Notification:
    return Notification(
        build_end_key("ended", subscription.id, subscription.expires_at),
        subscription.user_id,
        TrialTemplate.ENDED if subscription.is_trial else "subscription-ended",
        {"subscription": subscription.id, "number": number},
    )


async def notify_paid_time_over(db: Database) -> int:
    """One batch of those whose grace has begun: once for each end, and never after a renewal."""
    now = clock.now()
    async with db.unit_of_work() as session:
        batch = (
            await session.scalars(
                select(Subscription)
                .where(
                    Subscription.activation_status == ActivationStatus.ACTIVE,
                    paid_time_over_unsent,
                    Subscription.expires_at <= now,
                    Subscription.ends_at > now,
                    Subscription.is_trial.is_(False),
                )
                .order_by(Subscription.expires_at)
                .limit(EXPIRY_BATCH)
                .with_for_update(skip_locked=True)
            )
        ).all()
        for subscription in batch:
            subscription.reminded_hours = PAID_TIME_OVER_STEP
        numbers = await list_subscription_numbers(session, batch)
        await notify(
            session, *(_to_paid_over_notification(row, numbers.get(row.id)) for row in batch)
        )
    return len(batch)


def _to_paid_over_notification(subscription: Subscription, number: str | None) -> Notification:
    return Notification(
        build_end_key("paid-time-over", subscription.id, subscription.expires_at),
        subscription.user_id,
        "paid-time-over",
        {
            "subscription": subscription.id,
            "number": number,
            "ends_at": subscription.ends_at.isoformat(),
        },
    )


async def deprovision_ended_subscriptions(db: Database, panel: VpnPanel) -> dict[str, int]:
    """One batch of keys that panels must remove; of those that don't answer another one."""
    counts = await _deprovision_batch(db, panel, PanelLane.ANSWERING)
    if not (isinstance(panel, PanelChoice) and panel.away_ids):
        return counts
    away = await _deprovision_batch(db, panel, PanelLane.AWAY)
    return {name: count + away[name] for name, count in counts.items()}


async def _deprovision_batch(db: Database, panel: VpnPanel, lane: PanelLane) -> dict[str, int]:
    is_in_lane = panel_work.select_lane(panel, lane)
    async with db.unit_of_work() as session:
        claims = await panel_work.claim_due_subscriptions(
            session, {ActivationStatus.REMOVAL_PENDING}, is_in_lane
        )
    results = await run_side_by_side(_deprovision(db, panel, claim) for claim in claims)
    removed = results.count(True)
    return {"removed": removed, "failed": len(claims) - removed}


async def _deprovision(db: Database, panel: VpnPanel, claim: PanelClaim) -> bool:
    try:
        await panel_work.deprovision_claimed(panel, claim)
    except PortError as error:
        log.warning("removal_failed", subscription=claim.subscription_id, error=str(error))
        await _postpone_removal(db, claim, error)
        return False
    await _complete_removal(db, claim)
    return True


@retry_if_stale
async def _complete_removal(db: Database, claim: PanelClaim) -> None:
    async with db.unit_of_work() as session:
        await panel_work.complete_claim(session, claim, ActivationStatus.REMOVED)
        if panel_work.may_have_been_exhausted(claim):
            await settle_by_itself(session, _build_attention_key(claim))


def _build_attention_key(claim: PanelClaim) -> str:
    return f"removal:{claim.subscription_id}:{claim.revision}"


@retry_if_stale
async def _postpone_removal(db: Database, claim: PanelClaim, error: PortError) -> None:
    async with db.unit_of_work() as session:
        concerns_us = await panel_work.postpone_claim(session, claim, error)
        is_theirs = concerns_us and panel_work.is_claim_exhausted(claim, error)
        if is_theirs and not await panel_work.is_outage_known(session, claim, error):
            await request_attention(
                session,
                _build_attention_key(claim),
                "operator-removal",
                subscription=claim.subscription_id,
                person=claim.user_id,
                error=str(error)[:300],
            )
