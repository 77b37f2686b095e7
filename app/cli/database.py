"""Commands that need nothing but DATABASE_URL."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import typer

from app.cli.console import CommandError, get_console
from app.core import clock

if TYPE_CHECKING:
    from app.core.settings import DatabaseSettings
    from app.db.unit_of_work import Database

_T = TypeVar("_T")


def use_database(context: typer.Context, use: Callable[["Database"], Awaitable[_T]]) -> _T:
    """What `use` returns. Raises SettingsError, CommandError, and what it refuses."""
    from app.core.settings import load_database_settings

    settings = load_database_settings(get_console(context).environ)
    if settings.clock_offset:  # the sandbox has skipped some time
        clock.set_offset(settings.clock_offset)
    return asyncio.run(_run(settings, use))


async def _run(settings: "DatabaseSettings", use: Callable[["Database"], Awaitable[_T]]) -> _T:
    from app.db.engine import create_engine
    from app.db.explanation import DATABASE_ERRORS, explain_database_failure
    from app.db.unit_of_work import Database

    engine = create_engine(settings)
    try:
        return await use(Database(engine, wake=lambda _: None))
    except DATABASE_ERRORS as error:
        raise CommandError(explain_database_failure(error)) from error
    finally:
        await engine.dispose()
