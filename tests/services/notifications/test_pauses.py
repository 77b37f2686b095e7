"""A pause is a span from the notification before, not the rest of the clock's hour."""

from datetime import timedelta

import pytest

from app.services.failed_updates import save_failed_update
from app.services.notifications.late_answers import queue_late_answer
from app.services.notifications.notify import Notification, notify, notify_operators
from app.services.notifications.pauses import pick_paused_keys
from tests.conftest import Skip
from tests.support.stall import ANNA, OLGA, Stall

HOUR = timedelta(hours=1)
OFFSETS = [timedelta(minutes=minutes) for minutes in (0, 15, 30, 45)]  # one is the clock's hour


async def tell(stall: Stall, topic: str, *, to_operators: bool) -> None:
    async with stall.db.unit_of_work() as session:
        for key in (await pick_paused_keys(session, [topic], HOUR)).values():
            if to_operators:
                await notify_operators(session, key, "operator-update-kept", update=1)
            else:
                await notify(session, Notification(key, ANNA, "answer-late"))


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize(("to_operators", "reader"), [(True, OLGA), (False, ANNA)])
async def test_two_are_a_pause_apart_whenever_the_first_came(
    stall: Stall, skip: Skip, offset: timedelta, *, to_operators: bool, reader: int
) -> None:
    skip(offset)
    for minutes, count in ((0, 1), (1, 1), (30, 1), (28, 1), (2, 2), (59, 2), (1, 3)):
        skip(timedelta(minutes=minutes))
        await tell(stall, "silent:a", to_operators=to_operators)
        assert len(await stall.notified(reader)) == count, minutes


async def test_one_topic_silences_no_other(stall: Stall) -> None:
    for topic in ("silent:1", "silent:11", "silent"):
        await tell(stall, topic, to_operators=True)
    assert len(await stall.notified(OLGA)) == 3


@pytest.mark.parametrize("offset", OFFSETS)
async def test_failed_updates_are_told_once_an_hour(
    stall: Stall, skip: Skip, offset: timedelta
) -> None:
    skip(offset)
    for number in range(3):
        await save_failed_update(stall.db, f'{{"update_id": {number}}}', ValueError("x"))
        skip(timedelta(minutes=20))
        assert len(await stall.notified(OLGA)) == 1


async def test_a_late_answer_comes_once_a_minute_whenever_the_first_came(
    stall: Stall, skip: Skip
) -> None:
    for count in (1, 2, 3, 4):
        for _ in range(3):
            await queue_late_answer(stall.db, ANNA)
            skip(timedelta(seconds=19))
        assert len(await stall.notified(ANNA)) == count
        skip(timedelta(seconds=10))
