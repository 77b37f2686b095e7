"""The free trial: once a user, and accompanied by a few notifications."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    DateTime,
    and_,
    exists,
    literal_column,
    not_,
    select,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Purchase, Subscription, User
from app.db.unit_of_work import Database
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.ports import Channels, Usage, VpnPanel
from app.domain.reminders import compute_reminder_horizon
from app.domain.shop_settings import ShopSettings
from app.domain.subscriptions import ActivationStatus
from app.domain.trials import (
    ENDING_BEFORE,
    STEPS_NEEDING_USAGE,
    UNUSED_STEP_DELAYS,
    UNUSED_STEPS,
    Trial,
    TrialStep,
    choose_trial_template,
    find_due_trial_step,
    get_notified_step,
)
from app.services.access.panel_work import is_on_any_panel
from app.services.access.usage_queries import UsageQueries, UsageQuery, build_usage_query
from app.services.notifications.notify import Notification, notify
from app.services.purchases.channel_membership import require_channel_member
from app.services.purchases.orders import build_purchase
from app.services.purchases.promo_codes import get_promo_trial_days, use_promo_trial_days
from app.services.purchases.sales import complete_sale
from app.services.users import lock_user

TRIAL_BATCH = 500
# As ix_subscriptions_trials_halfway has it.
_halfway_at = literal_column(
    "timezone('UTC', subscriptions.created_at)"
    " + (subscriptions.expires_at - subscriptions.created_at) / 2",
    DateTime(),
)


class TrialUsedError(ExpectedError):
    text_key = "error-trial-taken"


class TrialClosedError(ExpectedError):
    text_key = "error-trial-closed"


async def claim_trial(
    db: Database, channels: Channels, user_id: int, shop: ShopSettings
) -> Purchase:
    """Raises TrialClosedError, TrialUsedError, NotMemberError, MembershipUnknownError."""
    if not shop.trial_enabled:
        raise TrialClosedError
    if shop.trial_channel:
        await _require_new(db, user_id)
        await require_channel_member(db, channels, user_id, shop.trial_channel, "trial-channel")
    return await start_trial(db, user_id, shop)


async def get_trial_length_days(db: Database, user_id: int, shop: ShopSettings) -> int:
    """How long the trial would be for this user: a promo code may make it longer."""
    async with db.read_only() as session:
        return shop.trial_days + await get_promo_trial_days(session, user_id)


async def start_trial(db: Database, user_id: int, shop: ShopSettings) -> Purchase:
    """The trial as the shop gives it now. Raises TrialUsedError."""
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)
        await _require_no_access_yet(session, user_id)
        purchase = build_purchase(user_id, PurchaseKind.TRIAL)
        purchase.days = shop.trial_days + await use_promo_trial_days(session, user_id)
        purchase.traffic_limit_bytes = shop.trial_traffic_bytes
        purchase.device_limit = shop.trial_devices
        session.add(purchase)
        await session.flush()
        await complete_sale(session, purchase, shop)
    return purchase


async def is_trial_key_pending(db: Database, user_id: int) -> bool:
    """Whether a trial was taken whose key is on its way."""
    async with db.read_only() as session:
        coming: bool | None = await session.scalar(
            select(
                exists().where(
                    Purchase.user_id == user_id,
                    Purchase.kind == PurchaseKind.TRIAL,
                    Purchase.status == PurchaseStatus.PAID,
                    Purchase.delivered_at.is_(None),
                )
            )
        )
    return bool(coming)


async def _require_new(db: Database, user_id: int) -> None:
    async with db.unit_of_work() as session:
        await _require_no_access_yet(session, user_id)


async def _require_no_access_yet(session: AsyncSession, user_id: int) -> None:
    if await session.scalar(select(User.had_access_at).where(User.id == user_id)):
        raise TrialUsedError


@dataclass(frozen=True, slots=True)
class _DueStep:
    """A step of a trial, as it stood when it was read."""

    usage: UsageQuery
    trial: Trial
    step: TrialStep

    @property
    def subscription_id(self) -> int:
        return self.usage.subscription_id


async def notify_trial_steps(db: Database, panel: VpnPanel, shop: ShopSettings) -> dict[str, int]:
    """One round over the steps that are due; `left` were not asked about for want of calls."""
    now = clock.now()
    horizon = compute_reminder_horizon(now, shop)
    if horizon is None:
        return {"notified": 0, "left": 0}
    notified, queries = 0, UsageQueries(panel)
    while True:
        async with db.unit_of_work() as session:
            running = await _list_running(session, now, horizon, away_ids := {*queries.away_ids})
        dues = [due for row, at in running if (due := _to_due(row, at, now, shop))]
        answers = await queries.ask([due.usage for due in dues if due.step in STEPS_NEEDING_USAGE])
        ready = [due for due in dues if _is_ready(due, answers, is_away=queries.is_away(due.usage))]
        if ready:
            async with db.unit_of_work() as session:
                notified += await _notify_due_steps(session, ready, answers)
        # A panel that is found away leaves the next batch to the others.
        goes_on = bool(ready) or queries.away_ids != away_ids
        if not goes_on or len(running) < TRIAL_BATCH:
            asked = [due for due in dues if not queries.is_away(due.usage)]
            left = {due.subscription_id for due in asked} - {due.subscription_id for due in ready}
            return {"notified": notified, "left": len(left)}


async def _list_running(
    session: AsyncSession, now: datetime, horizon: datetime, away_ids: Collection[int | None]
) -> list[tuple[Subscription, datetime]]:
    """Trials that may be due, each with when its key came."""
    ids = await _list_ids_due(session, now, horizon, away_ids)
    if not ids:
        return []
    key_came_at = (
        select(Purchase.delivered_at)
        .where(Purchase.user_id == Subscription.user_id, Purchase.kind == PurchaseKind.TRIAL)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(Subscription, key_came_at.label("key_came_at"))
        .where(Subscription.id.in_(ids))
        .order_by(Subscription.id)
    )
    return [(row.Subscription, row.key_came_at or row.Subscription.created_at) for row in rows]


async def _list_ids_due(
    session: AsyncSession, now: datetime, horizon: datetime, away_ids: Collection[int | None]
) -> Sequence[int]:
    """A batch of each step: a branch that reads its own part of an index, and stops."""
    runs = and_(
        Subscription.is_trial,
        Subscription.activation_status == ActivationStatus.ACTIVE,
        Subscription.expires_at > now,
        *([not_(is_on_any_panel(away_ids))] if away_ids else []),
    )
    branches = [
        select(Subscription.id)
        .where(runs, is_due)
        .order_by(Subscription.trial_notified_step, moment)
        .limit(TRIAL_BATCH)
        for moment, is_due in _list_branches(now, horizon)
    ]
    return (await session.scalars(select(union(*branches).subquery().c.id))).all()


def _list_branches(
    now: datetime, horizon: datetime
) -> Iterator[tuple[ColumnExpressionArgument[datetime], ColumnElement[bool]]]:
    """A trial's key comes after the trial was made, so none that is due is left out."""
    notified = Subscription.trial_notified_step
    hour, day = TrialStep.UNUSED_HOUR, TrialStep.UNUSED_DAY
    created_at, expires_at = Subscription.created_at, Subscription.expires_at
    yield created_at, and_(notified.is_(None), created_at <= now - UNUSED_STEP_DELAYS[hour])
    yield created_at, and_(notified == hour, created_at <= now - UNUSED_STEP_DELAYS[day])
    for unused in (hour, day):
        utc_now = now.astimezone(UTC).replace(tzinfo=None)
        yield _halfway_at, and_(notified == unused, _halfway_at <= utc_now)
    for earlier in (None, hour, day, TrialStep.HALFWAY):
        yield expires_at, and_(notified == earlier, expires_at <= horizon + ENDING_BEFORE)


