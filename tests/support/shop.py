"""The whole shop for a test: the world, the service beside it, and users who chat with it."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.bootstrap import ServiceParts, create_app
from app.core.settings import load_settings
from sandbox.world import WorldConfig, WorldServer, serve_world
from sandbox.world.server import serve_app
from sandbox.world.telegram.views import message_for_page
from sandbox.world.world import World as SandboxWorld
from tests.support.eventually import eventually
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
BOT_TOKEN = "123456789:AAShop-test-token_0123456789abcdefg"
CRYPTOBOT_TOKEN = "4242:AAcryptopay0123456789abcdefghijkl"
PANEL_KEY = "panel-key-0123456789"
WEBHOOK_SECRET = "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3"

ANNA, BEN, OLGA = 1001, 1002, 1003  # Anna speaks Russian, Ben English; Olga is the operator

Message = dict[str, Any]


@dataclass(frozen=True)
class ChatUser:
    """A user in the sandbox's world, with a phone."""

    id: int
    http: httpx.AsyncClient
    world: SandboxWorld

    async def send(self, text: str, reply_to: int | None = None) -> None:
        body: dict[str, object] = {"text": text}
        if reply_to is not None:
            body["reply_to_message_id"] = reply_to
        await self._post("send", body)

    async def tap(self, message: Message, prefix: str, *, inaccessible: bool = False) -> None:
        """Press the button whose callback data starts so; the bot may not see its message."""
        data = next(key for key in callbacks(message) if key.startswith(prefix))
        place = {"message_id": message["message_id"], "inaccessible": inaccessible}
        await self._post("tap", place | {"data": data})

    async def press(self, message: Message, data: str) -> None:
        """Any data, as a changed client can send it."""
        await self._post("tap", {"message_id": message["message_id"], "data": data})

    async def change(self, **values: object) -> None:
        (await self.http.post(f"/world/people/{self.id}", json=values)).raise_for_status()

    async def messages(self) -> list[Message]:
        """The chat as it stands, oldest first; not with everything else, as the page gets it."""
        chat = self.world.state.chats[self.id]
        return [message_for_page(self.world, message) for message in chat.values()]

    async def received(self) -> list[Message]:
        """What the bot said."""
        return [message for message in await self.messages() if message["from"].get("is_bot")]

    async def wait_for(self, matches: Callable[[Message], bool]) -> Message:
        """The newest message of the bot that matches."""

        async def find() -> Message | None:
            found = [message for message in await self.received() if matches(message)]
            return found[-1] if found else None

        return await eventually(find)

    async def _post(self, action: str, body: Mapping[str, object]) -> None:
        answer = await self.http.post(f"/world/people/{self.id}/{action}", json=body)
        answer.raise_for_status()


def callbacks(message: Message) -> list[str]:
    return [key["callback_data"] for key in _keys(message) if "callback_data" in key]


def find(message: Message, prefix: str) -> list[str]:
    """The callback data that start so, in the keyboard's order."""
    return [key for key in callbacks(message) if key.startswith(prefix)]


def has(message: Message, prefix: str) -> bool:
    return bool(find(message, prefix))


def urls(message: Message) -> list[str]:
    return [key["url"] for key in _keys(message) if "url" in key]


def text_of(message: Message) -> str:
    return str(message.get("text") or message.get("caption") or "")


