"""The customer's page, and what taps cost while many are opened: `make bench ARGS=page`.

Everything is real, the panel too, whom each page asks for the traffic. A reader has an address of
their own and opens a page once: the limits by address and by page are not what is measured.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from statistics import median

import httpx

from benchmarks import updates
from benchmarks.load import Load, post_all
from benchmarks.measures import milliseconds, percentile, print_table, spread
from benchmarks.stage import SECRET, Stage
from benchmarks.street import Street, open_street

ROUNDS = 7
SECONDS = 5
TAPS_PER_SECOND = 20  # an answer is an edit, of which Telegram lets 25 a second through
PAGES_PER_SECOND = 40
_FIRST_USER = 300_000_000
_BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1"

_SUBSCRIPTIONS = """
INSERT INTO subscriptions (id, user_id, access_id, created_at, expires_at, ends_at, is_trial,
                           auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link,
                           page_token, revision, activation_status, attempts, due_at)
SELECT number, $2::bigint + number - 1, gen_random_uuid(), now(), now() + interval '9 days',
       now() + interval '9 days', false, false, 0, 0, 3, 'https://vpn.example/key/' || number,
       md5(number::text), 1, 'active', 0, now()
FROM generate_series(1, $1::bigint) AS number
RETURNING page_token
"""


async def run(stage: Stage) -> None:
    alone, beside, pages = [], [], []
    cpu_seconds = []
    async with AsyncExitStack() as stack:
        street = await stack.enter_async_context(open_street(stage))
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=street.server.url, trust_env=False)
        )
        addresses = await _furnish(street)
        await _tap(street)  # all code paths have been gone through before it counts
        await _open(http, itertools.islice(addresses, PAGES_PER_SECOND))
        for _ in range(ROUNDS):
            before = street.server.cpu_seconds
            alone.append(await _tap(street))
            between = street.server.cpu_seconds
            some = itertools.islice(addresses, PAGES_PER_SECOND * SECONDS)
            load, latencies = await asyncio.gather(_tap(street), _open(http, some))
            beside.append(load)
            pages.append(latencies)
            used = street.server.cpu_seconds - 2 * between + before
            cpu_seconds.append(used / len(latencies))
    ratios = [_p99(one) / _p99(other) for one, other in zip(beside, alone, strict=True)]
    print_table(
        f"{TAPS_PER_SECOND} taps a second, and {PAGES_PER_SECOND} customer's pages beside them "
        f"({ROUNDS} rounds of {SECONDS} s in turn; medians)",
        ["", "p50 ms", "p99 ms", "p99 beside over alone", "CPU ms a page"],
        [
            ["taps alone", *_row([load.latencies for load in alone]), "", ""],
            ["taps beside pages", *_row([load.latencies for load in beside]), spread(ratios), ""],
            ["pages", *_row(pages), "", milliseconds(median(cpu_seconds))],
        ],
    )


async def _furnish(street: Street) -> Iterator[str]:
    """The addresses of pages, each for one reader."""
    count = PAGES_PER_SECOND * (1 + SECONDS * ROUNDS)
    await street.settle_in(count, _FIRST_USER)
    rows = await street.database.fetch(_SUBSCRIPTIONS, count, _FIRST_USER)
    return iter([f"/s/{row['page_token']}" for row in rows])


async def _tap(street: Street) -> Load:
    count = TAPS_PER_SECOND * SECONDS
    url = f"{street.server.url}/telegram/webhook"
    return await post_all(url, SECRET, updates.taps(count), TAPS_PER_SECOND)


async def _open(http: httpx.AsyncClient, addresses: Iterator[str]) -> list[float]:
    """One after the other begins, as late as that pace wants it; seconds until each was there."""
    async with asyncio.TaskGroup() as group:
        opening = []
        for number, address in enumerate(addresses):
            opening.append(group.create_task(_open_one(http, address, number)))
            await asyncio.sleep(1 / PAGES_PER_SECOND)
    return [task.result() for task in opening]


async def _open_one(http: httpx.AsyncClient, address: str, number: int) -> float:
    started = time.perf_counter()
    reader = f"203.{number // 250 % 250}.{number % 250}.{hash(address) % 250}"
    headers = {"User-Agent": _BROWSER, "X-Forwarded-For": reader, "Accept": "text/html"}
    answer = await http.get(address, headers=headers)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return time.perf_counter() - started


def _p99(load: Load) -> float:
    return percentile(load.latencies, 0.99)


def _row(samples: list[list[float]]) -> list[str]:
    return [
        milliseconds(median(percentile(latencies, share) for latencies in samples))
        for share in (0.5, 0.99)
    ]
