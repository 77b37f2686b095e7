"""The engine and its pool, sized from the load in Settings."""

import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4
from weakref import WeakSet

import asyncpg
from sqlalchemy import PoolProxiedConnection, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from app.core.metrics import STATEMENT_SECONDS
from app.core.settings import DatabaseSettings

_IS_BEHIND_POOLER = "is_behind_pooler"  # an option of ours
_ACQUIRE_SECONDS = 10
_STATEMENT_SECONDS = 30


def connect_engine(
    url: str,
    connect_args: Mapping[str, object] | None = None,
    **options: Any,  # noqa: ANN401 - SQLAlchemy's
) -> AsyncEngine:
    """Asyncpg reads the address itself, as libpq does: SQLAlchemy would refuse `sslmode`."""
    _, separator, rest = url.partition("://")
    dsn = f"postgresql{separator}{rest}"
    return create_async_engine(
        "postgresql+asyncpg://", connect_args={"dsn": dsn, **(connect_args or {})}, **options
    )


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    behind_pooler = settings.database_unpooled_url is not None
    engine = connect_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=_ACQUIRE_SECONDS,
        pool_recycle=3600,
        pool_use_lifo=True,  # the ones not needed grow old together and are recycled
        hide_parameters=True,  # an error's text goes to logs, and values hold keys (P12)
        execution_options={_IS_BEHIND_POOLER: behind_pooler},
        connect_args={
            "timeout": 5,
            "command_timeout": _STATEMENT_SECONDS,
            **(_BEHIND_POOLER if behind_pooler else _DIRECT),
        },
    )
    event.listen(engine.sync_engine, "before_cursor_execute", _begin_statement)
    event.listen(engine.sync_engine, "after_cursor_execute", _measure_statement)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "invalidate", _terminate_connection)
    return engine


def _begin_statement(*arguments: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
    """The last but one of them is the execution, which nothing else shares."""
    arguments[-2].began_at = time.monotonic()


def _measure_statement(*arguments: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
    STATEMENT_SECONDS.observe(time.monotonic() - arguments[-2].began_at)


class OwnBackends:
    """The server's processes that serve this engine, by which its own NOTIFY is known again.

    Behind a transaction pooler nobody owns one. Made before the engine connects.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._connections = WeakSet[asyncpg.Connection]()
        if not engine.get_execution_options().get(_IS_BEHIND_POOLER):
            event.listen(engine.sync_engine, "connect", self._add)

    def __contains__(self, pid: object) -> bool:
        # What is closed is kept for a while, and an aborted one cannot even say which it was.
        return any(
            connection.get_server_pid() == pid
            for connection in self._connections
            if not connection.is_closed()
        )

    def _add(self, _connection: object, record: ConnectionPoolEntry) -> None:
        driver_connection: asyncpg.Connection = record.driver_connection
        self._connections.add(driver_connection)


def without_transactions(engine: AsyncEngine) -> AsyncEngine:
    """The same connections, where a statement alone needs no BEGIN and no COMMIT.

    Behind a transaction pooler it does: between the statement's preparation and its execution the
    driver may close an older one, and only a transaction keeps the session until then.
    """
    if engine.get_execution_options().get(_IS_BEHIND_POOLER):
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


async def open_connections(engine: AsyncEngine, count: int) -> None:
    """So many at once; the pool keeps them for the first that ask."""
    async with AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(engine.connect())


def count_connections_in_use(engine: AsyncEngine) -> int:
    return engine.pool.checkedout() if isinstance(engine.pool, QueuePool) else 0


def _refuse_closed(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    """The driver knows of a server's good-bye: SQLAlchemy's ping would take three round trips.

    What it cannot know yet fails in use, and is done again (retry.py).
    """
    driver_connection: asyncpg.Connection = record.driver_connection
    if driver_connection.is_closed():
        raise DisconnectionError  # SQLAlchemy then connects anew


def _terminate_connection(
    connection: PoolProxiedConnection, _record: object, _error: object
) -> None:
    """At once: SQLAlchemy would say good-bye first, for 2 s when the server is frozen."""
    driver_connection: asyncpg.Connection = connection.driver_connection
    driver_connection.terminate()


_DIRECT = {
    "server_settings": {
        "application_name": "tollgate",
        "statement_timeout": str(_STATEMENT_SECONDS * 1000),
        "idle_in_transaction_session_timeout": str(_STATEMENT_SECONDS * 1000),
    },
}
# A transaction pooler refuses settings of a session, and the names of prepared statements are
# shared by everybody behind it.
_BEHIND_POOLER = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: f"__tollgate_{uuid4()}__",
}
