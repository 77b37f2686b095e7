"""A world per test; beside it, for tests that ask, a service that gets its webhooks."""

import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from sandbox.world import WorldConfig, WorldServer, serve_world
from sandbox.world.server import serve_app
from tests.sandbox.world.peers import Api, Service
from tests.support.plain_http import NO_CERTIFICATES


@pytest.fixture
def config() -> WorldConfig:
    return WorldConfig(
        bot_token="4242:bot", cryptobot_token="77:crypto", panel_key="panel", retry_scale=0.002
    )


@pytest.fixture
async def server(config: WorldConfig) -> AsyncIterator[WorldServer]:
    async with serve_world(config) as server:
        yield server


@pytest.fixture
async def service(config: WorldConfig) -> AsyncIterator[Service]:
    service = Service()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        service.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config.cryptobot_webhook_url = f"{service.url}/webhooks/cryptobot"
        config.remnawave_webhook_url = f"{service.url}/webhooks/remnawave"
        async with serve_app(service.app(), listener):
            yield service


@pytest.fixture
async def client(server: WorldServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=server.url, trust_env=False, verify=NO_CERTIFICATES
    ) as client:
        yield client


@pytest.fixture
def telegram(client: httpx.AsyncClient) -> Api:
    return Api(client, "/bot4242:bot", {})


@pytest.fixture
def crypto(client: httpx.AsyncClient) -> Api:
    return Api(client, "/cryptopay/api", {"Crypto-Pay-API-Token": "77:crypto"})


@pytest.fixture
def panel(client: httpx.AsyncClient) -> Api:
    return Api(client, "/panel", {"X-API-Key": "panel"})


@pytest.fixture
def control(client: httpx.AsyncClient) -> Api:
    return Api(client, "/world", {})


@pytest.fixture
async def anna(control: Api) -> int:
    """Somebody who has pressed Start, so that the bot may write."""
    await control("people/1001/send", text="/start")
    return 1001


@pytest.fixture
async def webhook(telegram: Api, service: Service) -> str:
    """The bot's webhook, set while nothing waits."""
    url = f"{service.url}/telegram/webhook"
    answer = await telegram("setWebhook", url=url, secret_token="made-up_secret-1")
    assert answer == {"ok": True, "result": True}
    return url


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        yield await playwright.chromium.connect(chromium)


@pytest.fixture(scope="session")
async def window(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Opening one costs the processor more than a page in it; each world is an origin."""
    window = await browser.new_context(reduced_motion="reduce")
    await window.new_page()  # keeps it open between the tests
    yield window
    await window.close()


@pytest.fixture
async def page(
    window: BrowserContext, server: WorldServer, service: Service
) -> AsyncIterator[Page]:
    problems: list[str] = []
    page = await window.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(server.url)
    await expect(page.get_by_test_id("person-1001")).to_be_visible()
    yield page
    await page.close()
    assert problems == []
    assert service.gate.is_set()
