"""The webhook path: throughput and latency at 20 at a time, beside aiogram's and FastAPI's."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

from benchmarks import updates
from benchmarks.load import CONNECTIONS, Load, post_all
from benchmarks.measures import milliseconds, percentile, print_table, spread
from benchmarks.stage import BOT_TOKEN, SECRET, Server, Stage, environment, free_port, until_answering

ROUNDS = 9
WITHIN_SECONDS = 0.05


@dataclass
class Contender:
    name: str
    server: Server
    loads: list[Load] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)  # of the server, an update
    busy: list[float] = field(default_factory=list)  # the share of its core that the server used

    async def run(self, bodies: Iterator[bytes]) -> None:
        before = self.server.cpu_seconds
        load = await post_all(f"{self.server.url}/telegram/webhook", SECRET, bodies)
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
    await _compare(
        f"Webhook path, trivial handler, {CONNECTIONS} at a time",
        [
            await start_tollgate(stage, "trivial", world),
            await _start(stage, "aiogram's aiohttp handler", "aiogram_aiohttp", "trivial"),
            await _start(stage, "FastAPI, feed_webhook_update", "fastapi_endpoint"),
            await _start(stage, "bare ASGI, no bot", "bare"),
        ],
        updates.messages,
        count=2000,
    )
    await _compare(
        f"Webhook path, the shop's menu, {CONNECTIONS} at a time",
        [
            await start_tollgate(stage, "shop", world),
            await _start(stage, "aiogram's aiohttp handler", "aiogram_aiohttp", "shop", world),
        ],
        updates.taps,
        count=800,
    )


async def start_tollgate(stage: Stage, bot: str, world: Server) -> Contender:
    port = free_port()
    variables = environment(await stage.create_database(), world.url, port)
    words = ["-m", "benchmarks.servers.tollgate", bot]
    server = stage.start(words, variables, port=port)
    await until_answering(server, "/health", role="active")
    return Contender("Tollgate", server)


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
) -> None:
    for contender in contenders:
        # Everybody has been here once before the first round, and every code path too.
        await contender.run(source(updates.PEOPLE))
        contender.forget()
    for number, contender in itertools.product(range(ROUNDS), contenders):
        print(f"\r{title}: round {number + 1} of {ROUNDS}   ", end="", flush=True)
        await contender.run(source(count))
    reference = contenders[1]
    print_table(
        f"{title} ({ROUNDS} rounds of {count} updates in turn; medians)",
        [
            "", "updates/s", "times aiogram's", "p50 ms", "p99 ms", "within 50 ms",
            "CPU ms an update", "core used",
        ],  # fmt: skip
        [_row(contender, reference) for contender in contenders],
    )
    for contender in contenders:
        contender.server.stop()


def _row(contender: Contender, reference: Contender) -> list[str]:
    loads = contender.loads
    ratios = [
        mine.per_second / other.per_second
        for mine, other in zip(loads, reference.loads, strict=True)
    ]
    shares = [
        sum(latency <= WITHIN_SECONDS for latency in load.latencies) / len(load.latencies)
        for load in loads
    ]
    return [
        contender.name,
        f"{median(load.per_second for load in loads):.0f}",
        spread(ratios),
        milliseconds(median(percentile(load.latencies, 0.5) for load in loads)),
        milliseconds(median(percentile(load.latencies, 0.99) for load in loads)),
        f"{median(shares):.1%}",
        milliseconds(median(contender.cpu_seconds)).replace(".", "."),
        f"{median(contender.busy):.0%}",
    ]
