"""What a purchase gives: a new subscription, more of one, or another plan for it."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.tracing import get_trace_parent
from app.db.models import Panel, Plan, Purchase, Subscription, User
from app.domain.extras import add_extra, compute_extra_left, without_extra
from app.domain.panels import DEFAULT_PANEL
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.shop_settings import ShopSettings
from app.domain.subscriptions import (
    ENDED_STATUSES,
    ActivationStatus,
    add_limits,
    get_period_start,
    wider_limit,
)
from app.services.access.extra_devices import recount_extra_devices
from app.services.access.panel_work import wake_activation
from app.services.access.reminders import withdraw_reminders


async def grant_access(
    session: AsyncSession, purchase: Purchase, shop: ShopSettings
) -> Subscription:
    """Carry the purchase out and record what it covers; the caller has locked the user."""
    now = clock.now()
    subscription = await _lock_target(session, purchase)
    has_place = subscription is not None and (
        subscription.activation_status is not ActivationStatus.REMOVED
    )
    if subscription is None:
        start, subscription = now, _create(session, purchase, now)
    elif purchase.is_change:
        start = now
        await _change_plan(session, subscription, purchase, now)
    else:
        start = get_period_start(
            subscription.activation_status, subscription.expires_at, subscription.ends_at, now
        )
        await _extend(session, subscription, purchase)
    subscription.expires_at = subscription.ends_at = start + timedelta(days=purchase.days)
    if purchase.kind in {PurchaseKind.PLAN, PurchaseKind.RENEWAL}:
        subscription.is_trial = False
        subscription.plan_id, subscription.term_id = purchase.plan_id, purchase.term_id
    elif purchase.plan_id is not None:
        _take_gift_plan(subscription, purchase.plan_id)
    if not subscription.is_trial:
        subscription.ends_at += shop.grace
    subscription.traffic_due_at, subscription.traffic_notified_percent = now, None
    await _take_groups(session, subscription, purchase, has_place=has_place)
    if not has_place:  # the worker that brings it there chooses, before it asks a panel
        subscription.panel_id, subscription.awaits_panel = None, True
    request_provisioning(session, subscription)
    if subscription.id is None:
        await session.flush()  # before anything of the purchase changes, which is written once
    else:
        await withdraw_reminders(session, subscription)
    await _mark_had_access(session, purchase.user_id, now)
    purchase.covers_from, purchase.covers_until = start, subscription.expires_at
    purchase.subscription_id = subscription.id
    purchase.subscription_revision = subscription.revision
    return subscription


def request_provisioning(session: AsyncSession, subscription: Subscription) -> None:
    """The panel must be brought to what the row says now."""
    subscription.revision += 1
    subscription.activation_status = ActivationStatus.PENDING
    subscription.attempts = 0
    subscription.due_at = clock.now()
    subscription.trace_parent = get_trace_parent()
    wake_activation(session)


async def _take_groups(
    session: AsyncSession, subscription: Subscription, purchase: Purchase, *, has_place: bool
) -> None:
    """Those of its plan, which who checks the offer has read with its price.

    What stays on a panel that the plan does not name any more keeps its own: that panel may not
    have the others.
    """
    if purchase.plan_id is None:
        return
    with session.no_autoflush:  # it is written once, when it is whole
        plan = await session.get_one(Plan, purchase.plan_id)
        stays = has_place and plan.panel_group is not None and not subscription.awaits_panel
        if stays and not await _is_on_panel_of(session, subscription, plan.panel_group):
            return
    subscription.access_groups = plan.access_groups or None


async def _is_on_panel_of(
    session: AsyncSession, subscription: Subscription, wanted: str | None
) -> bool:
    """`wanted`: a panel's name or a group."""
    is_default = subscription.panel_id is None
    own = Panel.name == DEFAULT_PANEL if is_default else Panel.id == subscription.panel_id
    named = or_(Panel.name == wanted, Panel.panel_group == wanted)
    return await session.scalar(select(Panel.id).where(own, named)) is not None


async def _mark_had_access(session: AsyncSession, user_id: int, now: datetime) -> None:
    user = await session.get_one(User, user_id)
    user.had_access_at = user.had_access_at or now


