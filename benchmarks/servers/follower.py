"""The process that watching is measured in: the loop of each chain, and what it is compared with.

Rounds are asked for over HTTP; each answers with what it cost this process.
"""

import os
import re
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import uvicorn
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.clients.chains import create_evm_chains
from app.clients.chains.rpc.calls import RpcCall
from app.clients.chains.rpc.jsonrpc import JsonRpc
from app.clients.chains.rpc.pool import RpcPool
from app.core.logging import configure_logging
from app.core.round_counts import MORE_DUE
from app.core.settings import load_settings
from app.db.engine import create_engine
from app.db.unit_of_work import Database
from app.domain.chains import ETHEREUM
from app.domain.shop_settings import ShopSettings
from app.services.tracking.following.follow import Follower, follow_chain
from benchmarks.watchlist import made_up_hashes

JsonCall = dict[str, object]
_SHOP = ShopSettings()


class TimedDatabase(Database):
    """No port is asked in a unit of work, so all of its time is the database's and our part."""

    seconds = 0.0

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        started = time.perf_counter()
        try:
            async with super().unit_of_work() as session:
                yield session
        finally:
            self.seconds += time.perf_counter() - started


class Meter:
    def __init__(self, db: TimedDatabase) -> None:
        self._db = db
        self._cpu, self._database = time.process_time(), db.seconds
        self._started = time.perf_counter()

    def read(self, **more: object) -> JSONResponse:
        cpu = time.process_time() - self._cpu
        spent = {"cpu": cpu, "seconds": time.perf_counter() - self._started}
        spent["database"] = self._db.seconds - self._database
        rss = psutil.Process().memory_info().rss
        return JSONResponse({**spent, "rss": rss, "most_rss": _most_rss() or rss, **more})


class Process:
    def __init__(self) -> None:
        settings = load_settings(os.environ)
        self._db = TimedDatabase(create_engine(settings), lambda _: None)
        self._chains = {chain.spec.key: chain for chain in create_evm_chains(settings)}
        self._followers = {k: Follower(self._db, chain) for k, chain in self._chains.items()}
        # Certificates are of no use here; loading them would be most of this process's work.
        self._http = httpx.AsyncClient(timeout=60, verify=False)  # noqa: S501 - loopback, no TLS

    async def follow(self, request: Request) -> JSONResponse:
        """As the worker does: at once again while there is more."""
        follower = self._followers[request.path_params["chain"]]
        meter, passes = Meter(self._db), 0
        more = 1
        while more:
            counts = await follow_chain(follower, _SHOP)
            passes, more = passes + 1, counts.get(MORE_DUE, 0)
        return meter.read(passes=passes)

    async def poll(self, request: Request) -> JSONResponse:
        """A receipt for each watch, `batch` of them in a request; 1: no batch."""
        asked = await request.json()
        hashes, url, batch = made_up_hashes(asked["count"]), asked["url"], asked["batch"]
        meter, known = Meter(self._db), 0
        for start in range(0, len(hashes), batch):
            calls = [_receipt(i, one) for i, one in enumerate(hashes[start : start + batch])]
            answers = await self._ask(url, calls if batch > 1 else calls[:1])
            known += sum(answer["result"] is not None for answer in answers)
        return meter.read(known=known)

    async def compare(self, request: Request) -> JSONResponse:
        """The same calls through the pool and without it, in turn: seconds and CPU seconds."""
        asked = await request.json()
        pool = RpcPool("eth", [asked["url"]], JsonRpc(1), block_time=ETHEREUM.block_time)
        calls = asked["calls"]
        through = [RpcCall(one["method"], tuple(one["params"])) for one in calls]
        pairs = []
        for _ in range(asked["rounds"] + 1):
            pooled = await _time(_ask_pool(pool, through))
            pairs.append((*pooled, *await _time(self._ask(asked["url"], calls))))
        await pool.aclose()
        return JSONResponse(pairs[1:])  # without the first, which connects

    async def _ask(self, url: str, calls: list[JsonCall]) -> list[JsonCall]:
        body = calls if len(calls) > 1 else calls[0]
        answer = (await self._http.post(url, json=body)).json()
        return answer if isinstance(answer, list) else [answer]


async def _ask_pool(pool: RpcPool, calls: list[RpcCall]) -> None:
    if len(calls) == 1:
        await pool.call(calls[0])
    else:
        await (await pool.pin()).call_many(calls)


async def _time(work: Awaitable[object]) -> tuple[float, float]:
    started, cpu = time.perf_counter(), time.process_time()
    await work
    return time.perf_counter() - started, time.process_time() - cpu


def _most_rss() -> int | None:
    """Bytes since this program began (getrusage counts its parent's too); None without Linux."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 if found else None


def _receipt(number: int, tx_hash: str) -> JsonCall:
    method = "eth_getTransactionReceipt"
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": [tx_hash]}


def create_app() -> Starlette:
    process = Process()
    return Starlette(
        routes=[
            Route("/follow/{chain}", process.follow, methods=["POST"]),
            Route("/poll", process.poll, methods=["POST"]),
            Route("/compare", process.compare, methods=["POST"]),
        ]
    )


if __name__ == "__main__":
    configure_logging("json", [])
    uvicorn.run(
        create_app,
        factory=True,
        port=int(os.environ["PORT"]),
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_keep_alive=60,
    )
