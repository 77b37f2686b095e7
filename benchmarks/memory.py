"""The service's resident memory: at rest, under load, and after it.

The load: taps of 5,000 users as fast as the core allows, then a notification to each of them.
Telegram's limits on sending are lifted for it, or little but waiting would be measured.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime

import asyncpg

from benchmarks import updates
from benchmarks.load import post_all
from benchmarks.measures import print_table
from benchmarks.outbox import INSERT_NOTIFICATIONS
from benchmarks.stage import SECRET, Server, Stage, environment, free_port, until_answering
from benchmarks.street import open_street

REST_SECONDS = 10
TAPS = 5_000
SAMPLE_SECONDS = 0.1
NOTIFICATIONS_SECONDS = 300

_SELECT_USERS = "SELECT id FROM users"
_LEFT = "SELECT count(*) FROM outbox WHERE status = 'waiting'"


async def run(stage: Stage) -> None:
    async with open_street(stage) as street:
        await asyncio.sleep(REST_SECONDS)
        rows = [["at rest, 10 s after the start, everything configured", _rss(street.server)]]
    telegram = stage.start_beside(["-m", "benchmarks.servers.bot_api"], {})
    await until_answering(telegram)
    port = free_port()
    values = environment(await stage.create_database(), telegram.url, port)
    server = stage.start(["-m", "benchmarks.servers.tollgate", "shop"], values, port=port)
    await until_answering(server, "/health", role="active")
    database = await asyncpg.connect(values["DATABASE_URL"])
    taps = await _most_during(server, _tap(server))
    rows.append([f"most during {TAPS} taps by {updates.USERS} users, 20 at a time", taps])
    notifications = await _most_during(server, _write_to_all(database))
    rows.append([f"most during {updates.USERS} notifications from the outbox", notifications])
    await database.close()
    await asyncio.sleep(REST_SECONDS)
    rows.append(["after the load, and 10 s of rest", _rss(server)])
    server.stop()
    telegram.stop()
    print_table("Resident memory of the service", ["", "MB"], rows)


async def _tap(server: Server) -> None:
    load = await post_all(f"{server.url}/telegram/webhook", SECRET, updates.taps(TAPS))
    if set(load.statuses) != {200}:
        raise RuntimeError(f"answered {load.statuses}")


async def _write_to_all(database: asyncpg.Connection) -> None:
    people = [row["id"] for row in await database.fetch(_SELECT_USERS)]
    await database.execute(INSERT_NOTIFICATIONS, people, "notice", datetime.now(UTC))
    async with asyncio.timeout(NOTIFICATIONS_SECONDS):
        while await database.fetchval(_LEFT):  # noqa: ASYNC110 - another process empties it
            await asyncio.sleep(1)


async def _most_during(server: Server, work: Awaitable[None]) -> str:
    most = server.rss_bytes
    working = asyncio.ensure_future(work)
    while not working.done():
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(working), SAMPLE_SECONDS)
        most = max(most, server.rss_bytes)
    await working
    return _megabytes(most)


def _rss(server: Server) -> str:
    return _megabytes(server.rss_bytes)


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.0f}"
