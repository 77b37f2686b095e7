"""The shop with relays on both sides of the service, which may be one process, two, or none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.bootstrap import ServiceParts, create_app
from app.core.settings import load_settings
from sandbox.world.server import serve_app
from tests.support.eventually import eventually
from tests.support.instance import Instance, Launch, Program
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.relay import Relay
from tests.support.shop import (
    ChatUser,
    World,
    environment,
    free_address,
    open_world,
    wait_until_ready,
)


@dataclass(frozen=True)
class ServiceUnderTest:
    world: World
    router: Relay
    """From the world to the service."""
    wire: Relay
    """From the service to the world."""
    values: dict[str, str]
    folder: Path
    http: httpx.AsyncClient
    """To whatever instance there is; it keeps no connection."""

    def instance(self, name: str, launch: Launch = Program, **variables: str) -> Instance:
        return Instance(name, {**self.values, **variables}, self.folder, self.http, launch)

    @asynccontextmanager
    async def serve(self, **variables: str) -> AsyncIterator[ServiceParts]:
        """The service in this loop and process, ready for the first update."""
        with free_address() as (listener, url):
            app = create_app(load_settings({**self.values, **variables}))
            self.router.target = url
            async with (
                serve_app(app, listener),
                httpx.AsyncClient(base_url=url, verify=NO_CERTIFICATES) as http,
            ):
                await wait_until_ready(self.world, http)
                yield app.state.parts

    async def new_user(self, name: str = "Cleo") -> ChatUser:
        """Somebody who speaks English."""
        username = f"person_{len(self.world.server.world.state.people)}"
        body = {"first_name": name, "username": username}
        answer = await self.world.http.post("/world/people", json=body)
        return self.world.user(answer.raise_for_status().json()["id"])

    async def wait_taken(self) -> None:
        """Until the service has taken all that Telegram and the provider had to send."""
        state = self.world.server.world.state

        async def is_taken() -> bool:
            return not (state.pending_updates or state.payment_webhooks)

        await eventually(is_taken)

    def tap_answers(self) -> list[object]:
        """What tapped buttons said."""
        calls = self.wire.calls_of("/answerCallbackQuery")
        return [text for call in calls if (text := call.value("text"))]


@asynccontextmanager
async def open_service_under_test(
    database_url: str, redis_url: str | None, folder: Path, retry_scale: float = 0.02
) -> AsyncIterator[ServiceUnderTest]:
    # No connection is kept: one that a killed process left would be found dead only in use.
    limits = httpx.Limits(max_keepalive_connections=0)
    async with (
        httpx.AsyncClient(
            trust_env=False, timeout=60, limits=limits, verify=NO_CERTIFICATES
        ) as http,
        Relay.open(http) as router,
        Relay.open(http) as wire,
        open_world(router.url, retry_scale) as world,
    ):
        wire.target = world.server.url
        values = environment(router.url, wire.url, database_url, redis_url)
        yield ServiceUnderTest(world, router, wire, values, folder, http)
