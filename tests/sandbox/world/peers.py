"""The two sides of a world in tests: clients that call it, and a service that it calls."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Json = dict[str, Any]


class Api:
    """Calls of one protocol, as a client without any library would make them."""

    def __init__(self, client: httpx.AsyncClient, prefix: str, headers: dict[str, str]) -> None:
        self._client = client
        self._prefix = prefix
        self._headers = headers

    async def __call__(self, path: str, **values: object) -> Json:
        body: Json = (await self.post(path, **values)).json()
        return body

    async def post(self, path: str, **values: object) -> httpx.Response:
        url = f"{self._prefix}/{path}"
        return await self._client.post(url, json=values, headers=self._headers)

    async def get(self, path: str) -> Json:
        answer = await self._client.get(f"{self._prefix}/{path}", headers=self._headers)
        body: Json = answer.json()
        return body

    async def turn(self, **knobs: object) -> httpx.Response:
        return await self._client.patch(f"{self._prefix}/knobs", json=knobs)


class Service:
    """What the world calls: keeps every body, answers 200 unless set otherwise."""

    def __init__(self) -> None:
        self.url = ""
        self.updates: list[Json] = []
        self.payments: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answer_update: Callable[[Json], Response] = lambda _update: Response()
        self.payment_statuses: list[int] = []
        self.panel_events: list[tuple[bytes, str]] = []  # with their signatures
        self.panel_statuses: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = 0
        self._heard = asyncio.Condition()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/telegram/webhook", self._telegram, methods=["POST"]),
                Route("/webhooks/cryptobot", self._cryptobot, methods=["POST"]),
                Route("/webhooks/remnawave", self._remnawave, methods=["POST"]),
            ]
        )

    async def until(self, true: Callable[[], bool]) -> None:
        """Return when it is so; the test's time-out is the limit."""
        async with self._heard:
            await self._heard.wait_for(true)

    async def _telegram(self, request: Request) -> Response:
        update: Json = json.loads(await request.body())
        self.headers.append(dict(request.headers))
        self.waiting += 1
        await self._tell()
        await self.gate.wait()
        self.waiting -= 1
        self.updates.append(update)
        await self._tell()
        return self.answer_update(update)

    async def _cryptobot(self, request: Request) -> Response:
        self.payments.append(await request.body())
        self.headers.append(dict(request.headers))
        await self._tell()
        status = self.payment_statuses.pop(0) if self.payment_statuses else 200
        return Response(status_code=status)

    async def _remnawave(self, request: Request) -> Response:
        signature = request.headers.get("x-remnawave-signature", "")
        self.panel_events.append((await request.body(), signature))
        await self._tell()
        return Response(status_code=self.panel_statuses.pop(0) if self.panel_statuses else 200)

    async def _tell(self) -> None:
        async with self._heard:
            self._heard.notify_all()
