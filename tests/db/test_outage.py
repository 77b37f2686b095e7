"""Which failures of the database pass by themselves and which are our bugs."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.db.outage import is_outage
from tests.support.proxy import TcpProxy
from tests.support.stall import Stall, open_stall


@pytest.fixture
async def stall(database_url: str) -> AsyncIterator[Stall]:
    async with open_stall(database_url) as stall:
        yield stall


async def failure_of(stall: Stall, sql: str, **values: object) -> BaseException:
    """`sql` is one statement, or some with semicolons between."""

    async def run() -> None:
        async with stall.db.unit_of_work() as session:
            for statement in sql.split("; "):
                await session.execute(text(statement), values)

    with pytest.raises(Exception) as caught:  # noqa: PT011 - its class is what is asked
        await run()
    return caught.value


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("SELECT no_such_column", {}),
        ("SELECT 1 FROM no_such_table", {}),
        ("SELEC", {}),
        ("INSERT INTO users (id) VALUES (1)", {}),
        ("UPDATE users SET language = 'xx'", {}),
        ("UPDATE users SET language = 'too long'", {}),
        ("SELECT 1 / 0", {}),
        ("SELECT jsonb('\"\\u0000\"')", {}),
        ("SELECT CAST(:x AS bigint)", {"x": 1 << 70}),
        ("SELECT CAST(:x AS text)", {"x": "nul \0"}),
        ("SELECT CAST(:x AS text)", {"x": "half \ud800"}),
    ],
)
async def test_what_repeating_does_not_heal_is_ours(
    stall: Stall, sql: str, values: dict[str, object]
) -> None:
    """P1: a webhook that answered 503 to it for three days would be switched off."""
    assert not is_outage(await failure_of(stall, sql, **values))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(5)",
        "DO 'BEGIN RAISE deadlock_detected;END'",
        "DO 'BEGIN RAISE lock_not_available;END'",
        "DO 'BEGIN RAISE disk_full;END'",
        "DO 'BEGIN RAISE too_many_connections;END'",
    ],
)
async def test_what_passes_is_an_outage(stall: Stall, sql: str) -> None:
    """P1."""
    assert is_outage(await failure_of(stall, sql))


async def test_a_server_that_is_away_is_an_outage(database_url: str) -> None:
    async with TcpProxy.to(database_url) as proxy, open_stall(proxy.replace(database_url)) as stall:
        await proxy.refuse()
        assert is_outage(await failure_of(stall, "SELECT 1"))

        await proxy.accept()
        assert await stall.notified() == []


async def test_a_server_that_is_starting_is_an_outage() -> None:
    assert is_outage(asyncpg.CannotConnectNowError("the database system is starting up"))


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), asyncpg.DataError("x")])
def test_a_bug_is_no_outage(error: Exception) -> None:
    assert not is_outage(error)


EMULATED = dialect.import_dbapi()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types


def driver_classes(parent: type[BaseException]) -> list[type[BaseException]]:
    below = [each for child in parent.__subclasses__() for each in driver_classes(child)]
    return [parent, *(each for each in below if each.__module__.startswith("asyncpg"))]


EVERY_CLASS = [
    each
    for parent in (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
    for each in driver_classes(parent)
]
OURS = (
    "DataError",
    "IntegrityConstraintViolationError",
    "SyntaxOrAccessError",
    "ProgramLimitExceededError",
    "RaiseError",
    "ValueError",
)


@pytest.mark.parametrize("kind", EVERY_CLASS, ids=lambda kind: kind.__name__)
def test_everything_that_the_driver_can_raise_is_judged(kind: type[Exception]) -> None:
    """Raw, as at connecting, and below SQLAlchemy's own error."""
    error = kind("x")
    wrapped = DBAPIError("SELECT 1", {}, EMULATED.Error("x", error))
    is_ours = any(parent.__name__ in OURS for parent in kind.__mro__)

    assert is_outage(error) is not is_ours
    assert is_outage(wrapped) is not is_ours


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (InterfaceError("SELECT 1", {}, EMULATED.InterfaceError("connection is closed")), True),
        (IntegrityError("SELECT 1", {}, EMULATED.IntegrityError("x")), False),
        (DBAPIError("SELECT 1", {}, EMULATED.Error("x", ValueError("x"))), False),
        (DBAPIError("SELECT 1", {}, None), True),  # type: ignore[arg-type]  # it can be built
        (DBAPIError("SELECT 1", {}, OSError("reset")), True),
        (PendingRollbackError("x", code="8s2b"), True),
        (PendingRollbackError("x", code="7s2a"), False),
        (PoolTimeoutError("x"), True),
        (EOFError("x"), True),
        (ExceptionGroup("x", [OSError("x"), asyncpg.InternalClientError("x")]), True),
        (ExceptionGroup("x", [OSError("x"), KeyError("x")]), False),
    ],
    ids=str,
)
def test_the_judgement_needs_no_error_of_the_driver(error: Exception, *, expected: bool) -> None:
    assert is_outage(error) is expected
