"""The database, waited for as long as it takes: nothing else of the service works before."""

from collections.abc import Awaitable, Callable

import structlog

from app.core.backoff import retry_until_done
from app.db.explanation import explain_database_failure, find_refused_parameter
from app.db.lock import PoolerError, check_session_locks
from app.db.migrations import Schema, SchemaError, prepare_schema
from app.db.outage import find_driver_error

logger = structlog.get_logger()


async def wait_for_database(lock_url: str, warm_pool: Callable[[], Awaitable[None]]) -> Schema:
    """Reached and migrated, without a pooler on `lock_url`, and through the pool as well."""

    async def attempt() -> Schema:
        await check_session_locks(lock_url)  # first: behind a pooler migrations fail oddly
        schema = await prepare_schema(lock_url)
        await warm_pool()
        return schema

    schema = await retry_until_done(attempt, _log_failure)
    if schema.is_newer:
        logger.warning(
            "schema_newer_than_code",
            schema=schema.database,
            code=schema.code,
            hint="it says that this version may run on it; deploy the newer one when it is ready",
        )
    return schema


def _log_failure(error: Exception, again_in_seconds: float) -> None:
    logger.error("database_not_ready", reason=_explain(error), again_in_seconds=again_in_seconds)


def _explain(error: Exception) -> str:
    if isinstance(error, SchemaError):
        return str(error)
    if isinstance(error, PoolerError):
        return f"{error}: set DATABASE_UNPOOLED_URL to the database itself, without the pooler"
    if find_refused_parameter(error):
        return explain_database_failure(error)
    return (
        f"PostgreSQL does not answer ({type(find_driver_error(error)).__name__}): "
        "start it, or correct DATABASE_URL"
    )
