"""The stage of the benchmark of watching: two chains, and a process that follows them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import asyncpg
import httpx

from benchmarks.node import Node, Traffic, open_node
from benchmarks.stage import Server, Stage, environment, until_answering
from benchmarks.watchlist import Watchlist
from tests.support.plain_http import NO_CERTIFICATES

CHAIN_IDS = {"eth": 1, "bsc": 56}
_PATIENCE_SECONDS = 900


@dataclass(frozen=True)
class Cost:
    """Of a round: what went over the wire, and the measured process's seconds and bytes."""

    traffic: Traffic
    cpu: float
    database: float
    seconds: float
    rss: int
    most_rss: int
    passes: int


def typical(costs: Sequence[Cost]) -> Cost:
    def middle(name: str) -> float:
        return float(median(getattr(one, name) for one in costs))

    traffic = [one.traffic for one in costs]
    return Cost(
        Traffic(
            requests=round(median(one.requests for one in traffic)),
            calls=round(median(one.calls for one in traffic)),
            passed_bytes=round(median(one.passed_bytes for one in traffic)),
        ),
        cpu=middle("cpu"),
        database=middle("database"),
        seconds=middle("seconds"),
        rss=max(one.rss for one in costs),
        most_rss=max(one.most_rss for one in costs),
        passes=round(middle("passes")),
    )


class ServiceUnderTest:
    """A process with its database; the nodes belong to all of them."""

    def __init__(
        self, server: Server, watchlist: Watchlist, nodes: dict[str, Node], http: httpx.AsyncClient
    ) -> None:
        self.server = server
        self.watchlist = watchlist
        self._nodes = nodes
        self._http = http

    async def follow(self, chain: str) -> Cost:
        """Until nothing is left to do."""
        return await self._measure(chain, f"/follow/{chain}", {})

    async def poll(self, chain: str, count: int, batch: int) -> Cost:
        """Ask for that many receipts."""
        asked = {"url": self._nodes[chain].url, "count": count, "batch": batch}
        return await self._measure(chain, "/poll", asked)

    async def compare(self, url: str, calls: Sequence[object], rounds: int) -> list[list[float]]:
        """Of each pair: seconds and CPU seconds through the pool, and those without it."""
        asked = {"url": url, "calls": calls, "rounds": rounds}
        pairs: list[list[float]] = await self._post("/compare", asked)
        return pairs

    async def _measure(self, chain: str, path: str, asked: dict[str, object]) -> Cost:
        before = self._nodes[chain].traffic
        told = await self._post(path, asked)
        names = ("cpu", "database", "seconds", "rss", "most_rss")
        spent = {name: told[name] for name in names}
        return Cost(self._nodes[chain].traffic - before, passes=told.get("passes", 0), **spent)

    async def _post(self, path: str, asked: dict[str, object]) -> Any:  # noqa: ANN401 - as JSON is
        answer = await self._http.post(self.server.url + path, json=asked)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(self.server.log.read_text(errors="replace")[-3000:])
        return answer.json()


@asynccontextmanager
async def open_nodes() -> AsyncIterator[dict[str, Node]]:
    async with AsyncExitStack() as stack:
        yield {
            chain: await stack.enter_async_context(open_node(chain_id))
            for chain, chain_id in CHAIN_IDS.items()
        }


@asynccontextmanager
async def open_service_under_test(
    stage: Stage, nodes: dict[str, Node]
) -> AsyncIterator[ServiceUnderTest]:
    databases = await stage.create_database()
    variables = {
        **environment(databases, "http://127.0.0.1:1", 8080),
        **{f"{chain.upper()}_RPC_URLS": node.url for chain, node in nodes.items()},
        "CELLFRAME_RPC_URLS": "off",
    }
    del variables["PORT"]
    server = stage.start(["-m", "benchmarks.servers.follower"], variables)
    connection = await asyncpg.connect(databases["DATABASE_URL"])
    timeout = httpx.Timeout(_PATIENCE_SECONDS)
    async with httpx.AsyncClient(timeout=timeout, verify=NO_CERTIFICATES) as http:
        await until_answering(server)
        yield ServiceUnderTest(server, Watchlist(connection), nodes, http)
    await connection.close()
    server.stop()
