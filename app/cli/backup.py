"""`python main.py backup` and `restore`: the whole database as one file of pg_dump's own format."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from app.cli.console import CommandError, count_noun, get_console
from app.cli.pg_programs import find_pg_program
from app.cli.whole_file import open_whole_file

if TYPE_CHECKING:
    import asyncpg

_T = TypeVar("_T")

_STREAM: Final = "-"
_MAGIC: Final = b"PGDMP"  # what pg_dump's custom format begins with
_CONNECT_SECONDS: Final = 10
_LOCK_WAIT: Final = "--lock-wait-timeout=60s"  # behind a migration; it never waits for ever
_ASIDE: Final = "before_restore"

_File = Annotated[str, typer.Argument(help="its path; - for standard output or input")]


def backup_database(context: typer.Context, file: _File) -> None:
    """Write the whole database into a file, while the service runs."""
    url = _database_url(context)
    program = find_pg_program("pg_dump", url, get_console(context).environ)
    server = _ask(url, _read_version)
    if program.version < server:
        raise CommandError(
            f"pg_dump {program.version} cannot read PostgreSQL {server}: "
            f"install postgresql-client-{server}"
        )
    words = ("--format=custom", "--no-owner", "--no-privileges", _LOCK_WAIT)
    if file == _STREAM:
        program.run(*words, target=sys.stdout.buffer)
        return
    with open_whole_file(Path(file)) as unfinished:
        program.run(*words, f"--file={unfinished}")
    get_console(context).out.write(f"{file}: {Path(file).stat().st_size} bytes\n")


def restore_database(
    context: typer.Context,
    file: _File,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="also into a database that holds something: it goes")
    ] = False,
) -> None:
    """Fill the database from such a file, all of it or nothing. The service must not run."""
    url = _database_url(context)
    program = find_pg_program("pg_restore", url, get_console(context).environ)
    with _open_backup(file) as source:
        tables = _ask(url, _count_tables)
        if tables and not replace:
            raise CommandError(
                f"nothing was restored: the database has {count_noun(tables, 'table')} already; "
                "name an empty one, or say --replace to lose what it holds"
            )
        name = program.environ["PGDATABASE"]
        words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        if tables:
            _ask(url, _put_aside)
        try:
            program.run(*words, f"--dbname={name}", source=source)
        except BaseException:
            if tables:
                _ask(url, _put_back)
            raise
        if tables:
            _ask(url, _drop_aside)
    restored = count_noun(_ask(url, _count_tables), "table")
    get_console(context).out.write(f"{restored} restored: start the service, it migrates first\n")


@contextmanager
def _open_backup(file: str) -> Iterator[IO[bytes]]:
    if file == _STREAM:
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as source:
            if source.read(len(_MAGIC)) != _MAGIC:
                raise CommandError(f"{file} is no file that `backup` wrote")
            os.lseek(source.fileno(), 0, os.SEEK_SET)
            yield source
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error


def _database_url(context: typer.Context) -> str:
    """Without a pooler between: pg_dump holds one snapshot from its beginning to its end."""
    from app.core.settings import load_database_settings

    return load_database_settings(get_console(context).environ).lock_database_url.get_secret_value()


def _ask(url: str, question: Callable[["asyncpg.Connection"], Awaitable[_T]]) -> _T:
    return asyncio.run(_connected(url, question))


async def _connected(url: str, question: Callable[["asyncpg.Connection"], Awaitable[_T]]) -> _T:
    from app.db import dedicated
    from app.db.explanation import DATABASE_ERRORS, explain_database_failure

    try:
        connection = await dedicated.connect_dedicated(
            url, purpose="backup", timeout_seconds=_CONNECT_SECONDS
        )
        try:
            return await question(connection)
        finally:
            await connection.close()
    except DATABASE_ERRORS as error:
        raise CommandError(explain_database_failure(error)) from error


async def _read_version(connection: "asyncpg.Connection") -> int:
    return int(await connection.fetchval("SHOW server_version_num")) // 10_000


async def _count_tables(connection: "asyncpg.Connection") -> int:
    """Of a database that nobody else of ours works on. Raises CommandError."""
    others = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name LIKE 'tollgate%' AND pid <> pg_backend_pid()"
    )
    if others:
        raise CommandError(
            "nothing was restored: the service is connected to this database; "
            "stop it first (docker compose stop tollgate)"
        )
    if await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", _ASIDE):
        raise CommandError(
            f"nothing was restored: an earlier restore was killed and its database's tables are "
            f"in the schema {_ASIDE}; look at docs/operations.md"
        )
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    return int(tables)


async def _put_aside(connection: "asyncpg.Connection") -> None:
    # What a newer version has added must go too, and nothing before the file has proved good.
    async with connection.transaction():
        await connection.execute(f"ALTER SCHEMA public RENAME TO {_ASIDE}")
        await connection.execute("CREATE SCHEMA public")
        await connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


async def _put_back(connection: "asyncpg.Connection") -> None:
    async with connection.transaction():
        await connection.execute("DROP SCHEMA public CASCADE")
        await connection.execute(f"ALTER SCHEMA {_ASIDE} RENAME TO public")


async def _drop_aside(connection: "asyncpg.Connection") -> None:
    await connection.execute(f"DROP SCHEMA {_ASIDE} CASCADE")
