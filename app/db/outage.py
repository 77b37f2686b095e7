"""Tells the database's trouble, which passes, from our bugs, which repeating does not heal."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# The driver's own classes: SQLAlchemy gives most of these no class of their own.
_OURS = (
    ValueError,  # a value that the driver cannot send
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SyntaxOrAccessError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.RaiseError,
)
# What the driver raises before SQLAlchemy has a connection to speak of.
_DRIVER = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
)


def is_outage(error: BaseException) -> bool:
    """PostgreSQL is away, starting, stopping, overrun or too slow; the same may work soon."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or not isinstance(error.driver_exception, _OURS)
    return isinstance(error, (PoolTimeoutError, *_DRIVER)) and not isinstance(error, _OURS)
