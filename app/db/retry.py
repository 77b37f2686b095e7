"""Once more, at once, where only the moment was wrong: the transaction was rolled back whole."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError

from app.db.outage import find_driver_error

_MAX_TRIES: Final = 3  # the second fails as well when a migration changes two tables

# A table was changed below a statement that the connection had prepared (the first failure makes
# every connection forget its statements), or it and we waited for each other.
_MOMENTARY: Final = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
    asyncpg.TransactionRollbackError,
)

_P = ParamSpec("_P")
_T = TypeVar("_T")
logger = structlog.get_logger()


def retry_if_stale(work: Callable[_P, Awaitable[_T]]) -> Callable[_P, Coroutine[Any, Any, _T]]:
    """For what may be done again after a crash: an update, a round of a worker, a use case."""

    @wraps(work)
    async def work_again(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        for _ in range(_MAX_TRIES - 1):
            try:
                return await work(*args, **kwargs)
            except Exception as error:
                cause = find_driver_error(error)
                if not isinstance(cause, _MOMENTARY) and not _is_connection_lost(error):
                    raise
                logger.info("statement_repeated", reason=type(cause).__name__)
        return await work(*args, **kwargs)

    return work_again


def _is_connection_lost(error: Exception) -> bool:
    """While it was in use, or before: the pool then connects anew, which fails in an outage."""
    return isinstance(error, DBAPIError) and error.connection_invalidated
