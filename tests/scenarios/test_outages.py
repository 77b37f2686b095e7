"""PostgreSQL or Redis goes away in the middle of the day and comes back."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from app.bootstrap import ServiceParts
from app.bot.i18n import load_translators
from app.core.role import Role
from app.workers.loop import IterationOutcome
from sandbox.embedded import PostgresServer, ValkeyServer
from tests.support.books import Books, expect_one_sale
from tests.support.eventually import eventually
from tests.support.instance import ended_after
from tests.support.outages import Outage, frozen, stopped
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import (
    ANNA,
    BEN,
    ChatUser,
    Message,
    callbacks,
    has,
    is_key,
    order,
    text_of,
)
from tests.support.stopwatch import Stopwatch
from tests.support.zygote import Zygote

BACK_SOON_RU = load_translators().get("ru").plain("error-database")
BACK_SOON_EN = load_translators().get("en").plain("error-database")


async def test_the_shop_outlives_its_database(
    own_postgres: PostgresServer, redis_url: str, tmp_path: Path
) -> None:
    """P1, P2, P6, P8: taps read that we'll be back, payments wait, and all goes on by itself."""
    async with (
        open_service_under_test(own_postgres.url, redis_url, tmp_path) as sut,
        sut.serve() as parts,
    ):
        anna, ben = sut.world.user(ANNA), sut.world.user(BEN)
        menu = await _open_menu(anna)
        invoice_id = await order(ben, sut.world)
        await asyncio.to_thread(own_postgres.stop)

        await anna.tap(menu, "plans")
        await _tap_said(sut, BACK_SOON_RU)
        await ben.send("/start")
        await ben.wait_for(lambda message: text_of(message) == BACK_SOON_EN)
        await sut.world.pay(invoice_id)
        await _payment_refused(sut)
        assert await _health_becomes(sut, "down") == 503

        await asyncio.to_thread(own_postgres.start)
        await ben.wait_for(is_key)
        await anna.tap(menu, "plans")
        await anna.wait_for(_is_plans)
        assert await _health_becomes(sut, "ok") == 200
        await _every_worker_succeeds(parts)
        await expect_one_sale(Books(own_postgres.url))
        assert len(await _keys(ben)) == 1


async def test_a_database_that_is_away_for_seconds_costs_no_instance_its_life(
    own_postgres: PostgresServer, redis_url: str, tmp_path: Path
) -> None:
    """P6, P7: three outages in a row, and after each the same process is the active one again."""
    async with (
        open_service_under_test(own_postgres.url, redis_url, tmp_path) as sut,
        sut.serve() as parts,
    ):
        anna = sut.world.user(ANNA)
        for _ in range(3):
            await asyncio.to_thread(own_postgres.stop)
            await asyncio.to_thread(own_postgres.start)
            await _every_worker_succeeds(parts)
            assert parts.leadership.role is Role.ACTIVE
        menu = await _open_menu(anna)
        await anna.tap(menu, "plans")
        await anna.wait_for(_is_plans)


async def test_a_tap_is_answered_within_three_seconds_though_the_database_is_frozen(
    own_postgres: PostgresServer, redis_url: str, tmp_path: Path
) -> None:
    """P8: frozen, not closed, so that nothing shows the driver."""
    async with (
        open_service_under_test(own_postgres.url, redis_url, tmp_path) as sut,
        sut.serve() as parts,
    ):
        anna, ben = sut.world.user(ANNA), sut.world.user(BEN)
        menu = await _open_menu(anna)
        async with frozen(own_postgres):
            watch = Stopwatch()
            await anna.tap(menu, "plans")
            await ben.send("/start")
            await _tap_said(sut, BACK_SOON_RU)
            await ben.wait_for(lambda message: text_of(message) == BACK_SOON_EN)
            assert watch.seconds < 3.5
            assert await _health_becomes(sut, "down") == 503

        await _every_worker_succeeds(parts)
        await anna.tap(menu, "plans")
        await anna.wait_for(_is_plans)
        assert await _health_becomes(sut, "ok") == 200


