"""A start without a database, with one that is older, newer, or refuses its migration."""

import json
import re
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import asyncpg
import pytest

from sandbox.embedded import PostgresServer
from sandbox.world.cryptopay.webhooks import sign
from tests.support.eventually import eventually
from tests.support.instance import Instance, Program, ended_after
from tests.support.newer import REVISION, NewerVersion
from tests.support.pooler import transaction_pooler
from tests.support.proxy import TcpProxy
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import ANNA, CRYPTOBOT_TOKEN, ROOT, WEBHOOK_SECRET, callbacks
from tests.support.zygote import Zygote

PING = b'{"update_id": 1}'


async def test_a_start_without_postgresql_waits_for_it_and_then_works(
    own_postgres: PostgresServer, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P1, P8: nothing is lost, because nothing is acknowledged before there is a database."""
    async with (
        TcpProxy.to(own_postgres.url) as proxy,
        open_service_under_test(proxy.replace(own_postgres.url), redis_url, tmp_path) as sut,
    ):
        await proxy.refuse()
        instance = sut.instance("waiting", zygote.fork)
        sut.router.target = instance.url
        instance.start()
        async with ended_after(instance):
            await _expect_starting(sut, instance)
            await instance.wait_logged("database_not_ready")
            await sut.world.user(ANNA).send("/start")

            await proxy.accept()

            await instance.wait_role("active")
            await sut.world.user(ANNA).wait_for(lambda message: bool(callbacks(message)))
            await instance.wait_healthy()
            instance.expect_no_crash()


async def _expect_starting(sut: ServiceUnderTest, instance: Instance) -> None:
    await instance.wait_role("starting")
    status, report = await instance.health()
    assert (status, report["status"]) == (503, "starting")
    assert report["checks"]["database"]["status"] == "failing"
    live = await sut.http.get(f"{instance.url}/health/live")
    assert live.status_code == 200
    secret = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
    signature = {"crypto-pay-api-signature": sign(CRYPTOBOT_TOKEN, PING)}
    for path, headers in (("telegram/webhook", secret), ("webhooks/cryptobot", signature)):
        answer = await sut.http.post(f"{instance.url}/{path}", content=PING, headers=headers)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0


def start_as_in_the_image(env: Mapping[str, str], log: Path) -> Program:
    """Without docstrings and asserts, which a library may need."""
    (command,) = re.findall(r"^CMD (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    python, *words = json.loads(command)
    assert (python, words[0]) == ("python", "-OO")
    return Program(env, log, *words)


async def test_a_first_start_has_nothing_to_complain_of(
    fresh_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """/health is asked while the first migrations have not made its table yet."""
    migrations_lock = 0x746F6C6C67617465
    connection = await asyncpg.connect(fresh_database_url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.execute("SELECT pg_advisory_lock($1)", migrations_lock)
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        instance = sut.instance("first", start_as_in_the_image)
        sut.router.target = instance.url
        instance.start()
        async with ended_after(instance):
            await instance.wait_role("starting")
            status, report = await instance.health()
            assert (status, report["checks"]["database"]["status"]) == (503, "ok")

            await connection.close()

            await instance.wait_role("active")
            await instance.wait_healthy()
            assert instance.logged("health_check_failed") == []
            await sut.world.user(ANNA).send("/start")
            await sut.world.user(ANNA).wait_for(lambda message: bool(callbacks(message)))
            instance.expect_no_crash()


async def refused(proxy: TcpProxy) -> None:
    await proxy.refuse()


async def black_holed(proxy: TcpProxy) -> None:
    proxy.stall()


@pytest.mark.parametrize("outage", [refused, black_holed])
async def test_the_wait_for_postgresql_is_ended_at_once(
    fresh_database_url: str,
    redis_url: str,
    tmp_path: Path,
    zygote: Zygote,
    outage: Callable[[TcpProxy], Awaitable[None]],
) -> None:
    async with (
        TcpProxy.to(fresh_database_url) as proxy,
        open_service_under_test(proxy.replace(fresh_database_url), redis_url, tmp_path) as sut,
    ):
        await outage(proxy)
        instance = sut.instance("waiting", zygote.fork)
        instance.start()
        async with ended_after(instance):
            await instance.wait_role("starting")

            instance.send(signal.SIGTERM)

            assert await instance.wait_ended(seconds=5) == 0
            instance.expect_no_crash()


async def test_a_pooler_before_the_database_is_said_and_waited_for(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P7: behind it the lock would be somebody else's."""
    async with (
        transaction_pooler(fresh_database_url) as pooled,
        open_service_under_test(pooled, redis_url, tmp_path) as sut,
    ):
        instance = sut.instance("pooled", zygote.fork)
        instance.start()
        async with ended_after(instance):
            await instance.wait_logged("database_not_ready")
            assert "set DATABASE_UNPOOLED_URL" in instance.logged("database_not_ready")[0]["reason"]
            assert (await instance.health())[0] == 503
            instance.expect_no_crash()


ADD_COLUMN = ("ALTER TABLE users ADD shoe_size int", "ALTER TABLE users DROP shoe_size")


async def test_the_version_before_runs_on_a_schema_that_was_only_expanded(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P7: a deploy, and the way back."""
    head = await _read_head(fresh_database_url)
    newer = NewerVersion(tmp_path / "newer", head, head, *ADD_COLUMN)
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        new, old = sut.instance("new", newer.launch), sut.instance("old", zygote.fork)
        async with ended_after(new, old):
            new.start()
            await new.wait_role("active")
            assert await _read_head(fresh_database_url) == REVISION
            new.send(signal.SIGTERM)
            await new.wait_ended()

            old.start()
            await old.wait_role("active")

            report = await old.wait_healthy()
            assert report["schema"] == {
                "database": REVISION,
                "code": head,
                "is_newer_than_code": True,
            }
            assert len(old.logged("schema_newer_than_code")) == 1
            sut.router.target = old.url
            await sut.world.user(ANNA).send("/start")
            await sut.world.user(ANNA).wait_for(lambda message: bool(callbacks(message)))
            old.expect_no_crash()


async def test_a_version_that_the_schema_excludes_says_what_helps_and_starts_when_it_was_done(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    head = await _read_head(fresh_database_url)
    newer = NewerVersion(tmp_path / "newer", head, REVISION, *ADD_COLUMN)
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        await newer.upgrade(fresh_database_url)
        old = sut.instance("old", zygote.fork)
        async with ended_after(old):
            old.start()
            await old.wait_logged("database_not_ready")
            reason = old.logged("database_not_ready")[0]["reason"]
            assert f"alembic downgrade {head}" in reason
            assert "\n" not in reason
            status, report = await old.health()
            assert (status, report["role"]) == (503, "starting")

            await newer.downgrade(fresh_database_url, head)

            await old.wait_role("active")
            old.expect_no_crash()


async def test_a_migration_that_fails_harms_neither_the_active_instance_nor_its_restart(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P7, P8."""
    head = await _read_head(fresh_database_url)
    newer = NewerVersion(
        tmp_path / "newer", head, head, f"{ADD_COLUMN[0]}; SELECT no_such_column", ADD_COLUMN[1]
    )
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        new, old = sut.instance("new", newer.launch), sut.instance("old", zygote.fork)
        sut.router.target = old.url
        anna = sut.world.user(ANNA)
        async with ended_after(new, old):
            old.start()
            await old.wait_role("active")
            new.start()
            await new.wait_logged("database_not_ready")

            reason = new.logged("database_not_ready")[0]["reason"]
            assert "no_such_column" in reason
            assert (await new.health())[0] == 503
            assert await _read_head(fresh_database_url) == head
            await anna.send("/start")
            await anna.wait_for(lambda message: bool(callbacks(message)))
            await old.kill()
            old.start()
            await old.wait_role("active")
            await _tries_again(new)
            new.expect_no_crash()
            old.expect_no_crash()


async def _tries_again(instance: Instance) -> None:
    async def has_tried_again() -> bool:
        return len(instance.logged("database_not_ready")) > 1

    await eventually(has_tried_again)


async def _read_head(database_url: str) -> str:
    connection = await asyncpg.connect(database_url)
    try:
        return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    finally:
        await connection.close()
