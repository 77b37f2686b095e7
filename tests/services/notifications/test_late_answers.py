"""An answer to a user who wrote while Telegram let us send nothing."""

from datetime import timedelta

from app.domain.messages import Lane
from app.services.notifications.late_answers import notify_group_crowded, queue_late_answer
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, BEN, OPERATORS, Stall


async def test_a_user_who_writes_into_the_silence_is_answered_once_a_minute(
    stall: Stall, skip: Skip
) -> None:
    """P8, P10."""
    for chat_id in (ANNA, ANNA, BEN):
        await queue_late_answer(stall.db, chat_id)
    assert await stall.notified(ANNA) == await stall.notified(BEN) == ["answer-late"]

    skip(timedelta(minutes=1))
    await queue_late_answer(stall.db, ANNA)
    assert len(await stall.notified(ANNA)) == 2


GROUP = -5


async def test_a_crowded_group_is_notified_once_however_late_that_leaves(
    stall: Stall, skip: Skip
) -> None:
    """P8, P10: what waits for the group's limit is not joined by another."""
    for _ in range(4):
        await notify_group_crowded(stall.db, GROUP)
        skip(timedelta(seconds=30))
    assert await stall.notified(GROUP) == ["group-crowded"]


async def test_a_minute_passes_between_two_words_of_a_crowd(stall: Stall, skip: Skip) -> None:
    """P10."""
    for seconds in (50, 15, 50):
        await notify_group_crowded(stall.db, GROUP)
        ports = DeliveryPorts(RecordingSender(), PlainRenderer(), FakeClaims(), OPERATORS)
        await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
        skip(timedelta(seconds=seconds))
    assert await stall.notified(GROUP) == ["group-crowded"] * 2
