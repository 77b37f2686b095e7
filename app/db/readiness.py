"""The database, waited for as long as it takes: nothing else of the service works before."""

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.backoff import retry_until_done
from app.db.engine import open_connections
from app.db.explanation import explain_database_failure, find_refused_parameter
from app.db.lock import PoolerError, check_session_locks
from app.db.outage import find_driver_error
from app.db.schema import Schema, SchemaError, prepare_schema

_NEWER_SCHEMA_HINT = (
    "it says that this version may run on it; deploy the newer one when it is ready"
)

logger = structlog.get_logger()


class DatabaseReadiness:
    """`schema` is None until the database is reached and migrated."""

    def __init__(self, lock_url: str, engine: AsyncEngine, min_connections: int) -> None:
        self.schema: Schema | None = None
        self._lock_url = lock_url
        self._engine = engine
        self._min_connections = min_connections

    async def wait(self) -> None:
        """Until it is, without a pooler on `lock_url`, and through the pool as well."""
        schema = await retry_until_done(self._attempt, _log_failure)
        if schema.is_newer:
            logger.warning(
                "schema_newer_than_code",
                schema=schema.database,
                code=schema.code,
                hint=_NEWER_SCHEMA_HINT,
            )
        self.schema = schema

    async def _attempt(self) -> Schema:
        await check_session_locks(self._lock_url)  # first: behind a pooler migrations fail oddly
        schema = await prepare_schema(self._lock_url)
        await open_connections(self._engine, self._min_connections)
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
