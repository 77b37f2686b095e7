"""Users are notified when most, and when all of their traffic is used: once each (P3).

Only what is due is asked about, and so much in a round, so that many users cost the panel little.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Subscription
from app.db.unit_of_work import Database
from app.domain.extras import ExtraKind
from app.domain.ports import Usage, VpnPanel
from app.domain.subscriptions import ActivationStatus
from app.domain.traffic import ALL_PERCENT, compute_traffic_check_delay, find_reached_percent
from app.services.access.extra_offers import list_with_extras
from app.services.access.subscriptions import list_subscription_numbers
from app.services.access.usage_queries import MAX_USAGE_CALLS, UsageQueries, build_usage_query
from app.services.notifications.notify import Notification, notify

# Behind all others: one that the panel does not answer for keeps none of them waiting.
_RETRY_AFTER: Final = timedelta(minutes=30)


async def warn_of_used_traffic(db: Database, panel: VpnPanel) -> dict[str, int]:
    """One round; what was not asked about comes first in the next one."""
    async with db.read_only() as session:
        due = (
            await session.scalars(
                select(Subscription)
                .where(_is_limited(), Subscription.traffic_due_at <= clock.now())
                .order_by(Subscription.traffic_due_at)
                .limit(MAX_USAGE_CALLS)
            )
        ).all()
    queries = UsageQueries(panel)
    answers = await queries.ask([build_usage_query(row) for row in due])
    if not answers and not queries.failed:
        return {"asked": 0, "notified": 0}
    async with db.unit_of_work() as session:
        rows = await _lock_unchanged(session, due, {*answers, *queries.failed, *queries.skipped})
        for row in rows:
            if row.id in queries.skipped:  # behind those whose panel answers
                row.traffic_due_at = clock.now()
        asked = [row for row in rows if row.id not in queries.skipped]
        notified = await _note_usage(session, asked, answers)
    return {"asked": len(answers), "notified": notified}


def _is_limited() -> ColumnElement[bool]:
    """As ix_subscriptions_traffic has it: trials have notifications of their own."""
    return and_(
        Subscription.activation_status == ActivationStatus.ACTIVE,
        Subscription.traffic_limit_bytes > 0,
        ~Subscription.is_trial,
    )


async def _lock_unchanged(
    session: AsyncSession, due: Sequence[Subscription], asked: set[int]
) -> list[Subscription]:
    """What got more traffic meanwhile waits for the next round."""
    revisions = {row.id: row.revision for row in due if row.id in asked}
    rows = await session.scalars(
        select(Subscription)
        .where(Subscription.id.in_(revisions), _is_limited())
        .order_by(Subscription.id)
        .with_for_update(skip_locked=True)
    )
    return [row for row in rows if row.revision == revisions[row.id]]


async def _note_usage(
    session: AsyncSession, rows: Sequence[Subscription], answers: Mapping[int, Usage | None]
) -> int:
    """When each is asked about next, and how many users are notified."""
    reached: dict[int, int] = {}
    for row in rows:
        usage = answers.get(row.id)
        if usage is None:  # no answer, or an access that the panel does not have
            row.traffic_due_at = clock.now() + _RETRY_AFTER
            continue
        used, limit = usage.used_bytes, row.traffic_limit_bytes
        row.traffic_due_at = clock.now() + compute_traffic_check_delay(used, limit)
        percent = find_reached_percent(used, limit)
        if percent is not None and percent > (row.traffic_notified_percent or 0):
            row.traffic_notified_percent = reached[row.id] = percent
    noted = [row for row in rows if row.id in reached]
    numbers = await list_subscription_numbers(session, noted)
    offered = await list_with_extras(session, reached, ExtraKind.TRAFFIC)
    notifications = [
        _to_notification(row, reached[row.id], answers[row.id], numbers.get(row.id), offered)
        for row in noted
    ]
    await notify(session, *notifications)
    return len(notifications)


def _to_notification(
    row: Subscription,
    percent: int,
    usage: Usage | None,
    number: str | None,
    offered: Collection[int],
) -> Notification:
    """`offered`: subscriptions that extra traffic can be bought for."""
    limit = row.traffic_limit_bytes
    values = {
        "subscription": row.id,
        "number": number,
        "limit_bytes": limit,
        "left_bytes": max(limit - usage.used_bytes, 0) if usage else 0,
        "expires_at": row.expires_at.isoformat(),
        "renews": int(row.term_id is not None),
        "extras": int(row.id in offered),
    }
    template = "traffic-over" if percent == ALL_PERCENT else "traffic-low"
    return Notification(f"traffic:{row.id}:{row.revision}:{percent}", row.user_id, template, values)
