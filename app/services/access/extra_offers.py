"""What extra traffic and extra devices a subscription can be sold now."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.db.models import Extra, Subscription
from app.domain.extras import ExtraKind
from app.domain.subscriptions import RUNNING_STATUSES


def is_on_sale(kind: ExtraKind) -> ColumnElement[bool]:
    """Of extras joined to a subscription: what it can be sold.

    Of its plan's own ones, where there are any of the kind, else of the whole shop's.
    """
    own = aliased(Extra)
    has_own = (
        select(own.id)
        .where(own.plan_id == Subscription.plan_id, own.kind == kind, own.archived_at.is_(None))
        .correlate(Subscription)
        .exists()
    )
    return and_(
        Extra.kind == kind,
        Extra.archived_at.is_(None),
        or_(Extra.plan_id == Subscription.plan_id, and_(Extra.plan_id.is_(None), ~has_own)),
        takes_extras(kind),
    )


def takes_extras(kind: ExtraKind) -> ColumnElement[bool]:
    """Of a subscription: it runs, was paid for, and has a limit that can be raised."""
    has_traffic = kind is ExtraKind.TRAFFIC
    limit = Subscription.traffic_limit_bytes if has_traffic else Subscription.device_limit
    return and_(
        Subscription.activation_status.in_(RUNNING_STATUSES),
        Subscription.expires_at > clock.now(),
        Subscription.is_trial.is_(False),
        limit > 0,
    )


def has_extras(kind: ExtraKind) -> ColumnElement[bool]:
    """Of a subscription: whether anything of the kind can be bought for it now."""
    return select(Extra.id).where(is_on_sale(kind)).correlate(Subscription).exists()


async def list_with_extras(
    session: AsyncSession, subscription_ids: Collection[int], kind: ExtraKind
) -> set[int]:
    """Of these, the ones that something of the kind can be bought for. A step."""
    if not subscription_ids:
        return set()
    rows = await session.scalars(
        select(Subscription.id).where(Subscription.id.in_(subscription_ids), has_extras(kind))
    )
    return set(rows)
