"""The webhook path: throughput and latency at 20 at a time, beside aiogram's and FastAPI's."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks import updates
from benchmarks.load import CONNECTIONS, Load, post_all
from benchmarks.measures import milliseconds, percentile, print_table, spread
from benchmarks.stage import (
    BOT_TOKEN,
    SECRET,
    Server,
    Stage,
    environment,
    free_port,
    until_answering,
)

ROUNDS = 9
WITHIN_SECONDS = 0.05
MICROSECONDS = 1_000_000
# An answer to a tap is an edit, of which Telegram lets 25 a second through.
TAPS_PER_SECOND = 20


@dataclass
class Contender:
    name: str
    server: Server
    loads: list[Load] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)  # of the server, an update
    busy: list[float] = field(default_factory=list)  # the share of its core that the server used

    async def run(self, bodies: Iterator[bytes], per_second: float = math.inf) -> None:
        before = self.server.cpu_seconds
        url = f"{self.server.url}/telegram/webhook"
        load = await post_all(url, SECRET, bodies, per_second)
        used = self.server.cpu_seconds - before
        if set(load.statuses) != {200}:
            raise RuntimeError(f"{self.name} answered {load.statuses}")
        self.loads.append(load)
        self.cpu_seconds.append(used / len(load.latencies))
        self.busy.append(used / load.seconds)

    def forget(self) -> None:
        for samples in (self.loads, self.cpu_seconds, self.busy):
            samples.clear()


async def run(stage: Stage) -> None:
    world = stage.start_beside(["-m", "benchmarks.servers.bot_api"], {})
    await until_answering(world)
    trivial = [
        await _start(stage, "aiogram's aiohttp handler", "aiogram_aiohttp", "trivial"),
        await _start_tollgate(stage, "Tollgate, duplicates known in Redis", "trivial", world),
        await _start_tollgate(stage, "Tollgate without Redis", "trivial", world, REDIS_URL=""),
        await _start(
            stage, "aiogram's, dialogues in Redis", "aiogram_aiohttp", "trivial-redis", world
        ),
        await _start(stage, "FastAPI, feed_webhook_update", "fastapi_endpoint"),
        await _start(stage, "python-telegram-bot's, processed later", "telegram_bot", "-", world),
        await _start(stage, "bare ASGI, no bot", "bare"),
    ]
    at_once = f"{CONNECTIONS} at a time"
    await _compare(f"A handler that does nothing, {at_once}", trivial, updates.messages, count=2000)
    for contender in trivial:
        contender.server.stop()
    menus = [
        await _start(stage, "aiogram's aiohttp handler", "aiogram_aiohttp", "shop", world),
        await _start_tollgate(stage, "Tollgate", "shop", world),
    ]
    await _compare(f"The shop's menu, {at_once}", menus, updates.taps, count=800)
    paced = f"The shop's menu, {TAPS_PER_SECOND} a second"
    await _compare(paced, menus, updates.taps, count=100, per_second=TAPS_PER_SECOND)


async def _start_tollgate(
    stage: Stage, name: str, bot: str, world: Server, **overrides: str
) -> Contender:
    port = free_port()
    variables = environment(await stage.create_database(), world.url, port) | overrides
    words = ["-m", "benchmarks.servers.tollgate", bot]
    server = stage.start(words, variables, port=port)
    await until_answering(server, "/health", role="active")
    return Contender(name, server)


async def _start(
    stage: Stage, name: str, module: str, bot: str = "", world: Server | None = None
) -> Contender:
    variables = {"BOT_TOKEN": BOT_TOKEN, "WEBHOOK_SECRET": SECRET}
    if world:
        variables = environment(await stage.create_database(), world.url, 0)
        del variables["PORT"]
    words = ["-m", f"benchmarks.servers.{module}", *([bot] if bot else [])]
    server = stage.start(words, variables)
    await until_answering(server)
    return Contender(name, server)


async def _compare(
    title: str,
    contenders: list[Contender],
    source: Callable[[int], Iterator[bytes]],
    *,
    count: int,
    per_second: float = math.inf,
) -> None:
    for contender in contenders:
        if not contender.loads:  # everybody has been here, and every code path, before it counts
            await contender.run(source(updates.USERS))
        contender.forget()
    for _, contender in itertools.product(range(ROUNDS), contenders):
        await contender.run(source(count), per_second)
    head = ["updates/s", "times aiogram's", "p50 ms", "p99 ms", "within 50 ms"]
    print_table(
        f"{title} ({ROUNDS} rounds of {count} updates in turn; medians)",
        ["", *head, "CPU µs an update", "aiogram's CPU over it", "core used"],
        [_row(contender, contenders[0]) for contender in contenders],
    )


def _row(contender: Contender, reference: Contender) -> list[str]:
    loads = contender.loads
    rates = [load.per_second for load in loads]
    shares = [
        sum(latency <= WITHIN_SECONDS for latency in load.latencies) / len(load.latencies)
        for load in loads
    ]
    return [
        contender.name,
        f"{median(rates):.0f}",
        spread(_ratios(rates, [load.per_second for load in reference.loads])),
        milliseconds(median(percentile(load.latencies, 0.5) for load in loads)),
        milliseconds(median(percentile(load.latencies, 0.99) for load in loads)),
        f"{median(shares):.1%}",
        f"{median(contender.cpu_seconds) * MICROSECONDS:.0f}",
        f"{median(_ratios(reference.cpu_seconds, contender.cpu_seconds)):.2f}",
        f"{median(contender.busy):.0%}",
    ]


def _ratios(mine: Sequence[float], others: Sequence[float]) -> list[float]:
    """Round by round, so that both had the same noise."""
    return [one / other for one, other in zip(mine, others, strict=True)]
