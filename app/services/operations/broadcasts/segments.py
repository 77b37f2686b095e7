"""Which users a broadcast is for, as one query: read as a number, and written as recipients.

Bulk actions choose by the same segments.
"""

from collections.abc import Callable
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    String,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import (
    BroadcastRecipient,
    Campaign,
    CampaignVisit,
    Plan,
    PromoCode,
    PromoUse,
    Purchase,
    Subscription,
    User,
)
from app.db.parts import insert_in_parts
from app.domain.broadcasts import RecipientState, Segment, SegmentKind, UserSource
from app.domain.payments import SOLD_STATUSES, PurchaseKind
from app.domain.subscriptions import RUNNING_STATUSES

_Condition = Callable[[Segment], ColumnElement[bool]]

_BOUGHT_KINDS: Final = (PurchaseKind.PLAN, PurchaseKind.RENEWAL, PurchaseKind.TOP_UP)


def _has_access() -> ColumnElement[bool]:
    """Of one of the user's subscriptions."""
    return and_(
        Subscription.user_id == User.id,
        Subscription.activation_status.in_(RUNNING_STATUSES),
        Subscription.ends_at > clock.now(),
    )


def _is_active(_: Segment) -> ColumnElement[bool]:
    return exists().where(_has_access(), Subscription.is_trial.is_(False))


def _has_trial(_: Segment) -> ColumnElement[bool]:
    return exists().where(_has_access(), Subscription.is_trial)


def _has_ended(segment: Segment) -> ColumnElement[bool]:
    now = clock.now()
    ended = exists().where(
        Subscription.user_id == User.id,
        Subscription.ends_at.between(now - segment.ended_within, now),
    )
    return and_(ended, ~exists().where(_has_access()))


def _never_bought(_: Segment) -> ColumnElement[bool]:
    return ~exists().where(
        Purchase.user_id == User.id,
        Purchase.status.in_(SOLD_STATUSES),
        Purchase.kind.in_(_BOUGHT_KINDS),
    )


def _has_plan(segment: Segment) -> ColumnElement[bool]:
    plan_id = select(Plan.id).where(Plan.code == segment.value).scalar_subquery()
    return exists().where(
        _has_access(), Subscription.is_trial.is_(False), Subscription.plan_id == plan_id
    )


def _came_by(segment: Segment) -> ColumnElement[bool]:
    if segment.value == UserSource.INVITED:
        return User.referrer_id.is_not(None)
    return User.referrer_id.is_(None)


def _used_promo_code(segment: Segment) -> ColumnElement[bool]:
    code_id = select(PromoCode.id).where(PromoCode.code == segment.value).scalar_subquery()
    is_sold = exists().where(
        Purchase.id == PromoUse.purchase_id, Purchase.status.in_(SOLD_STATUSES)
    )
    return exists().where(
        PromoUse.user_id == User.id,
        PromoUse.promo_code_id == code_id,
        or_(PromoUse.purchase_id.is_(None), is_sold),
    )


def _brought_by_campaign(segment: Segment) -> ColumnElement[bool]:
    campaign_id = select(Campaign.id).where(Campaign.code == segment.value).scalar_subquery()
    return exists().where(
        CampaignVisit.user_id == User.id,
        CampaignVisit.campaign_id == campaign_id,
        CampaignVisit.is_brought,
    )


_CONDITIONS: Final[dict[SegmentKind, _Condition]] = {
    SegmentKind.ACTIVE: _is_active,
    SegmentKind.TRIAL: _has_trial,
    SegmentKind.ENDED: _has_ended,
    SegmentKind.NEVER_BOUGHT: _never_bought,
    SegmentKind.PLAN: _has_plan,
    SegmentKind.SOURCE: _came_by,
    SegmentKind.PROMO_CODE: _used_promo_code,
    SegmentKind.CAMPAIGN: _brought_by_campaign,
}


def select_segment(segment: Segment) -> Select[int]:
    """All of it but those whom operators have blocked."""
    users = select(User.id).where(User.blocked_at.is_(None))
    if segment.language is not None:
        users = users.where(User.language == segment.language)
    if segment.kind is not SegmentKind.ALL:
        users = users.where(_CONDITIONS[segment.kind](segment))
    return users


def _select_readers(segment: Segment) -> Select[int]:
    """Of those who can be reached and want to be."""
    return select_segment(segment).where(
        User.unreachable_at.is_(None), User.broadcasts_off_at.is_(None)
    )


async def count_segment(session: AsyncSession, segment: Segment) -> int:
    """Step."""
    users = _select_readers(segment).subquery()
    return await session.scalar(select(func.count()).select_from(users)) or 0


async def add_recipients(session: AsyncSession, broadcast_id: int, segment: Segment) -> int:
    """All users of it; how many recipients it has. Step."""
    users = _select_readers(segment).subquery()
    rows = select(
        literal(broadcast_id, BigInteger).label("broadcast_id"),
        users.c.id.label("user_id"),
        literal(RecipientState.WAITING.value, String).label("state"),
        literal(clock.now(), DateTime(timezone=True)).label("due_at"),
        literal(0, BigInteger).label("attempts"),
    )
    await insert_in_parts(session, BroadcastRecipient, rows, key="user_id")
    of_it = BroadcastRecipient.broadcast_id == broadcast_id
    return await session.scalar(select(func.count()).where(of_it)) or 0