REFUSALS = {
    "read-only": (
        "ALTER DATABASE {name} SET default_transaction_read_only = on",
        "ALTER DATABASE {name} SET default_transaction_read_only = off",
    ),
    "disk full": (
        (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RAISE disk_full; END'; CREATE TRIGGER refuse"
            " BEFORE INSERT OR UPDATE ON write_probes EXECUTE FUNCTION refuse()"
        ),
        "DROP TRIGGER refuse ON write_probes",
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_database_that_refuses_writes_is_not_ok(
    fresh_database_url: str, redis_url: str, tmp_path: Path, refusal: str
) -> None:
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut, sut.serve():
        assert await _health_becomes(sut, "ok") == 200
        refuse, allow = REFUSALS[refusal]

        await _change_database(fresh_database_url, refuse)
        assert await _health_becomes(sut, "down") == 503

        await _change_database(fresh_database_url, allow)
        assert await _health_becomes(sut, "ok") == 200


async def _change_database(url: str, change: str) -> None:
    """For every session: those that stood before are ended."""
    connection = await asyncpg.connect(
        url, server_settings={"default_transaction_read_only": "off"}
    )
    try:
        await connection.execute(change.format(name=url.rpartition("/")[2]))
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


async def test_commands_that_telegram_does_not_take_are_a_warning_and_set_again(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        instance = sut.instance("patient", zygote.fork)
        async with ended_after(instance):
            with sut.wire.hold("/setMyCommands") as refused:
                refused.lose()
                instance.start()
                await instance.wait_logged("commands_not_set")
                assert instance.logged("commands_not_set")[0]["level"] == "warning"
            await instance.wait_role("active")

            async def is_set() -> bool:
                return bool(sut.wire.calls_of("/setMyCommands"))

            await eventually(is_set)
            instance.expect_no_crash()


@pytest.mark.parametrize("outage", [stopped, frozen])
async def test_the_shop_goes_on_without_redis(
    fresh_database_url: str, own_valkey: ValkeyServer, tmp_path: Path, outage: Outage
) -> None:
    """P2, P4, P8: the chat answers, a purchase passes, and nothing happens twice."""
    async with (
        open_service_under_test(fresh_database_url, own_valkey.url, tmp_path) as sut,
        sut.serve() as parts,
    ):
        anna, ben = sut.world.user(ANNA), sut.world.user(BEN)
        menu = await _open_menu(anna)
        await sut.world.turn(payment_webhook="twice")
        async with outage(own_valkey):
            await anna.tap(menu, "plans")
            await anna.wait_for(_is_plans)
            await sut.world.pay(await order(ben, sut.world))
            await ben.wait_for(is_key)
            assert await _health_becomes(sut, "degraded") == 200

        assert await _health_becomes(sut, "ok") == 200
        await anna.tap(await anna.wait_for(_is_plans), "menu")
        await anna.wait_for(_is_menu)
        await _every_worker_succeeds(parts)
        await expect_one_sale(Books(fresh_database_url))
        assert len(await _keys(ben)) == 1
        (account,) = (await sut.world.state())["panel_users"]
        assert account["created_calls"] == 1


async def _open_menu(user: ChatUser) -> Message:
    await user.send("/start")
    return await user.wait_for(_is_menu)


def _is_menu(message: Message) -> bool:
    return any(key.startswith("plans") for key in callbacks(message))


def _is_plans(message: Message) -> bool:
    return has(message, "plan:")


async def _keys(user: ChatUser) -> list[Message]:
    return [message for message in await user.received() if is_key(message)]


async def _tap_said(sut: ServiceUnderTest, text: str) -> None:
    async def is_said() -> bool:
        return text in sut.tap_answers()

    await eventually(is_said)


async def _payment_refused(sut: ServiceUnderTest) -> None:
    """At least once, so that the provider has to repeat it."""

    async def is_refused() -> bool:
        return 503 in {call.status for call in sut.router.calls_of("/webhooks/cryptobot")}

    await eventually(is_refused)


async def _health_becomes(sut: ServiceUnderTest, status: str) -> int:
    """The HTTP status that comes with it."""

    async def has_become() -> int | None:
        answer = await sut.http.get(f"{sut.router.url}/health")
        return answer.status_code if answer.json()["status"] == status else None

    return await eventually(has_become)


async def _every_worker_succeeds(parts: ServiceParts) -> None:
    """Each in a round that began after this call."""
    before = {name: status.last_start_at for name, status in parts.board.statuses.items()}

    async def succeeds() -> bool:
        return all(
            status.outcome is IterationOutcome.OK and status.last_start_at > before[name]
            for name, status in parts.board.statuses.items()
            if name in _FREQUENT
        )

    await eventually(succeeds)


# The others' next round may be minutes away; they are started anew with the lock.
_FREQUENT = {"outbox", "crypto_payment_watcher", "fast_expiry_cleanup"}
