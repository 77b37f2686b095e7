"""VPN clients at a page's address: the panel's configuration as they would get it there."""

import asyncio
import socket
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.api.customer_page import create_customer_page_routes
from app.core import clock
from app.db.models import Subscription
from app.domain.subscriptions import ActivationStatus
from app.services.access.subscription_configs import SubscriptionConfigs
from sandbox.world.server import serve_app
from tests.api.conftest import serve
from tests.api.site import BROWSER, ORIGIN, Site, create_pages, open_links
from tests.support.stall import BEN, stall_on

CLIENTS = [
    "Happ/3.7.0/Android/1753789372",
    "v2raytun/android",
    "HiddifyNext/2.5.7 (android) like ClashMeta v2ray sing-box",
    "v2rayNG/1.10.7",
    "Shadowrocket/2701 CFNetwork/3826.500.111.2.2 Darwin/24.4.0",
    "clash-verge/v2.4.2",
    "SFI/1.11.4 (Build 1; sing-box 1.11.4; language ru)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",  # as old releases of v2rayN: without its Accept
]
USAGE = "upload=0; download=1048576; total=107374182400; expire=1798675200"


@dataclass
class LinkServer:
    """Where a panel's subscription links lead; `answer` is what it says next."""

    url: str
    answer: Response = field(default_factory=lambda: Response(b"dmxlc3M6Ly8="))
    asked: list[Request] = field(default_factory=list)
    arrivals: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: Request) -> Response:
        self.asked.append(request)
        self.arrivals.release()
        await self.waiting.wait()
        return self.answer

    def say(self, status: int = 200, body: bytes = b"servers", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = Response(body, status, named, media_type="text/plain")


@dataclass
class Shop:
    site: Site
    links: LinkServer
    row: Subscription

    async def fetch(self, user_agent: str = CLIENTS[0], **headers: str) -> httpx.Response:
        asked = {"User-Agent": user_agent, "Accept": "*/*", **headers}
        return await self.site.client.get(f"/s/{self.row.page_token}", headers=asked)


@pytest.fixture
def fresh() -> timedelta:
    """For how long an answer is good."""
    return timedelta()


@pytest.fixture
async def shop(engine: AsyncEngine, fresh: timedelta) -> AsyncIterator[Shop]:
    """One subscription of Ben's."""
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        links = LinkServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        links.waiting.set()
        app = Starlette(routes=[Route("/{rest:path}", links.handle)])
        await stack.enter_async_context(serve_app(app, listener))
        client = await stack.enter_async_context(open_links())
        stall = await stack.enter_async_context(stall_on(engine))
        configs = SubscriptionConfigs(client, fresh)
        routes = create_customer_page_routes(create_pages(stall, configs))
        site = Site(stall, await stack.enter_async_context(serve(routes)))
        row = await site.buy(BEN, link=f"{links.url}/sub/2f0c?x=1")
        yield Shop(site, links, row)


@pytest.mark.parametrize("user_agent", CLIENTS)
async def test_a_client_gets_what_the_panel_has_for_it(shop: Shop, user_agent: str) -> None:
    """The panel learns which client it is, and which device, and nothing else of it."""
    shop.links.say(
        subscription_userinfo=USAGE,
        profile_title="base64:U2hvcA==",
        profile_update_interval="12",
        set_cookie="a=b",
        x_powered_by="panel",
    )
    answer = await shop.fetch(
        user_agent, **{"X-HWID": "0123456789", "Cookie": "c=d", "Authorization": "Bearer x"}
    )
    assert (answer.status_code, answer.content) == (200, b"servers")
    given = answer.headers
    assert given["subscription-userinfo"] == USAGE
    assert given["profile-title"] == "base64:U2hvcA=="
    assert given["profile-update-interval"] == "12"
    assert given["profile-web-page-url"] == f"{ORIGIN}/s/{shop.row.page_token}"
    assert given["cache-control"] == "no-store"
    assert not {"set-cookie", "x-powered-by"} & given.keys()
    (asked,) = shop.links.asked
    assert (asked.url.path, asked.url.query) == ("/sub/2f0c", "x=1")
    assert asked.headers["user-agent"] == user_agent
    assert asked.headers["x-hwid"] == "0123456789"
    assert not {"cookie", "authorization", "x-api-key"} & set(asked.headers)


async def test_browsers_and_previews_get_the_page_at_the_same_address(shop: Shop) -> None:
    for headers in (BROWSER, {"User-Agent": "TelegramBot (like TwitterBot)"}):
        page = await shop.site.client.get(f"/s/{shop.row.page_token}", headers=headers)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert f"happ://add/{ORIGIN}/s/{shop.row.page_token}" in page.text
    assert shop.links.asked == []


@pytest.mark.parametrize("fresh", [timedelta(minutes=1)])
async def test_one_question_for_all_who_ask_at_once_but_for_another_device(shop: Shop) -> None:
    shop.links.waiting.clear()
    asking = [asyncio.create_task(shop.fetch()) for _ in range(10)]
    other = asyncio.create_task(shop.fetch(**{"X-HWID": "9876543210"}))
    for _ in range(2):
        await shop.links.arrivals.acquire()
    shop.links.waiting.set()
    assert {answer.status_code for answer in await asyncio.gather(*asking, other)} == {200}
    assert len(shop.links.asked) == 2


async def test_a_panel_that_is_away_leaves_the_last_good_answer(shop: Shop) -> None:
    shop.links.say(503)
    first = await shop.fetch()
    assert (first.status_code, first.headers["retry-after"]) == (503, "30")
    shop.links.say(body=b"good", subscription_userinfo=USAGE)
    assert (await shop.fetch()).content == b"good"
    shop.links.say(502)
    kept = await shop.fetch()
    assert (kept.status_code, kept.content) == (200, b"good")
    assert kept.headers["subscription-userinfo"] == USAGE
    # Another link (a new key, another panel) is another matter.
    await shop.site.stall.change(shop.row, link=f"{shop.links.url}/sub/other")
    assert (await shop.fetch()).status_code == 503


async def test_a_refusal_of_the_panel_is_the_clients_to_read(shop: Shop) -> None:
    shop.links.say(403, b"Device limit reached", x_hwid_limit="true")
    answer = await shop.fetch()
    assert (answer.status_code, answer.content) == (403, b"Device limit reached")
    assert answer.headers["x-hwid-limit"] == "true"


async def test_nothing_but_the_link_itself_is_asked_and_nothing_odd_passed_on(shop: Shop) -> None:
    """P12: neither a redirect nor a huge body nor a header that could be another one."""
    shop.links.answer = RedirectResponse(f"{shop.links.url}/inner/secrets")
    assert (await shop.fetch()).status_code == 503
    assert [request.url.path for request in shop.links.asked] == ["/sub/2f0c"]

    shop.links.say(body=b"x" * (1024 * 1024 + 1))
    assert (await shop.fetch()).status_code == 503

    shop.links.say(
        body=b"good", announce="ü" * 10, routing="r" * 9000, support_url="https://t.me/a"
    )
    answer = await shop.fetch(**{"X-HWID": "h" * 257, "X-Device-OS": ""})
    assert answer.content == b"good"
    assert answer.headers["support-url"] == "https://t.me/a"
    assert not {"announce", "routing"} & answer.headers.keys()
    assert not {"x-hwid", "x-device-os"} & set(shop.links.asked[-1].headers)

    await shop.site.stall.change(shop.row, link="file:///etc/passwd")
    assert (await shop.fetch()).status_code == 503


@pytest.mark.parametrize(
    "key",
    ["vless://0000@203.0.113.7:443?security=reality#Анна", "ss://YWVzOng@203.0.113.7:8388#x"],
)
async def test_a_key_in_the_place_of_a_link_is_a_subscription_of_one(shop: Shop, key: str) -> None:
    await shop.site.stall.change(shop.row, link=key)
    answer = await shop.fetch(CLIENTS[3])
    assert (answer.status_code, shop.links.asked) == (200, [])
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert b64decode(answer.content).decode().splitlines() == [key]


async def test_what_has_no_configuration_says_so_in_a_line(shop: Shop) -> None:
    now = clock.now()
    await shop.site.stall.change(shop.row, link=None, activation_status=ActivationStatus.PENDING)
    assert (await shop.fetch()).status_code == 503
    await shop.site.stall.change(shop.row, ends_at=now, expires_at=now)
    ended = await shop.fetch()
    page_url = f"{ORIGIN}/s/{shop.row.page_token}"
    assert (ended.status_code, ended.text) == (
        403,
        f"This subscription has ended. Renew it: {page_url}\n",
    )
    unknown = await shop.site.client.get(f"/s/{'x' * 32}", headers={"User-Agent": CLIENTS[0]})
    assert (unknown.status_code, unknown.text) == (404, "unknown\n")
    assert shop.links.asked == []
