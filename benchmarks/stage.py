"""What every benchmark stands on: two servers, two cores, and processes that end with it."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import psutil

from app.db.migrations import upgrade_schema
from sandbox.embedded import PostgresServer, ValkeyServer
from sandbox.processes import end, spawn

ROOT = Path(__file__).resolve().parents[1]
SECRET = "b9-Mq4wZk7_Tn2sXr8vLd5Hc"  # noqa: S105 - opens nothing but this run
BOT_TOKEN = "7000002:benchmark-bot-token"  # noqa: S105 - the same
_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Cores:
    """The measured server has one for itself; load, world and both databases share the other."""

    server: set[int]
    load: set[int]

    @classmethod
    def pick(cls) -> "Cores":
        """The first and the last that we may use; where pinning is not possible, all of them."""
        usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        return cls(set(usable[:1]), set(usable[-1:]))


def pin(pid: int, cores: set[int]) -> None:
    if cores:
        os.sched_setaffinity(pid, cores)


class Server:
    """A process on the server's core, or on the load's."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.url = url
        self.log = log
        self._process = process
        self._psutil = psutil.Process(process.pid)

    @property
    def cpu_seconds(self) -> float:
        times = self._psutil.cpu_times()
        return float(times.user + times.system)

    @property
    def rss_bytes(self) -> int:
        return int(self._psutil.memory_info().rss)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> None:
        self._process.wait(_PATIENCE_SECONDS)

    def stop(self) -> None:
        end(self._process, first=signal.SIGTERM, grace_seconds=20)

    def require_running(self) -> None:
        if self._process.poll() is not None:
            words = self.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"the server ended with {self._process.returncode}: {words}")


@dataclass
class Stage:
    postgres: PostgresServer
    valkey: ValkeyServer
    folder: Path
    cores: Cores
    _databases: int = 0
    _servers: list[Server] = field(default_factory=list)

    async def create_database(self) -> dict[str, str]:
        """DATABASE_URL of a migrated one, and REDIS_URL of an empty one."""
        self._databases += 1
        name = f"benchmark_{self._databases}"
        connection = await asyncpg.connect(self.postgres.url)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        url = self.postgres.url.removesuffix("postgres") + name
        await asyncio.to_thread(upgrade_schema, url)
        redis_url = self.valkey.url.removesuffix("0") + str(self._databases)
        return {"DATABASE_URL": url, "REDIS_URL": redis_url}

    def start(
        self, words: list[str], variables: Mapping[str, str], *, port: int | None = None
    ) -> Server:
        """Python with these words, on the server's core; it listens on PORT."""
        return self._start(words, variables, self.cores.server, port or free_port())

    def start_beside(self, words: list[str], variables: Mapping[str, str]) -> Server:
        """The same on the load's core."""
        return self._start(words, variables, self.cores.load, free_port())

    def _start(
        self, words: list[str], variables: Mapping[str, str], cores: set[int], port: int
    ) -> Server:
        log = self.folder / f"server-{len(self._servers)}.log"
        log.touch()
        process = spawn(
            [sys.executable, *words],
            log=log,
            folder=ROOT,
            env={"PATH": os.environ["PATH"], "PORT": str(port), **variables},
        )
        pin(process.pid, cores)  # before it has threads, which inherit it
        server = Server(process, f"http://127.0.0.1:{port}", log)
        self._servers.append(server)
        return server

    def stop(self) -> None:
        for server in self._servers:
            server.stop()


@contextmanager
def open_stage() -> Iterator[Stage]:
    cores = Cores.pick()
    pin(0, cores.load)
    folder = Path(tempfile.mkdtemp(prefix="tollgate-benchmarks-"))
    postgres, valkey = PostgresServer(folder / "postgres"), ValkeyServer(folder / "valkey")
    stage = Stage(postgres, valkey, folder, cores)
    try:
        postgres.start()
        valkey.start()
        yield stage
    finally:
        stage.stop()
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(databases: Mapping[str, str], world_url: str, port: int) -> dict[str, str]:
    """The service's environment: as deployed, with the world in the place of the outside."""
    return {
        **databases,
        "BOT_TOKEN": BOT_TOKEN,
        "WEBHOOK_SECRET": SECRET,
        "ADMIN_IDS": "1003",
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram/webhook",
        "TELEGRAM_API_URL": world_url,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LOG_FORMAT": "json",
    }


async def until_answering(server: Server, path: str = "/", *, role: str | None = None) -> None:
    """Until it speaks HTTP and, when asked for, says that it has the role."""
    async with asyncio.timeout(_PATIENCE_SECONDS), _client(server) as http:
        while True:
            server.require_running()
            try:
                answer = await http.get(path)
                if role is None or answer.json()["role"] == role:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=5, trust_env=False) as http:
        yield http
