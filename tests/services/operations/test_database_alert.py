"""A database that takes no changes: its owners read of it, though nothing can be written."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.bot.renderer import ScreenRenderer
from app.domain.ports import UnavailableError
from app.services.operations.database_alert import DatabaseAlert
from tests.conftest import Skip
from tests.support.fakes import RecordingSender
from tests.support.stall import ANNA, OLGA, Stall

PACE = timedelta(seconds=25)
TAKES_NONE = "ALTER DATABASE {} SET default_transaction_read_only = {}"


async def turn(stall: Stall, on: str) -> None:
    """In the sessions that begin from now on."""
    engine = stall.db.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("SET default_transaction_read_only = off"))
        name = await connection.scalar(text("SELECT current_database()"))
        await connection.execute(text(TAKES_NONE.format(f'"{name}"', on)))
    await stall.db.engine.dispose()


@pytest.fixture
def sender() -> RecordingSender:
    return RecordingSender()


@pytest.fixture
def alert(stall: Stall, sender: RecordingSender) -> DatabaseAlert:
    return DatabaseAlert(stall.db, sender, ScreenRenderer(), (OLGA, ANNA))


async def test_a_read_only_database_is_one_message_that_says_its_end(
    stall: Stall, sender: RecordingSender, alert: DatabaseAlert, skip: Skip
) -> None:
    """Heard of in the second round, within a minute; what an outage was is not said twice."""
    assert await alert.try_to_write(PACE)
    await turn(stall, "on")
    assert not await alert.try_to_write(PACE)
    assert sender.sent == []  # one failure alone is a hiccup
    skip(PACE)
    sender.failures[ANNA] = [UnavailableError("no answer")]
    for _ in range(3):
        assert not await alert.try_to_write(PACE)
    assert [chat for chat, _ in sender.sent] == [OLGA, ANNA]
    assert "read-only transaction" in sender.sent[0][1]
    assert "PostgreSQL не принимает изменений" in sender.sent[1][1]

    await turn(stall, "off")
    skip(timedelta(minutes=6))
    assert await alert.try_to_write(PACE)
    assert [(chat, message) for chat, message, _ in sender.edited] == [
        (OLGA, 10_001),
        (ANNA, 10_002),
    ]
    assert "6 minutes" in sender.edited[0][2]
    assert await stall.notified(OLGA) == []
    skip(PACE)
    assert await alert.try_to_write(PACE)
    assert len(sender.edited) == 2
