"""A user's subscriptions: all of them as a list, and one as a page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.errors import ExpectedError
from app.core.money import Money
from app.db.models import Plan, Purchase, Subscription
from app.db.unit_of_work import Database
from app.domain.customer_page import create_page_token
from app.domain.extras import ExtraKind
from app.domain.payments import PurchaseStatus
from app.domain.ports import DeviceList, PortError, Usage, VpnPanel
from app.domain.subscriptions import ENDED_STATUSES, RUNNING_STATUSES, ActivationStatus
from app.services import shop_settings
from app.services.access.extra_offers import has_extras
from app.services.access.panel_work import build_access_ref, find_panel
from app.services.access.renewal_forecasts import RenewalForecast, list_renewal_forecasts
from app.services.notifications.key_messages import save_key_message

_MAX_ENDED_SHOWN: Final = 3
_MAX_SHOWN: Final = 20  # more than that fits no keyboard


class SubscriptionGoneError(ExpectedError):
    text_key = "error-subscription-gone"


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    """`usage` is of its present access, None when the panel does not answer.

    `forecast` is of one that renews itself, and only on a page of its own.
    """

    subscription: Subscription
    usage: Usage | None
    plan: Plan | None = None  # None for a trial or a gift
    is_only: bool = True
    forecast: RenewalForecast | None = None
    top_up: Money | None = None  # what brings the missing money, where that can be ordered
    awaited: Purchase | None = None  # the oldest that the panel does not hold yet
    has_devices: bool = False  # a list of the panel's, and a limit or a device on it
    sells_traffic: bool = False  # whether more of it can be bought

    @property
    def used_bytes(self) -> int | None:
        """With what was used before the key was replaced."""
        if self.usage is None:
            return None
        return (self.subscription.used_before_bytes or 0) + self.usage.used_bytes


def has_subscription_ended(subscription: Subscription, now: datetime) -> bool:
    return subscription.activation_status in ENDED_STATUSES or subscription.ends_at <= now


async def list_subscription_pages(db: Database, user_id: int) -> list[SubscriptionPage]:
    """Without traffic. The one that ends first is the first, the newest of the ended ones last."""
    async with db.read_only() as session:
        rows = (await session.execute(_select_pages(user_id))).all()
    now = clock.now()
    pages = [
        SubscriptionPage(
            row, None, plan, len(rows) == 1, awaited=awaited, sells_traffic=sells_traffic
        )
        for row, plan, awaited, sells_traffic in rows
    ]
    working = [page for page in pages if not has_subscription_ended(page.subscription, now)]
    ended = [page for page in pages if has_subscription_ended(page.subscription, now)]
    working.sort(key=lambda page: (page.subscription.expires_at, page.subscription.id))
    ended.sort(key=lambda page: (page.subscription.ends_at, page.subscription.id), reverse=True)
    return [*working[: _MAX_SHOWN - _MAX_ENDED_SHOWN], *ended[:_MAX_ENDED_SHOWN]]


async def get_subscription_page(
    db: Database, panel: VpnPanel | None, user_id: int, subscription_id: int | None = None
) -> SubscriptionPage | None:
    """Without an id the first of the list; None for another user's as for one that is not."""
    pages = await list_subscription_pages(db, user_id)
    page = _pick_page(pages, subscription_id)
    if page is None and subscription_id is not None:
        page = await _get_old(db, user_id, subscription_id)
    if page is None:
        return None
    page = await _add_forecast(db, page)
    subscription = page.subscription
    if subscription.page_token is None and subscription.link is not None:
        await _give_page_token(db, subscription)
    if panel is None or subscription.activation_status is not ActivationStatus.ACTIVE:
        return page
    return await _ask_panel(panel, page)


async def save_shown_key_message(db: Database, user_id: int, link: str, message_id: int) -> None:
    """The message shows it, until another one takes its place."""
    async with db.unit_of_work() as session:
        await save_key_message(session, user_id, link, message_id)


