"""A site of subscriptions' pages, and users who buy what they show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from app.api.customer_page import CustomerPages
from app.api.vpn_clients import VpnClientAnswers
from app.bot.web.customer_page import CustomerPageRenderer
from app.clients.subscription_links import HttpSubscriptionLinks
from app.db.models import Subscription
from app.services.access.activation import provision_due_subscriptions
from app.services.access.subscription_configs import SubscriptionConfigs
from tests.support.stall import ANNA, Stall

ORIGIN: Final = "https://shop.example"
LINK: Final = "https://vpn.example/sub/2f0c"
IPHONE: Final = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
BROWSER: Final = {
    "User-Agent": IPHONE,
    "Accept": "text/html",
    "Accept-Language": "en-GB,en;q=0.9",
}


class Account:
    async def get_username(self) -> str:
        return "shop_bot"


@dataclass
class Site:
    stall: Stall
    client: httpx.AsyncClient

    async def buy(self, user_id: int = ANNA, **values: object) -> Subscription:
        """Bought and delivered, with what else is true of it."""
        await self.stall.buy_and_pay(user_id)
        await provision_due_subscriptions(self.stall.db, self.stall.panel)
        subscription = await self.stall.subscription(user_id)
        await self.stall.change(subscription, **{"link": LINK, **values})
        return await self.stall.again(subscription)

    async def open(self, row: Subscription, query: str = "", **headers: str) -> httpx.Response:
        return await self.get(f"{row.page_token}{query}", **headers)

    async def get(self, rest: str, **headers: str) -> httpx.Response:
        return await self.client.get(f"/s/{rest}", headers={**BROWSER, **headers})


@asynccontextmanager
async def open_links() -> AsyncIterator[HttpSubscriptionLinks]:
    links = HttpSubscriptionLinks()
    yield links
    await links.aclose()


def create_pages(stall: Stall, configs: SubscriptionConfigs) -> CustomerPages:
    answers = VpnClientAnswers(configs)
    return CustomerPages(stall.db, stall.panel, CustomerPageRenderer(), Account(), answers, ORIGIN)
