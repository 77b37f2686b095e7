"""Subscriptions' pages on the web, put together."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from app.api.customer_page import CustomerPages
from app.api.vpn_clients import VpnClientAnswers
from app.bootstrap.clients import Clients
from app.bot.web.customer_page import CustomerPageRenderer
from app.core.settings import Settings
from app.core.wakeups import Wakeups
from app.db.unit_of_work import INTERACTIVE_TIMEOUT, Database
from app.services.access.subscription_configs import SubscriptionConfigs

_AT_ONCE: Final = 2  # connections: whatever comes for pages leaves the pool to updates


def create_customer_pages(
    settings: Settings, engine: AsyncEngine, wakeups: Wakeups, clients: Clients
) -> CustomerPages:
    db = Database(engine, wakeups.wake, at_once=_AT_ONCE, unit_timeout=INTERACTIVE_TIMEOUT)
    return CustomerPages(
        db,
        clients.panels,
        CustomerPageRenderer(),
        clients.account,
        VpnClientAnswers(SubscriptionConfigs(clients.subscription_links)),
        settings.public_origin,
    )