async def list_subscription_numbers(
    session: AsyncSession, subscriptions: Collection[Subscription]
) -> dict[int, str]:
    """How notifications name them, by id: only where their user has others that run. A step."""
    return await _list_numbers(session, {row.id: row.user_id for row in subscriptions})


async def find_subscription_number(
    session: AsyncSession, subscription_id: int, user_id: int
) -> str | None:
    """How a notification names one; None where its user has no other that runs. A step."""
    numbers = await _list_numbers(session, {subscription_id: user_id})
    return numbers.get(subscription_id)


async def _list_numbers(session: AsyncSession, owners: Mapping[int, int]) -> dict[int, str]:
    """`owners`: the users, by their subscription's id."""
    if not owners:
        return {}
    runs = and_(
        Subscription.activation_status.in_(RUNNING_STATUSES), Subscription.ends_at > clock.now()
    )
    several = await session.scalars(
        select(Subscription.user_id)
        # Those of the notifications count themselves: one that has just ended runs no longer.
        .where(
            Subscription.user_id.in_(set(owners.values())), or_(Subscription.id.in_(owners), runs)
        )
        .group_by(Subscription.user_id)
        .having(func.count() > 1)
    )
    users = set(several)
    return {id_: str(id_) for id_, owner in owners.items() if owner in users}


async def _ask_panel(panel: VpnPanel, page: SubscriptionPage) -> SubscriptionPage:
    """As far as the panel answers."""
    access = build_access_ref(page.subscription)
    is_limited = page.subscription.device_limit > 0
    try:
        holder = await find_panel(panel, access)
        page = replace(page, has_devices=is_limited and isinstance(holder, DeviceList))
        page = replace(page, usage=await panel.get_usage(access))
        if not is_limited and isinstance(holder, DeviceList):
            page = replace(page, has_devices=bool(await holder.list_devices(access)))
    except PortError:
        return page
    return page


async def _give_page_token(db: Database, subscription: Subscription) -> None:
    """To a row of an older release, which has none."""
    async with db.unit_of_work() as session:
        subscription.page_token = await session.scalar(
            update(Subscription)
            .where(Subscription.id == subscription.id)
            .values(page_token=func.coalesce(Subscription.page_token, create_page_token()))
            .returning(Subscription.page_token)
        )


async def _add_forecast(db: Database, page: SubscriptionPage) -> SubscriptionPage:
    subscription = page.subscription
    renews = subscription.auto_renew and not subscription.is_trial
    if not renews or has_subscription_ended(subscription, clock.now()):
        return page
    async with db.read_only() as session:
        forecast = (await list_renewal_forecasts(session, [subscription])).get(subscription.id)
        settings = await shop_settings.load_shop_settings(session)
    if forecast is None:
        return page
    return replace(page, forecast=forecast, top_up=forecast.get_top_up(settings))


def _pick_page(
    pages: Sequence[SubscriptionPage], subscription_id: int | None
) -> SubscriptionPage | None:
    if subscription_id is None:
        return pages[0] if pages else None
    return next((page for page in pages if page.subscription.id == subscription_id), None)


async def _get_old(db: Database, user_id: int, subscription_id: int) -> SubscriptionPage | None:
    """One that the list does not show any more."""
    query = _select_pages(user_id).where(Subscription.id == subscription_id)
    async with db.read_only() as session:
        row = (await session.execute(query)).first()
    if row is None:
        return None
    return SubscriptionPage(
        row[0], None, row[1], is_only=False, awaited=row[2], sells_traffic=row[3]
    )


def _select_pages(user_id: int) -> Select[Subscription, Plan, Purchase, bool]:
    paid = aliased(Purchase)
    awaited_id = (
        select(paid.id)
        .where(
            paid.subscription_id == Subscription.id,
            paid.status == PurchaseStatus.PAID,
            paid.delivered_at.is_(None),
        )
        .order_by(paid.paid_at, paid.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(Subscription, Plan, Purchase, has_extras(ExtraKind.TRAFFIC))
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .outerjoin(Purchase, Purchase.id == awaited_id)
        .where(Subscription.user_id == user_id)
    )
