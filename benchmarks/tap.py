"""What /menu and a tap on a button cost a user who is known: round trips, commands, CPU, time.

The counts are of the wire, on proxies between the service and its servers, and exact: the most
frequent of single updates, so that what a worker asks at the same moment stands aside. With a
delay on PostgreSQL's proxy the database is as far away as in a deploy.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks import updates
from benchmarks.load import CONNECTIONS, Load, post_all
from benchmarks.measures import milliseconds, percentile, print_table
from benchmarks.stage import SECRET, Server, Stage, environment, free_port, until_answering
from tests.support.wire import PostgresWire, RedisWire

Source = Callable[[int], Iterator[bytes]]

KINDS: dict[str, Source] = {"/menu": updates.commands, "a tap": updates.taps}
COUNTED = 60
TIMED = 400
# What is added each way: a database beside the service, one 3 ms there and back, one 3 ms away.
DELAYS = {"none": (0.0, 0.0), "3 ms there and back": (0.003, 0.0), "3 ms each way": (0.003, 0.003)}


@dataclass
class Tap:
    """The service, alone on its core, behind two proxies that count."""

    server: Server
    postgres: PostgresWire
    redis: RedisWire

    async def post(self, bodies: Iterator[bytes], *, connections: int = 1) -> Load:
        url = f"{self.server.url}/telegram/webhook"
        load = await post_all(url, SECRET, bodies, connections=connections)
        if set(load.statuses) != {200}:
            raise RuntimeError(f"answered {load.statuses}")
        return load

    async def count(self, source: Source) -> list[object]:
        seen: list[tuple[int, ...]] = []
        for _ in range(COUNTED):
            self.postgres.forget()
            self.redis.forget()
            await self.post(source(1))
            postgres = (self.postgres.round_trips, len(self.postgres.statements))
            seen.append((*postgres, self.redis.round_trips, len(self.redis.commands)))
        return [Counter(counts).most_common(1)[0][0] for counts in zip(*seen, strict=True)]


async def run(stage: Stage) -> None:
    async with open_tap(stage) as tap:
        for source in KINDS.values():  # everybody has been here before it counts
            await tap.post(source(updates.USERS), connections=CONNECTIONS)
        counts = [[name, *await tap.count(source)] for name, source in KINDS.items()]
        head = ["PostgreSQL round trips", "statements", "Redis round trips", "commands"]
        print_table("A known user's update, counted", ["", *head], counts)
        times = [
            [name, words, *await _time(tap, source, delay)]
            for name, source in KINDS.items()
            for words, delay in DELAYS.items()
        ]
        head = ["added to the database's way", "p50 ms", "p95 ms", "CPU ms"]
        print_table(f"One at a time, {TIMED} updates each", ["", *head], times)


@asynccontextmanager
async def open_tap(stage: Stage) -> AsyncIterator[Tap]:
    databases, port = await stage.create_database(), free_port()
    world = stage.start_beside(["-m", "benchmarks.servers.bot_api"], {})
    await until_answering(world)
    async with (
        PostgresWire.to(databases["DATABASE_URL"]) as postgres,
        RedisWire.to(databases["REDIS_URL"]) as redis,
    ):
        proxied = {
            "DATABASE_URL": postgres.replace(databases["DATABASE_URL"]),
            "REDIS_URL": redis.replace(databases["REDIS_URL"]),
        }
        words = ["-m", "benchmarks.servers.tollgate", "shop"]
        server = stage.start(words, environment(proxied, world.url, port), port=port)
        await until_answering(server, "/health", role="active")
        yield Tap(server, postgres, redis)
        server.stop()


async def _time(tap: Tap, source: Source, delay: tuple[float, float]) -> list[str]:
    tap.postgres.seconds_to_server, tap.postgres.seconds_to_client = delay
    before = tap.server.cpu_seconds
    load = await tap.post(source(TIMED))
    used = tap.server.cpu_seconds - before
    tap.postgres.seconds_to_server = tap.postgres.seconds_to_client = 0.0
    shares = [milliseconds(percentile(load.latencies, share)) for share in (0.5, 0.95)]
    return [*shares, f"{used / TIMED * 1000:.2f}"]
