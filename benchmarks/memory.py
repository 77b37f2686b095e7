"""What a start takes, and the service's resident memory: at rest, under load, and after it.

The load: taps of 5,000 users as fast as the core allows, then a notification to each of them.
Telegram's limits on sending are lifted for it, or little but waiting would be measured.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from statistics import median

import asyncpg

from benchmarks import updates
from benchmarks.load import post_all
from benchmarks.measures import print_table, spread
from benchmarks.outbox import INSERT_NOTIFICATIONS
from benchmarks.stage import SECRET, Server, Stage, environment, free_port, until_answering
from benchmarks.street import SERVE, open_street

AS_IN_THE_IMAGE = ("-OO", *SERVE)
STARTS = 3
REST_SECONDS = 10
WANTED_START_SECONDS = 1.8
WANTED_REST_MEGABYTES = 120
TAPS = 5_000
SAMPLE_SECONDS = 0.1
NOTIFICATIONS_SECONDS = 300

_SELECT_USERS = "SELECT id FROM users"
_LEFT = "SELECT count(*) FROM outbox WHERE status = 'waiting'"


async def run(stage: Stage) -> None:
    await _measure_rest(stage)
    telegram = stage.start_beside(["-m", "benchmarks.servers.bot_api"], {})
    await until_answering(telegram)
    port = free_port()
    values = environment(await stage.create_database(), telegram.url, port)
    server = stage.start(["-m", "benchmarks.servers.tollgate", "shop"], values, port=port)
    await until_answering(server, "/health", role="active")
    database = await asyncpg.connect(values["DATABASE_URL"])
    taps = await _most_during(server, _tap(server))
    rows = [[f"most during {TAPS} taps by {updates.USERS} users, 20 at a time", taps]]
    notifications = await _most_during(server, _write_to_all(database))
    rows.append([f"most during {updates.USERS} notifications from the outbox", notifications])
    await database.close()
    await asyncio.sleep(REST_SECONDS)
    rows.append(["after the load, and 10 s of rest", _rss(server)])
    server.stop()
    telegram.stop()
    print_table("Resident memory of the service under load", ["", "MB"], rows)


async def _measure_rest(stage: Stage) -> None:
    """As the image runs it; the first start may have bytecode to write."""
    starts, rests = [], []
    for _ in range(1 + STARTS):
        async with open_street(stage, AS_IN_THE_IMAGE, follows_chains=True) as street:
            starts.append(street.server.cpu_seconds)
            await asyncio.sleep(REST_SECONDS)
            rests.append(street.server.rss_bytes / 1_000_000)
    print_table(
        f"A start, and {REST_SECONDS} s later at rest, everything on ({STARTS} starts)",
        ["", "measured", "wanted", "ratio"],
        [
            _compare("from start to active, s of a core", starts[1:], WANTED_START_SECONDS),
            _compare("resident memory at rest, MB", rests[1:], WANTED_REST_MEGABYTES),
        ],
    )


def _compare(name: str, measured: Sequence[float], wanted: float) -> list[str]:
    ratio = f"{median(measured) / wanted:.2f}"
    return [name, spread(measured), f"at most {wanted:g}", ratio]


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
