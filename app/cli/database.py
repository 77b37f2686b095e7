"""Commands that need nothing but DATABASE_URL."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg
import typer
from sqlalchemy.exc import SQLAlchemyError

from app.cli.console import CommandError, console_of
from app.core import clock
from app.core.settings import DatabaseSettings, load_database_settings
from app.db.engine import create_engine
from app.db.outage import driver_error
from app.db.unit_of_work import Database

_T = TypeVar("_T")

_OTHER_TABLES: Final = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
_UNREACHABLE: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
)
# Not everything, as elsewhere: what a command refuses passes through here too.
DATABASE_ERRORS: Final = (
    OSError,
    EOFError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    SQLAlchemyError,
)


def with_database(context: typer.Context, use: Callable[[Database], Awaitable[_T]]) -> _T:
    """What `use` returns. Raises SettingsError, CommandError, and what it refuses."""
    settings = load_database_settings(console_of(context).environ)
    if settings.clock_offset:  # the sandbox has skipped some time
        clock.set_offset(settings.clock_offset)
    return asyncio.run(_run(settings, use))


async def _run(settings: DatabaseSettings, use: Callable[[Database], Awaitable[_T]]) -> _T:
    engine = create_engine(settings)
    try:
        return await use(Database(engine, wake=lambda _: None))
    except DATABASE_ERRORS as error:
        raise explain(error) from error
    finally:
        await engine.dispose()


def explain(error: Exception) -> CommandError:
    """For the operator; never the driver's own text, which may repeat values."""
    cause = driver_error(error)
    if isinstance(cause, _OTHER_TABLES):
        return CommandError(
            "the database has not the tables of this version: "
            "start the service once, it migrates first"
        )
    if isinstance(cause, _UNREACHABLE):
        return CommandError(
            f"the database cannot be reached ({type(cause).__name__}): "
            "correct DATABASE_URL, or start PostgreSQL"
        )
    return CommandError(f"the database failed ({type(cause).__name__}): see PostgreSQL's log")
