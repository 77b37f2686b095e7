"""What every test may ask for: a real PostgreSQL, a real Valkey, clean databases in both.

One server of each kind serves a whole run. With xdist the controller starts them and passes them to
its workers; they end with it. DATABASE_URL and REDIS_URL in the environment replace them.
"""

import asyncio
import gc
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import anyio.to_thread
import asyncpg
import pytest
import redis.asyncio as aioredis
import structlog
from hypothesis import settings as hypothesis_settings
from sqlalchemy.ext.asyncio import AsyncEngine
from xdist.workermanage import WorkerController

import app.core.aiogram_models  # noqa: F401 - first, as in the service; saves each worker seconds
from app.core import clock
from sandbox.embedded import PostgresServer, ValkeyServer
from tests.support.chromium import MISSING, find_chromium, open_chromium

Skip = Callable[[timedelta], None]

# As main.py does. Looking for garbage again and again among all that was imported took a quarter
# of the tests' processor time.
gc.set_threshold(100_000, 20, 20)

_UNTOUCHED_TABLE = "alembic_version"
_MEMORY = Path("/dev/shm")  # noqa: S108 - only where it lies matters
_ROOM_BYTES = 4 * 2**30  # many times what the databases of four workers take
_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)


@dataclass(frozen=True)
class RunServers:
    """The servers of a test run, as its processes pass them on."""

    postgres_url: str
    valkey_url: str
    template: str
    """Name of the migrated database that all others are cloned from."""


@dataclass(frozen=True)
class SharedServer:
    """A server that other tests use at the same time: never stop it."""

    url: str


class _Starter:
    """Starts the run's servers when the first test needs them, and ends them."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tollgate-tests-", dir=_quick_folder()))
        self._postgres: PostgresServer | None = None
        self._valkey: ValkeyServer | None = None
        self._servers: RunServers | None = None

    def servers(self) -> RunServers:
        if self._servers is None:
            self._servers = RunServers(
                postgres_url=os.environ.get("DATABASE_URL") or self._start_postgres(),
                valkey_url=os.environ.get("REDIS_URL") or self._start_valkey(),
                template=f"tollgate_template_{uuid.uuid4().hex[:8]}",
            )
        return self._servers

    def _start_postgres(self) -> str:
        self._postgres = PostgresServer(self._folder / "postgres", durable=False)
        self._postgres.start()
        return self._postgres.url

    def _start_valkey(self) -> str:
        self._valkey = ValkeyServer(self._folder / "valkey", durable=False)
        self._valkey.start()
        return self._valkey.url

    def stop(self) -> None:
        if self._servers and self._postgres is None:
            asyncio.run(_drop(self._servers))
        for server in (self._postgres, self._valkey):
            if server is not None:
                server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _quick_folder() -> Path | None:
    """To clone a database is to copy 600 files: in memory that costs an eighth."""
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return _MEMORY if has_room else None


async def _drop(servers: RunServers) -> None:
    async with _connection(servers.postgres_url) as connection:
        await connection.execute(f"DROP DATABASE IF EXISTS {servers.template}")


_STARTER = pytest.StashKey[_Starter]()


def _starter(config: pytest.Config) -> _Starter:
    if _STARTER not in config.stash:
        config.stash[_STARTER] = _Starter()
    return config.stash[_STARTER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Pass the servers' addresses from the controller to an xdist worker."""
    node.workerinput["servers"] = vars(_starter(node.config).servers())


def pytest_configure() -> None:
    # Slow is no finding on a loaded machine; pytest-timeout ends what hangs.
    hypothesis_settings.register_profile("tollgate", deadline=None)
    hypothesis_settings.load_profile("tollgate")
    # structlog's default draws every local variable of a traceback, which takes seconds.
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ]
    )


def pytest_collection_finish() -> None:
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _STARTER in config.stash:
        config.stash[_STARTER].stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On the CI machine everything is installed: there a skipped test is a failed one."""
    report = yield
    return _skip_is_failure(report, item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _skip_is_failure(report, collector.nodeid)


def _skip_is_failure(report: _Report, nodeid: str) -> _Report:
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{nodeid} may not be skipped on the CI machine: {reason}"
    return report


# --- servers ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def run_servers(request: pytest.FixtureRequest) -> RunServers:
    told = getattr(request.config, "workerinput", {}).get("servers")
    return RunServers(**told) if told else _starter(request.config).servers()


@pytest.fixture(scope="session")
def postgres_server(run_servers: RunServers) -> SharedServer:
    return SharedServer(run_servers.postgres_url)


@pytest.fixture(scope="session")
def valkey_server(run_servers: RunServers) -> SharedServer:
    return SharedServer(run_servers.valkey_url)


@pytest.fixture(scope="session")
def _blank_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what `own_postgres` copies: to make a cluster takes seconds, to copy it none."""
    folder = tmp_path_factory.mktemp("blank") / "postgres"
    PostgresServer(folder).prepare()
    return folder