def _to_due(
    row: Subscription, started_at: datetime, now: datetime, shop: ShopSettings
) -> _DueStep | None:
    notified = TrialStep(row.trial_notified_step) if row.trial_notified_step else None
    trial = Trial(started_at, row.expires_at, notified)
    step = find_due_trial_step(trial, now, shop)
    if step is None:
        return None
    return _DueStep(build_usage_query(row), trial, step)


def _is_ready(due: _DueStep, answers: dict[int, Usage | None], *, is_away: bool) -> bool:
    """A panel that is away delays only what makes no sense without its answer."""
    if due.step not in STEPS_NEEDING_USAGE or due.subscription_id in answers:
        return True
    return is_away and due.step not in UNUSED_STEPS


async def _notify_due_steps(
    session: AsyncSession, dues: Sequence[_DueStep], answers: dict[int, Usage | None]
) -> int:
    """What changed since it was read waits for the next round."""
    rows = await session.scalars(
        select(Subscription)
        .where(
            Subscription.id.in_([due.subscription_id for due in dues]),
            Subscription.is_trial,
            Subscription.activation_status == ActivationStatus.ACTIVE,
        )
        .with_for_update(skip_locked=True)
    )
    current = {row.id: row for row in rows}
    notifications = []
    for due in dues:
        row = current.get(due.subscription_id)
        if row is None or (row.expires_at, row.trial_notified_step) != (
            due.trial.expires_at,
            due.trial.notified,
        ):
            continue
        usage = answers.get(row.id)
        row.trial_notified_step = get_notified_step(due.step, usage)
        notifications += _to_notifications(row, due.step, usage)
    await notify(session, *notifications)
    return len(notifications)


def _to_notifications(
    row: Subscription, step: TrialStep, usage: Usage | None
) -> list[Notification]:
    template = choose_trial_template(step, usage)
    if template is None:
        return []
    return [
        Notification(
            f"trial:{row.id}:{step}:{row.expires_at:%Y%m%dT%H%M%S}",
            row.user_id,
            template,
            {
                "subscription": row.id,
                "expires_at": row.expires_at.isoformat(),
                "used_bytes": usage.used_bytes if usage else None,
                "limit_bytes": row.traffic_limit_bytes,
            },
        )
    ]
