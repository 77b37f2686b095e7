"""PostgreSQL or Redis goes away in the middle of the day and comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from app.bootstrap import Service
from app.bot.texts import load_texts
from app.core.role import Role
from app.sandbox.embedded import PostgresServer, ValkeyServer
from app.workers.base import Outcome
from tests.support.books import Books, expect_one_sale
from tests.support.eventually import eventually
from tests.support.house import House, open_house
from tests.support.proxy import TcpProxy
from tests.support.shop import ANNA, BEN, Message, Person, callbacks, has, is_key, order, text_of

BACK_SOON_RU = load_texts().get("ru").plain("error-database")
BACK_SOON_EN = load_texts().get("en").plain("error-database")


async def test_the_shop_outlives_its_database(
    own_postgres: PostgresServer, redis_url: str, tmp_path: Path
) -> None:
    """P1, P2, P6, P8: taps hear that we'll be back, payments wait, and all goes on by itself."""
    async with open_house(own_postgres.url, redis_url, tmp_path) as house, house.serve() as service:
        anna, ben = house.world.person(ANNA), house.world.person(BEN)
        menu = await _open_menu(anna)
        invoice_id = await order(ben, house.world)
        await asyncio.to_thread(own_postgres.stop)

        await anna.tap(menu, "plans")
        await _tap_said(house, BACK_SOON_RU)
        await ben.send("/start")
        await ben.wait_for(lambda message: text_of(message) == BACK_SOON_EN)
        await house.world.pay(invoice_id)
        await _payment_refused(house)
        assert await _health_becomes(house, "down") == 503

        await asyncio.to_thread(own_postgres.start)
        await ben.wait_for(is_key)
        await anna.tap(menu, "plans")
        await anna.wait_for(_is_plans)
        assert await _health_becomes(house, "ok") == 200
        await _every_worker_succeeds(service)
        await expect_one_sale(Books(own_postgres.url))
        assert len(await _keys(ben)) == 1


async def test_a_database_that_is_away_for_seconds_costs_no_instance_its_life(
    own_postgres: PostgresServer, redis_url: str, tmp_path: Path
) -> None:
    """P6, P7: three outages in a row, and after each the same process is the active one again."""
    async with open_house(own_postgres.url, redis_url, tmp_path) as house, house.serve() as service:
        anna = house.world.person(ANNA)
        for _ in range(3):
            await asyncio.to_thread(own_postgres.stop)
            await asyncio.to_thread(own_postgres.start)
            await _every_worker_succeeds(service)
            assert service.leadership.role is Role.ACTIVE
        menu = await _open_menu(anna)
        await anna.tap(menu, "plans")
        await anna.wait_for(_is_plans)


Outage = Callable[[ValkeyServer, TcpProxy], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def stopped(valkey: ValkeyServer, _: TcpProxy) -> AsyncIterator[None]:
    await asyncio.to_thread(valkey.stop)
    yield
    await asyncio.to_thread(valkey.start)


@asynccontextmanager
async def black_holed(_: ValkeyServer, proxy: TcpProxy) -> AsyncIterator[None]:
    proxy.stall()
    yield
    proxy.resume()


@pytest.mark.parametrize("outage", [stopped, black_holed])
async def test_the_shop_goes_on_without_redis(
    fresh_database_url: str, own_valkey: ValkeyServer, tmp_path: Path, outage: Outage
) -> None:
    """P2, P4, P8: the chat answers, a purchase passes, and nothing happens twice."""
    async with (
        TcpProxy.to(own_valkey.url) as proxy,
        open_house(fresh_database_url, proxy.replace(own_valkey.url), tmp_path) as house,
        house.serve() as service,
    ):
        anna, ben = house.world.person(ANNA), house.world.person(BEN)
        menu = await _open_menu(anna)
        await house.world.turn(payment_webhook="twice")
        async with outage(own_valkey, proxy):
            await anna.tap(menu, "plans")
            await anna.wait_for(_is_plans)
            await house.world.pay(await order(ben, house.world))
            await ben.wait_for(is_key)
            assert await _health_becomes(house, "degraded") == 200

        assert await _health_becomes(house, "ok") == 200
        await anna.tap(await anna.wait_for(_is_plans), "menu")
        await anna.wait_for(_is_menu)
        await _every_worker_succeeds(service)
        await expect_one_sale(Books(fresh_database_url))
        assert len(await _keys(ben)) == 1
        (account,) = (await house.world.state())["panel_users"]
        assert account["created_calls"] == 1


async def _open_menu(person: Person) -> Message:
    await person.send("/start")
    return await person.wait_for(_is_menu)


def _is_menu(message: Message) -> bool:
    return any(key.startswith("plans") for key in callbacks(message))


def _is_plans(message: Message) -> bool:
    return has(message, "plan:")


async def _keys(person: Person) -> list[Message]:
    return [message for message in await person.received() if is_key(message)]


async def _tap_said(house: House, text: str) -> None:
    async def is_said() -> bool:
        return text in house.tap_answers()

    await eventually(is_said)


async def _payment_refused(house: House) -> None:
    """At least once, so that the provider has to repeat it."""

    async def is_refused() -> bool:
        return 503 in {call.status for call in house.router.calls_of("/webhooks/cryptobot")}

    await eventually(is_refused)


async def _health_becomes(house: House, status: str) -> int:
    """The HTTP status that comes with it."""

    async def has_become() -> int | None:
        answer = await house.http.get(f"{house.router.url}/health")
        return answer.status_code if answer.json()["status"] == status else None

    return await eventually(has_become)


async def _every_worker_succeeds(service: Service) -> None:
    """Each in a round that began after this call."""
    before = {name: status.last_start_at for name, status in service.board.statuses.items()}

    async def succeeds() -> bool:
        return all(
            status.outcome is Outcome.OK and status.last_start_at > before[name]
            for name, status in service.board.statuses.items()
            if name in _FREQUENT
        )

    await eventually(succeeds)


# The others' next round may be minutes away; they are started anew with the lock.
_FREQUENT = {"outbox", "broadcast", "crypto_payment_watcher", "fast_expiry_cleanup"}