def _keys(message: Message) -> list[dict[str, str]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [key for row in rows for key in row]


@dataclass(frozen=True)
class World:
    """The world's knobs, by HTTP like its page."""

    server: WorldServer
    http: httpx.AsyncClient

    def user(self, id_: int) -> ChatUser:
        return ChatUser(id_, self.http, self.server.world)

    async def add_user(self, **values: object) -> ChatUser:
        answer = await self.http.post("/world/people", json=values)
        return self.user(answer.raise_for_status().json()["id"])

    async def state(self) -> dict[str, Any]:
        state: dict[str, Any] = (await self.http.get("/world/state")).json()
        return state

    async def turn(self, **knobs: object) -> None:
        (await self.http.patch("/world/knobs", json=knobs)).raise_for_status()

    async def invoices(self) -> list[dict[str, Any]]:
        invoices: list[dict[str, Any]] = (await self.state())["invoices"]
        return invoices

    async def pay(self, invoice_id: int, **override: object) -> None:
        answer = await self.http.post(f"/world/invoices/{invoice_id}/pay", json=override)
        answer.raise_for_status()


def get_chain_variables(world_url: str) -> dict[str, str]:
    """The world's chains, for the tests that watch them."""
    chains = f"{world_url}/chains"
    return {
        "ETH_RPC_URLS": f"{chains}/eth/1,{chains}/eth/2",
        "BSC_RPC_URLS": f"{chains}/bsc/1,{chains}/bsc/2",
        "TRON_RPC_URLS": f"{chains}/tron/1/jsonrpc,{chains}/tron/2/jsonrpc",
        "CELLFRAME_RPC_URLS": f"{chains}/cf",
        "TX_MONITOR_INTERVAL_SECONDS": "0.3",
        "WATCH_CARDS_INTERVAL_SECONDS": "0.3",
    }


def environment(
    service_url: str, world_url: str, database_url: str, redis_url: str | None
) -> dict[str, str]:
    """The service's environment; workers look often, so that a test need not wait."""
    port = service_url.rpartition(":")[2]
    values = {
        "BOT_TOKEN": BOT_TOKEN,
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
        "ADMIN_IDS": str(OLGA),
        "WEBHOOK_URL": f"{service_url}/telegram/webhook",
        "DATABASE_URL": database_url,
        "CRYPTOBOT_TOKEN": CRYPTOBOT_TOKEN,
        "CRYPTOBOT_API_URL": f"{world_url}/cryptopay",
        "VPN_API_URL": f"{world_url}/panel",
        "VPN_API_KEY": PANEL_KEY,
        "TELEGRAM_API_URL": world_url,
        "ETH_RPC_URLS": "off",
        "BSC_RPC_URLS": "off",
        "TRON_RPC_URLS": "off",
        "CRYPTO_PAYMENT_WATCHER_INTERVAL_SECONDS": "0.5",
        "FAST_EXPIRY_CLEANUP_INTERVAL_SECONDS": "0.5",
        "MEMORY_LIMIT_MB": "100000",  # the tests' own is in it
        "INCIDENTS_INTERVAL_SECONDS": "3600",  # but where a test is about them
        "HOST": "127.0.0.1",
        "PORT": port,
        "LOG_FORMAT": "json",
    }
    return values if redis_url is None else {**values, "REDIS_URL": redis_url}


@asynccontextmanager
async def open_world(service_url: str, retry_scale: float = 0.05) -> AsyncIterator[World]:
    config = WorldConfig(
        bot_token=BOT_TOKEN,
        cryptobot_token=CRYPTOBOT_TOKEN,
        panel_key=PANEL_KEY,
        cryptobot_webhook_url=f"{service_url}/webhooks/cryptobot",
        admin_ids=(OLGA,),
        retry_scale=retry_scale,
    )
    async with (
        serve_world(config) as server,
        httpx.AsyncClient(base_url=server.url, timeout=10, verify=NO_CERTIFICATES) as http,
    ):
        yield World(server, http)


@dataclass(frozen=True)
class Shop:
    """The service runs in the test's own loop and process."""

    world: World
    parts: ServiceParts
    http: httpx.AsyncClient  # to the service


@asynccontextmanager
async def open_shop(
    database_url: str, redis_url: str | None, **variables: str
) -> AsyncIterator[Shop]:
    """World and service, ready for the first update; `variables` win over `environment`."""
    with free_address() as (listener, url):
        async with open_world(url) as world:
            values = environment(url, world.server.url, database_url, redis_url) | variables
            app = create_app(load_settings(values))
            async with (
                serve_app(app, listener),
                httpx.AsyncClient(base_url=url, timeout=10, verify=NO_CERTIFICATES) as http,
            ):
                await wait_until_ready(world, http)
                yield Shop(world, app.state.parts, http)


async def wait_until_ready(world: World, http: httpx.AsyncClient) -> None:
    """Until the service is active and Telegram knows where to post."""

    async def is_ready() -> bool:
        try:
            health = (await http.get("/health")).json()
        except httpx.TransportError:
            return False
        return health["role"] == "active" and bool(world.server.world.state.webhook.url)

    await eventually(is_ready)


@contextmanager
def free_address() -> Iterator[tuple[socket.socket, str]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def free_url() -> str:
    """An address that nobody listens on now, for a process that will."""
    return f"http://127.0.0.1:{free_port()}"


async def open_order(user: ChatUser, plan: int = 0, term: int = 0) -> Message:
    """From /plans to the order that asks how to pay; `plan` and `term` count from 0."""
    terms = await open_terms(user, plan)
    await user.tap(terms, find(terms, "buy:")[term])
    return await user.wait_for(
        lambda message: message["message_id"] >= terms["message_id"] and has(message, "pay:")
    )


async def open_terms(user: ChatUser, plan: int = 0) -> Message:
    newest = max((message["message_id"] for message in await user.messages()), default=0)
    await user.send("/plans")
    plans = await user.wait_for(
        lambda message: message["message_id"] > newest and has(message, "plan:")
    )
    await user.tap(plans, find(plans, "plan:")[plan])
    return await user.wait_for(
        lambda message: message["message_id"] > newest and has(message, "buy:")
    )


async def order(user: ChatUser, world: World, plan: int = 0, term: int = 0) -> int:
    """From /plans to an invoice that waits to be paid with crypto; the invoice's id."""
    before = {invoice["invoice_id"] for invoice in await world.invoices()}
    opened = await open_order(user, plan, term)
    way = next(key for key in find(opened, "pay:") if key.endswith(":cryptobot"))
    await user.tap(opened, way)
    await user.wait_for(
        lambda message: message["message_id"] >= opened["message_id"] and has(message, "paid:")
    )
    fresh = {invoice["invoice_id"] for invoice in await world.invoices()} - before
    return int(fresh.pop())


async def order_with_stars(user: ChatUser, plan: int = 0, term: int = 0) -> Message:
    """From /plans to the message whose button opens Telegram's payment window."""
    opened = await open_order(user, plan, term)
    way = next(key for key in find(opened, "pay:") if key.endswith(":stars"))
    await user.tap(opened, way)
    return await user.wait_for(lambda message: any("#stars-" in url for url in urls(message)))


async def pay_stars(user: ChatUser, link: str) -> dict[str, Any]:
    """What the payment window says; it waits 10 s for the bot."""
    path = f"/world/people/{user.id}/stars/pay"
    answer = await user.http.post(path, json={"link": link}, timeout=30)
    paid: dict[str, Any] = answer.raise_for_status().json()
    return paid


def is_key(message: Message) -> bool:
    return "photo" in message and "/sub/" in text_of(message)


def link_of(message: Message) -> str:
    """Of a message with a key."""
    return next(line for line in text_of(message).splitlines() if "/sub/" in line)
