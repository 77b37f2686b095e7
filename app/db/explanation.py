"""What keeps us from the database, for the operator: one sentence with what helps.

Never the driver's own text, which may repeat values (P12).
"""

import re
from typing import Final

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from app.db.outage import find_driver_error

# Not everything, as elsewhere: what a command refuses passes through where these are caught.
DATABASE_ERRORS: Final = (
    OSError,
    EOFError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    SQLAlchemyError,
)
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
# Parameters of the address that asyncpg does not know are PostgreSQL's to refuse.
_REFUSED_PARAMETER: Final = (
    asyncpg.UndefinedObjectError,
    asyncpg.CantChangeRuntimeParamError,
    asyncpg.InvalidParameterValueError,
)
_NAME: Final = re.compile(r'parameter "([\w.]{1,63})"')


def explain_database_failure(error: BaseException) -> str:
    cause = find_driver_error(error)
    if isinstance(cause, _OTHER_TABLES):
        return (
            "the database has not the tables of this version: "
            "start the service once, it migrates first"
        )
    if name := find_refused_parameter(cause):
        return f"PostgreSQL refuses the parameter {name}: correct it in DATABASE_URL, or remove it"
    if isinstance(cause, _UNREACHABLE):
        return (
            f"the database cannot be reached ({type(cause).__name__}): "
            "correct DATABASE_URL, or start PostgreSQL"
        )
    return f"the database failed ({type(cause).__name__}): see PostgreSQL's log"


def find_refused_parameter(error: BaseException) -> str | None:
    """Which one of the address, where that is the matter; its name alone."""
    cause = find_driver_error(error)
    found = _NAME.search(str(cause)) if isinstance(cause, _REFUSED_PARAMETER) else None
    return found and found[1]
