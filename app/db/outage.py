"""Distinguishes outages of the database, which pass, from our bugs, which no repeating mends."""

import asyncpg
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    EmulatedDBAPIException,
    IntegrityError,
    PendingRollbackError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# The driver's own classes: SQLAlchemy gives most of these no class of their own.
_OURS = (
    ValueError,  # a value that the driver cannot send
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SyntaxOrAccessError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.RaiseError,
    # SQLAlchemy's, where it has no error of the driver.
    DataError,
    IntegrityError,
    ProgrammingError,
)
# Everything that the driver raises, and what its connection may raise below it.
_DRIVER = (
    OSError,
    EOFError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
_CONNECTION_WAS_LOST = "8s2b"  # SQLAlchemy's code; the same class also follows a bug


def is_outage(error: BaseException) -> bool:
    """PostgreSQL is away, starting, stopping, overrun or too slow; the same may work soon."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_outage(each) for each in error.exceptions)
    if isinstance(error, PendingRollbackError):
        return error.code == _CONNECTION_WAS_LOST
    if isinstance(error, DBAPIError):
        cause = find_driver_error(error)
        classified = cause if isinstance(cause, (*_DRIVER, ValueError)) else error
        return error.connection_invalidated or not isinstance(classified, _OURS)
    if isinstance(error, (PoolTimeoutError, DisconnectionError)):
        return True
    return isinstance(error, _DRIVER) and not isinstance(error, _OURS)


def find_driver_error(error: BaseException) -> BaseException:
    """What stands below SQLAlchemy's error; the error itself where nothing does."""
    below = getattr(error, "orig", None)
    if below is None and isinstance(error, EmulatedDBAPIException):
        below = error.__cause__  # some of these classes forget to hand it on
    return find_driver_error(below) if isinstance(below, BaseException) else error
