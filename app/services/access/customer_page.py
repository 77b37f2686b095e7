"""What the page on the web shows of a subscription, read by the token in its address."""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select

from app.db.models import Plan, Subscription, User
from app.db.unit_of_work import Database
from app.domain.customer_page import is_page_token
from app.domain.ports import PortError, Usage, VpnPanel
from app.domain.shop_settings import ShopSettings
from app.domain.subscriptions import ActivationStatus
from app.services import shop_settings
from app.services.access import panel_work
from app.services.access.devices import SubscriptionDevices
from app.services.access.recent_devices import RecentDevices
from app.services.access.subscriptions import SubscriptionPage

_USAGE_SECONDS: Final = 2  # the page is of use without the traffic, too


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """For a reader of whom nothing is known but that they have its address."""

    shown: SubscriptionPage
    language: str  # its user's
    shop: ShopSettings
    devices: SubscriptionDevices | None = None  # where there is a limit, and the panel lists them


async def find_customer_page(db: Database, token: str) -> CustomerPage | None:
    """Without traffic. One query, none for what cannot be a token."""
    if not is_page_token(token):
        return None
    query = (
        select(Subscription, Plan, User.language, shop_settings.select_shop_settings())
        .join(User, User.id == Subscription.user_id)
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .where(Subscription.page_token == token)
    )
    async with db.read_only() as session:
        row = (await session.execute(query)).first()
    if row is None:
        return None
    subscription, plan, language, settings = row
    shop = shop_settings.parse_shop_settings(settings)
    return CustomerPage(SubscriptionPage(subscription, None, plan), language, shop)


async def ask_panel(
    panel: VpnPanel | None, recent: RecentDevices, page: CustomerPage
) -> CustomerPage:
    """With traffic and devices, side by side; without what the panel does not say soon."""
    subscription = page.shown.subscription
    if panel is None or subscription.activation_status is not ActivationStatus.ACTIVE:
        return page
    usage, devices = await asyncio.gather(
        _get_usage(panel, subscription), _get_devices(recent, subscription)
    )
    return replace(page, shown=replace(page.shown, usage=usage), devices=devices)


async def _get_devices(
    recent: RecentDevices, subscription: Subscription
) -> SubscriptionDevices | None:
    return await recent.get(subscription) if subscription.device_limit else None


async def _get_usage(panel: VpnPanel, subscription: Subscription) -> Usage | None:
    access = panel_work.build_access_ref(subscription)
    try:
        async with asyncio.timeout(_USAGE_SECONDS):
            return await panel_work.call_panel(panel.get_usage(access))
    except (TimeoutError, PortError):
        return None
