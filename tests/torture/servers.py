"""A PostgreSQL and a Valkey of the run's own, because seeds stop them and start them again."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.db.migrations import upgrade_schema
from sandbox.embedded import PostgresServer, ValkeyServer

_TEMPLATE = "torture_template"


@dataclass
class Servers:
    postgres: PostgresServer
    valkey: ValkeyServer
    is_migrated: bool = False

    @asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """A migrated one."""
        if not self.is_migrated:
            await self._execute(f"CREATE DATABASE {_TEMPLATE}")
            await asyncio.to_thread(upgrade_schema, self._url(_TEMPLATE))
            self.is_migrated = True
        name = f"torture_{uuid.uuid4().hex[:12]}"
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        yield self._url(name)
        await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.postgres.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _url(self, database: str) -> str:
        return urlunsplit(urlsplit(self.postgres.url)._replace(path=f"/{database}"))


@contextmanager
def running_servers(folder: Path) -> Iterator[Servers]:
    # Valkey keeps what it holds when it is restarted: one that forgets is another fault.
    servers = Servers(
        PostgresServer(folder / "postgres", durable=False), ValkeyServer(folder / "valkey")
    )
    try:
        servers.postgres.start()
        servers.valkey.start()
        yield servers
    finally:
        servers.postgres.stop()
        servers.valkey.stop()