async def _lock_target(session: AsyncSession, purchase: Purchase) -> Subscription | None:
    wanted = Subscription.id == purchase.subscription_id
    if purchase.subscription_id is None:
        if purchase.is_separate:
            return None
        # Of two first orders paid one after the other, the second is for what the first made.
        now = clock.now()
        ended = Subscription.activation_status.in_(ENDED_STATUSES) | (Subscription.ends_at <= now)
        same = Subscription.plan_id.is_(None) | (Subscription.plan_id == purchase.plan_id)
        wanted = (Subscription.user_id == purchase.user_id) & (ended | same)
    subscription: Subscription | None = await session.scalar(
        select(Subscription)
        .where(wanted)
        .order_by(Subscription.ends_at.desc(), Subscription.id)
        .limit(1)
        .with_for_update()
    )
    return subscription


def _create(session: AsyncSession, purchase: Purchase, now: datetime) -> Subscription:
    subscription = Subscription(
        user_id=purchase.user_id,
        access_id=uuid4(),
        created_at=now,
        is_trial=purchase.kind is PurchaseKind.TRIAL,
        auto_renew=False,
        traffic_limit_bytes=purchase.traffic_limit_bytes,
        device_limit=purchase.device_limit,
        used_before_bytes=0,
        revision=0,
    )
    session.add(subscription)
    return subscription


async def _extend(session: AsyncSession, subscription: Subscription, purchase: Purchase) -> None:
    """Adds to what is left; what has ended begins anew, its traffic too."""
    status, is_retiring = subscription.activation_status, subscription.retired_access_id
    if status is ActivationStatus.REMOVAL_PENDING and is_retiring is None:
        # Nobody knows what the panel still counts for the old access: so it is removed, and a new
        # one made.
        retire_access(subscription)
        subscription.link, status = None, ActivationStatus.REMOVED
    if status is ActivationStatus.REMOVED:
        subscription.used_before_bytes = subscription.extra_traffic_bytes = 0
        subscription.traffic_limit_bytes = purchase.traffic_limit_bytes
        await _begin_device_limit(session, subscription, purchase)
    else:
        subscription.traffic_limit_bytes = add_limits(
            subscription.traffic_limit_bytes, purchase.traffic_limit_bytes
        )
        extra = subscription.extra_devices
        of_plans = without_extra(subscription.device_limit, extra)
        limit = wider_limit(of_plans, purchase.device_limit)
        subscription.device_limit = add_extra(limit, extra)


async def _begin_device_limit(
    session: AsyncSession, subscription: Subscription, purchase: Purchase
) -> None:
    """With the extra devices that are paid for still."""
    extra = subscription.extra_devices
    subscription.device_limit = add_extra(purchase.device_limit, extra)
    if extra:
        await recount_extra_devices(session, [subscription])


def retire_access(subscription: Subscription) -> None:
    """Another one takes its place: where it was being moved, the one that was begun there."""
    subscription.retired_access_id = subscription.access_id
    if subscription.next_panel_id is None or subscription.next_access_id is None:
        subscription.access_id = uuid4()
        return
    subscription.retired_panel_id = subscription.panel_id
    subscription.retired_panel_name = subscription.panel_name
    subscription.access_id = subscription.next_access_id
    subscription.panel_id = subscription.next_panel_id
    subscription.next_panel_id = subscription.next_access_id = None


def _take_gift_plan(subscription: Subscription, plan_id: int) -> None:
    """What renews itself goes on as its user has agreed to; a gift agrees to no price."""
    subscription.is_trial = False
    if subscription.plan_id != plan_id:
        subscription.plan_id, subscription.term_id = plan_id, None
        subscription.auto_renew = False


async def _change_plan(
    session: AsyncSession, subscription: Subscription, purchase: Purchase, now: datetime
) -> None:
    """The new plan begins now; what was left of the old one is on the balance already."""
    await session.execute(
        update(Purchase)
        .where(
            Purchase.subscription_id == subscription.id,
            Purchase.status == PurchaseStatus.PAID,
            Purchase.covers_until > now,
            Purchase.extra_id.is_(None),  # the new plan keeps them
        )
        .values(covers_from=func.least(Purchase.covers_from, now), covers_until=now)
        .execution_options(synchronize_session=False)
    )
    # The panel goes on counting: what was used until now must not be taken from the new traffic.
    used, limit = purchase.base_used_bytes, purchase.traffic_limit_bytes
    if subscription.activation_status is ActivationStatus.REMOVED:
        used = subscription.used_before_bytes = subscription.extra_traffic_bytes = 0
    extra_left = compute_extra_left(
        subscription.extra_traffic_bytes, subscription.traffic_limit_bytes, used
    )
    subscription.extra_traffic_bytes = extra_left if limit else 0
    subscription.traffic_limit_bytes = used + limit + extra_left if limit else 0
    await _begin_device_limit(session, subscription, purchase)
