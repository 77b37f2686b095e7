"""The way in as it is deployed: uvicorn, the route, the intake, a real dispatcher."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiogram import Bot, Dispatcher
from aiogram.types import Message, PreCheckoutQuery, Update
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from structlog.testing import capture_logs
from structlog.types import EventDict

from app.api.telegram_webhook import TelegramWebhook, create_telegram_routes
from app.api.update_intake import UpdateHooks, UpdateIntake
from app.api.webhook_activity import WebhookActivity
from app.clients.cache.seen_updates import LocalSeenUpdates
from app.core.supervisor import TaskSupervisor
from app.domain.ports import SeenUpdates
from sandbox.world.server import serve_app
from tests.support.plain_http import NO_CERTIFICATES

SECRET = "current-secret"
PREVIOUS_SECRET = "previous-secret"
PATH = "/telegram/webhook"

Handler = Callable[[str], Awaitable[object]]


@asynccontextmanager
async def serve(routes: Sequence[BaseRoute]) -> AsyncIterator[httpx.AsyncClient]:
    """Serve on a free port until the block ends."""
    limits = httpx.Limits(max_connections=400)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            serve_app(Starlette(routes=routes), listener),
            httpx.AsyncClient(
                base_url=url, timeout=30, limits=limits, verify=NO_CERTIFICATES
            ) as client,
        ):
            yield client


class Crowd:
    """What Health asks for its role, once for each who asks it: so they are counted."""

    def __init__(self, size: int) -> None:
        self.is_there = asyncio.Event()
        self._left = size

    def role(self) -> str:
        self._left -= 1
        if not self._left:
            self.is_there.set()
        return "active"


@pytest.fixture(autouse=True)
def log() -> Iterator[list[EventDict]]:
    """Give what was logged; printing every failure that the tests provoke would take minutes."""
    with capture_logs() as log:
        yield log


@dataclass
class WayIn:
    """A service with one handler: it gets the text of a message, or "money"."""

    client: httpx.AsyncClient
    intake: UpdateIntake
    webhook_activity: WebhookActivity
    kept: list[tuple[str, BaseException]]
    told: list[int]
    money: list[bytes]
    is_active: bool = True
    headers: dict[str, str] = field(
        default_factory=lambda: {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    )

    async def post(self, content: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
        return await self.client.post(PATH, content=content, headers={**self.headers, **headers})

    async def send(self, update: dict[str, Any]) -> int:
        """The status of the answer."""
        answer = await self.client.post(PATH, json=update, headers=self.headers)
        return answer.status_code

    def sending(self, update: dict[str, Any]) -> asyncio.Task[int]:
        return asyncio.create_task(self.send(update))


OpenWayIn = Callable[..., Awaitable[WayIn]]


@pytest.fixture
async def open_way_in() -> AsyncIterator[OpenWayIn]:
    async with AsyncExitStack() as stack:

        async def open_way_in(
            handler: Handler,
            *,
            seen: SeenUpdates | None = None,
            feed_timeout_seconds: float = 25,
            handler_limit_seconds: float = 60,
            max_concurrent: int = 20,
            keep_fails: bool = False,
        ) -> WayIn:
            bot = Bot("42:TEST")
            stack.push_async_callback(bot.session.close)
            dispatcher = _dispatcher(handler)
            kept: list[tuple[str, BaseException]] = []
            told: list[int] = []
            money: list[bytes] = []

            async def store_failed(update_json: str, error: BaseException) -> None:
                if keep_fails:
                    raise ConnectionError("no database")
                kept.append((update_json, error))

            async def store_unreadable_payment(body: bytes) -> None:
                if keep_fails:
                    raise ConnectionError("no database")
                money.append(body)

            async def send_late_notice(update: Update) -> None:
                told.append(update.update_id)

            supervisor = TaskSupervisor(max_tracked=500)
            intake = UpdateIntake(
                UpdateHooks(
                    feed=lambda update, _body: dispatcher.feed_update(bot, update),
                    store_failed=store_failed,
                    send_late_notice=send_late_notice,
                ),
                seen or LocalSeenUpdates(),
                supervisor,
                max_concurrent=max_concurrent,
                feed_timeout=timedelta(seconds=feed_timeout_seconds),
                handler_limit=timedelta(seconds=handler_limit_seconds),
            )
            webhook_activity = WebhookActivity()
            way_in: WayIn
            webhook = TelegramWebhook(
                bot,
                intake,
                webhook_activity,
                secrets=[SECRET, PREVIOUS_SECRET],
                store_unreadable_payment=store_unreadable_payment,
                is_active=lambda: way_in.is_active,
            )
            client = await stack.enter_async_context(serve([*create_telegram_routes(webhook)]))
            stack.push_async_callback(supervisor.stop_all, timedelta(seconds=5))
            way_in = WayIn(client, intake, webhook_activity, kept, told, money)
            return way_in

        yield open_way_in


def _dispatcher(handler: Handler) -> Dispatcher:
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def on_message(message: Message) -> None:
        await handler(message.text or "money")

    @dispatcher.pre_checkout_query()
    async def on_pre_checkout(_query: PreCheckoutQuery) -> None:
        await handler("money")

    return dispatcher


def a_message(update_id: int, text: str = "hi", *, user_id: int = 1) -> dict[str, Any]:
    user = {"id": user_id, "is_bot": False, "first_name": "A"}
    chat = {"id": user_id, "type": "private", "first_name": "A"}
    message = {"message_id": update_id, "date": 0, "chat": chat, "from": user, "text": text}
    return {"update_id": update_id, "message": message}


def a_payment(update_id: int, kind: str) -> dict[str, Any]:
    """`kind`: pre_checkout_query, successful_payment or refunded_payment."""
    sold = {"currency": "XTR", "total_amount": 100, "invoice_payload": "order"}
    if kind == "pre_checkout_query":
        user = {"id": 1, "is_bot": False, "first_name": "A"}
        return {"update_id": update_id, kind: {"id": "q", "from": user, **sold}}
    update = a_message(update_id)
    del update["message"]["text"]
    charges = {"telegram_payment_charge_id": "t", "provider_payment_charge_id": "p"}
    update["message"][kind] = {**sold, **charges}
    return update
