"""An answer for whoever wrote while Telegram let us say nothing."""

from datetime import timedelta

from app.services.letters.late_answers import answer_later
from tests.conftest import Skip
from tests.support.stall import ANNA, BEN, Stall


async def test_whoever_writes_into_the_silence_is_answered_once_a_minute(
    stall: Stall, skip: Skip
) -> None:
    """P8, P10."""
    for chat_id in (ANNA, ANNA, BEN):
        await answer_later(stall.db, chat_id)
    assert await stall.told(ANNA) == await stall.told(BEN) == ["answer-late"]

    skip(timedelta(minutes=1))
    await answer_later(stall.db, ANNA)
    assert len(await stall.told(ANNA)) == 2