@pytest.fixture
def own_postgres(_blank_cluster: Path, tmp_path: Path) -> Iterator[PostgresServer]:
    """Give a test a PostgreSQL that it may stop, start again and break. Not migrated."""
    folder = tmp_path / "postgres"
    command = ["cp", "-a", str(_blank_cluster), str(folder)]  # copytree would lose the owner
    subprocess.run(command, check=True)
    server = PostgresServer(folder, durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """Give a test a Valkey that it may stop, start again and break."""
    server = ValkeyServer(tmp_path / "valkey", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a browser to connect to."""
    program = find_chromium()
    if program is None:
        pytest.skip(MISSING)
    with open_chromium(program, tmp_path_factory.mktemp("chromium")) as address:
        yield address


# --- databases -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
async def template(run_servers: RunServers) -> str:
    """Give the name of the migrated database, made by the first worker that asks."""
    async with _connection(run_servers.postgres_url) as connection:
        # Released when this connection closes; the other workers wait here meanwhile.
        await connection.execute("SELECT pg_advisory_lock(hashtext($1))", run_servers.template)
        made = await connection.fetchval(
            "SELECT 1 FROM pg_database WHERE datname = $1", run_servers.template
        )
        if not made:
            unfinished = f"{run_servers.template}_unfinished"
            await connection.execute(f"CREATE DATABASE {unfinished}")
            await _migrate(_with_database(run_servers.postgres_url, unfinished))
            rename = f"ALTER DATABASE {unfinished} RENAME TO {run_servers.template}"
            await connection.execute(rename)
    return run_servers.template


async def _migrate(url: str) -> None:
    # Here, because a run without a database needs neither Alembic nor the models.
    from app.db.migrations import upgrade_schema  # noqa: PLC0415

    await anyio.to_thread.run_sync(upgrade_schema, url)


@asynccontextmanager
async def clone_database(run_servers: RunServers, template: str) -> AsyncIterator[str]:
    name = f"tollgate_test_{uuid.uuid4().hex[:12]}"
    async with _connection(run_servers.postgres_url) as connection:
        # FILE_COPY is twice as fast as the default for a database of this size.
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield _with_database(run_servers.postgres_url, name)
    async with _connection(run_servers.postgres_url) as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True)
class _WorkerDatabase:
    url: str
    connection: asyncpg.Connection
    """What cleans it: kept open, because a new one reads PostgreSQL's catalogue first."""


@pytest.fixture(scope="session")
async def _worker_database(
    run_servers: RunServers, template: str
) -> AsyncIterator[_WorkerDatabase]:
    async with clone_database(run_servers, template) as url, _connection(url) as connection:
        await _create_cleaning(connection)
        yield _WorkerDatabase(url, connection)


async def _create_cleaning(connection: asyncpg.Connection) -> None:
    """As a function of this connection alone, because it keeps its statements planned.

    No triggers: neither foreign keys nor an append-only ledger stand in the way. Rows are deleted
    and tables not truncated, because that is faster and waits for no reader.
    """
    rows = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> $1",
        _UNTOUCHED_TABLE,
    )
    tables = [row["tablename"] for row in rows]
    lines = [f'DELETE FROM public."{table}";' for table in tables]
    for table in tables:
        if await connection.fetchval(f'SELECT 1 FROM "{table}" LIMIT 1'):
            seeds = f'pg_temp."seeds_{table}"'
            await connection.execute(f'CREATE TEMPORARY TABLE {seeds} AS TABLE "{table}"')
            lines.append(f'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE TABLE {seeds};')
    await connection.execute(
        "CREATE FUNCTION pg_temp.clean() RETURNS void LANGUAGE plpgsql"
        " SET session_replication_role = replica SET lock_timeout = '10s'"
        f" AS $$ BEGIN {' '.join(lines)} END $$"
    )


@pytest.fixture
async def database_url(_worker_database: _WorkerDatabase) -> str:
    """Give a migrated database with nothing in it but what the migrations put there.

    The worker's tests share it, one after the other; a test that starts processes takes
    `fresh_database_url`.
    """
    await _worker_database.connection.execute("SELECT pg_temp.clean()")
    return _worker_database.url


@pytest.fixture(scope="session")
async def _worker_engine(_worker_database: _WorkerDatabase) -> AsyncIterator[AsyncEngine]:
    # Here for the same reason as above.
    from tests.support.stall import open_engine  # noqa: PLC0415

    engine = open_engine(_worker_database.url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def engine(database_url: str, _worker_engine: AsyncEngine) -> AsyncEngine:  # noqa: ARG001
    """Give the service's way to `database_url`, connected and with its statements compiled.

    Its event listeners are the test's own.
    """
    return _worker_engine.execution_options()


@pytest.fixture
async def fresh_database_url(run_servers: RunServers, template: str) -> AsyncIterator[str]:
    """Give a migrated database of the test's own; what is still connected is cut off after."""
    async with clone_database(run_servers, template) as url:
        yield url


@pytest.fixture
async def redis_url(run_servers: RunServers) -> str:
    """Give the worker's logical database, emptied."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    url = urlunsplit(urlsplit(run_servers.valkey_url)._replace(path=f"/{number}"))
    async with aioredis.from_url(url) as client:
        await client.flushdb()
    return url


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture
def skip() -> Iterator[Skip]:
    """Give what moves the service's clock forward."""
    passed = timedelta()

    def skip(time: timedelta) -> None:
        nonlocal passed
        passed += time
        clock.set_offset(passed)

    yield skip
    clock.set_offset(timedelta())
