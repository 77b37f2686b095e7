"""A broadcast on its way: each recipient once, whatever happens on the way."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from app.core import clock
from app.core.round_counts import NEXT_IN_MS
from app.db.models import AuditEntry, BroadcastRecipient, User
from app.domain.broadcast_ports import SourceMessageError
from app.domain.broadcasts import BroadcastState
from app.domain.messages import CopiedMessage
from app.domain.ports import (
    RefusedError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.services.operations.broadcasts.drafts import BroadcastChangedError, set_buttons
from app.services.operations.broadcasts.recipients import claim_recipients
from app.services.operations.broadcasts.steering import (
    cancel_broadcast,
    pause_broadcast,
    resume_broadcast,
    start_broadcast,
    unschedule_broadcast,
)
from tests.conftest import Skip
from tests.services.operations.broadcasts.conftest import SOURCE_MESSAGE, Newsroom
from tests.support.many_users import add_users
from tests.support.stall import ANNA, BEN, OLGA
from tests.support.terms import begin_term

SECOND = timedelta(seconds=1)


async def test_each_user_gets_a_copy_with_the_buttons_and_the_operator_a_report(
    newsroom: Newsroom,
) -> None:
    """P3."""
    broadcast_id = await newsroom.draft()
    await set_buttons(newsroom.stall.db, broadcast_id, [["Site", "https://example.org"]])
    await start_broadcast(newsroom.stall.db, OLGA, broadcast_id, at=None, message_id=600)
    assert set(newsroom.stall.wakes) == {"broadcast"}
    assert await newsroom.work_on() == {}

    assert sorted(newsroom.copier.copied) == [
        (ANNA, ["Site", "🔕 Не присылать новости"]),
        (BEN, ["Site", "🔕 No more news"]),
        (OLGA, ["Site", "🔕 No more news"]),
    ]
    assert newsroom.copier.sources == {CopiedMessage(OLGA, SOURCE_MESSAGE)}
    broadcast = await newsroom.broadcast(broadcast_id)
    assert (broadcast.state, broadcast.total, broadcast.sent) == (BroadcastState.DONE, 3, 3)
    (report,) = await newsroom.stall.notifications(OLGA)
    assert (report.template, report.edit_message_id) == ("broadcast-done", 600)
    assert report.values["sent"] == 3
    (entry,) = await newsroom.stall.rows(AuditEntry)
    assert (entry.actor, entry.action) == ("user:1003", "broadcast_started")


async def test_what_became_of_each_is_counted(newsroom: Newsroom) -> None:
    """P4: what may have been delivered is not sent again."""
    first, *_ = await add_users(newsroom.stall.db, 2)
    newsroom.copier.failures = {
        ANNA: [UnreachableError("blocked")],
        BEN: [RefusedError("no")],
        OLGA: [UndecidedError("no answer")],
        first: [KeyError("a bug of ours")],
    }
    broadcast_id = await newsroom.start()
    await newsroom.work_on()
    assert await newsroom.recipients(broadcast_id) == {
        ANNA: "unreachable",
        BEN: "failed",
        OLGA: "doubtful",
        first: "failed",
        first + 1: "sent",
    }
    progress = (await newsroom.broadcast(broadcast_id)).progress
    assert (progress.sent, progress.unreachable, progress.doubtful, progress.failed) == (1, 1, 1, 2)
    assert progress.waiting == 0
    (anna,) = await newsroom.stall.rows(User, User.id == ANNA)
    assert anna.unreachable_at is not None


@pytest.mark.parametrize(
    "failure", [UnavailableError("away"), RetryLaterError(timedelta(seconds=4))]
)
async def test_what_telegram_did_not_take_is_sent_later(
    newsroom: Newsroom, skip: Skip, failure: Exception
) -> None:
    newsroom.copier.failures = {ANNA: [failure]}
    broadcast_id = await newsroom.start()
    counts = await newsroom.work_on()
    assert newsroom.copier.chats.count(ANNA) == 0
    assert 0 < counts[NEXT_IN_MS] <= 4_000
    skip(timedelta(seconds=5))
    await newsroom.work_on()
    assert Counter(newsroom.copier.chats) == {ANNA: 1, BEN: 1, OLGA: 1}
    assert (await newsroom.broadcast(broadcast_id)).state is BroadcastState.DONE


async def test_while_telegram_is_away_it_is_asked_every_five_seconds(
    newsroom: Newsroom, skip: Skip
) -> None:
    users = await add_users(newsroom.stall.db, 60)
    newsroom.copier.failures = {user: [UnavailableError("away")] for user in users}
    newsroom.copier.failures |= {user: [UnavailableError("away")] for user in (ANNA, BEN, OLGA)}
    broadcast_id = await newsroom.start()
    assert (await newsroom.work_on())[NEXT_IN_MS] > 4_000
    assert len(newsroom.copier.turns) == 25
    for _ in range(5):
        skip(timedelta(seconds=6))
        await newsroom.work_on()
    assert len(newsroom.copier.chats) == len(set(newsroom.copier.chats)) == 63
    assert (await newsroom.broadcast(broadcast_id)).state is BroadcastState.DONE


@pytest.mark.parametrize("column", ["broadcasts_off_at", "blocked_at"])
async def test_who_wants_none_or_is_gone_in_between_is_skipped(
    newsroom: Newsroom, column: str
) -> None:
    broadcast_id = await newsroom.start()
    await newsroom.work()  # its recipients are written down
    (ben,) = await newsroom.stall.rows(User, User.id == BEN)
    await newsroom.stall.change(ben, **{column: clock.now()})
    (anna,) = await newsroom.stall.rows(User, User.id == ANNA)
    await newsroom.stall.change(anna, unreachable_at=clock.now())
    await newsroom.work_on()
    assert newsroom.copier.chats == [OLGA]
    broadcast = await newsroom.broadcast(broadcast_id)
    assert (broadcast.sent, broadcast.skipped, broadcast.unreachable) == (1, 1, 1)


async def test_paused_nothing_is_sent_and_it_goes_on_where_it_was(newsroom: Newsroom) -> None:
    db = newsroom.stall.db
    await add_users(db, 47)
    broadcast_id = await newsroom.start()
    await newsroom.work(2)
    assert len(newsroom.copier.copied) == 25
    await pause_broadcast(db, OLGA, broadcast_id)
    assert await newsroom.work_on() == {}
    assert len(newsroom.copier.copied) == 25
    assert newsroom.shown[-1].startswith(f"⏸ <b>Broadcast {broadcast_id}</b> is paused")
    with pytest.raises(BroadcastChangedError):
        await pause_broadcast(db, OLGA, broadcast_id)
    await resume_broadcast(db, OLGA, broadcast_id)
    await newsroom.work_on()
    assert len(set(newsroom.copier.chats)) == len(newsroom.copier.chats) == 50


async def test_a_pause_in_the_middle_of_a_batch_is_not_overwritten(newsroom: Newsroom) -> None:
    """Two units of work: the operator's is committed while the worker's batch is under way."""
    db = newsroom.stall.db
    broadcast_id = await newsroom.start()
    await newsroom.work()

    async def pause() -> None:
        newsroom.copier.on_call = _nothing
        await pause_broadcast(db, OLGA, broadcast_id)

    newsroom.copier.on_call = pause
    await newsroom.work_on()
    broadcast = await newsroom.broadcast(broadcast_id)
    assert (broadcast.state, broadcast.sent, broadcast.wakes_at) == (BroadcastState.PAUSED, 3, None)
    await resume_broadcast(db, OLGA, broadcast_id)
    await newsroom.work_on()
    assert (await newsroom.broadcast(broadcast_id)).state is BroadcastState.DONE
    assert len(newsroom.copier.copied) == 3


async def test_a_cancellation_in_the_middle_of_a_batch_wins(newsroom: Newsroom) -> None:
    """Though the same batch finds that the message is gone, which would pause it."""
    broadcast_id = await newsroom.start()
    await newsroom.work()
    newsroom.copier.failures = {user: [SourceMessageError("gone")] for user in (ANNA, BEN, OLGA)}

    async def cancel() -> None:
        newsroom.copier.on_call = _nothing
        await cancel_broadcast(newsroom.stall.db, OLGA, broadcast_id)

    newsroom.copier.on_call = cancel
    await newsroom.work_on()
    assert (await newsroom.broadcast(broadcast_id)).state is BroadcastState.CANCELLED


async def test_nothing_is_claimed_of_one_that_was_paused_just_before(newsroom: Newsroom) -> None:
    db, broadcast_id = newsroom.stall.db, await newsroom.start()
    await newsroom.work()
    await pause_broadcast(db, OLGA, broadcast_id)
    async with db.unit_of_work() as session:
        assert await claim_recipients(session, broadcast_id, 25) == []
    await resume_broadcast(db, OLGA, broadcast_id)
    async with db.unit_of_work() as session:
        assert len(await claim_recipients(session, broadcast_id, 25)) == 3


async def _nothing() -> None: ...


async def test_cancelled_what_was_sent_stays_and_nothing_more_is(newsroom: Newsroom) -> None:
    await add_users(newsroom.stall.db, 47)
    broadcast_id = await newsroom.start()
    await newsroom.work(2)
    await cancel_broadcast(newsroom.stall.db, OLGA, broadcast_id)
    assert await newsroom.work_on() == {}
    assert len(newsroom.copier.copied) == 25
    assert newsroom.shown[-1].startswith(f"⛔️ <b>Broadcast {broadcast_id}</b> was cancelled")
    broadcast = await newsroom.broadcast(broadcast_id)
    assert (broadcast.progress.sent, broadcast.progress.waiting) == (25, 25)
    with pytest.raises(BroadcastChangedError):
        await resume_broadcast(newsroom.stall.db, OLGA, broadcast_id)


async def test_a_scheduled_one_starts_at_its_time_with_the_users_of_then(
    newsroom: Newsroom, skip: Skip
) -> None:
    broadcast_id = await newsroom.draft()
    at = clock.now() + timedelta(hours=1)
    await start_broadcast(newsroom.stall.db, OLGA, broadcast_id, at=at, message_id=600)
    assert 3_590_000 < (await newsroom.work_on())[NEXT_IN_MS] <= 3_600_000
    await add_users(newsroom.stall.db, 1)
    skip(timedelta(hours=1, seconds=1))
    await newsroom.work_on()
    assert len(newsroom.copier.copied) == 4


async def test_one_that_is_taken_back_in_time_is_a_draft_again(
    newsroom: Newsroom, skip: Skip
) -> None:
    db, broadcast_id = newsroom.stall.db, await newsroom.draft()
    at = clock.now() + timedelta(hours=1)
    await start_broadcast(db, OLGA, broadcast_id, at=at, message_id=600)
    with pytest.raises(BroadcastChangedError):
        await start_broadcast(db, OLGA, broadcast_id, at=None, message_id=600)
    await unschedule_broadcast(db, OLGA, broadcast_id)
    skip(timedelta(hours=2))
    assert await newsroom.work_on() == {}
    assert newsroom.copier.copied == []


async def test_one_of_an_operator_who_was_dismissed_is_a_draft_again(newsroom: Newsroom) -> None:
    """P12: scheduled while they might, and not sent when they may not."""
    broadcast_id = await newsroom.start()
    newsroom.owners = (BEN,)
    assert await newsroom.work_on() == {}
    broadcast = await newsroom.broadcast(broadcast_id)
    assert (broadcast.state, broadcast.total) == (BroadcastState.DRAFT, 0)
    assert newsroom.copier.copied == []


async def test_where_the_message_was_deleted_it_stops_and_nobody_is_lost(
    newsroom: Newsroom,
) -> None:
    newsroom.copier.failures = {BEN: [SourceMessageError("message to copy not found")]}
    broadcast_id = await newsroom.start()
    await newsroom.work_on()
    broadcast = await newsroom.broadcast(broadcast_id)
    assert (broadcast.state, broadcast.sent) == (BroadcastState.PAUSED, 2)
    assert "message to copy not found" in newsroom.shown[-1]
    await resume_broadcast(newsroom.stall.db, OLGA, broadcast_id)
    await newsroom.work_on()
    assert sorted(newsroom.copier.chats) == [ANNA, BEN, OLGA]


async def test_what_telegram_refuses_to_everybody_stops_after_a_batch(newsroom: Newsroom) -> None:
    users = await add_users(newsroom.stall.db, 47)
    newsroom.copier.failures = {user: [RefusedError("BUTTON_URL_INVALID")] for user in users}
    newsroom.copier.failures |= {user: [RefusedError("no")] for user in (ANNA, BEN, OLGA)}
    broadcast_id = await newsroom.start()
    await newsroom.work_on()
    broadcast = await newsroom.broadcast(broadcast_id)
    assert (broadcast.state, broadcast.failed) == (BroadcastState.PAUSED, 25)


async def test_progress_is_shown_every_five_seconds_with_pace_and_time_left(
    newsroom: Newsroom, skip: Skip
) -> None:
    await add_users(newsroom.stall.db, 147)
    broadcast_id = await newsroom.start()
    await newsroom.work(3)
    assert len(newsroom.shown) == 1
    assert "Sent: 0 of 150" in newsroom.shown[0]
    skip(timedelta(seconds=5))
    await newsroom.work()
    assert len(newsroom.shown) == 2
    assert newsroom.shown[1].startswith(f"📣 <b>Broadcast {broadcast_id}</b> is going out")
    assert "▓▓▓░░░░░░░ 33 %\n✉️ Sent: 50 of 150" in newsroom.shown[1]
    assert re.search(r"⏱ \d+ a minute, less than a minute left\.$", newsroom.shown[1])


async def test_two_that_run_share_the_rate(newsroom: Newsroom) -> None:
    await add_users(newsroom.stall.db, 97)
    for _ in range(2):
        await newsroom.start()
    await newsroom.work(2)
    assert Counter(newsroom.copier.chats).most_common(1)[0][1] == 2
    assert len(newsroom.copier.chats) == 24


async def test_the_next_term_sends_what_was_claimed_and_not_begun(newsroom: Newsroom) -> None:
    """P4, P13: what was on its way is doubtful, what was sent is sent, and no lease has run out."""
    db = newsroom.stall.db
    await begin_term(db)
    broadcast_id = await newsroom.start()
    await newsroom.work()
    newsroom.copier.failures = {user: [asyncio.CancelledError()] for user in (ANNA, BEN)}
    with pytest.raises(asyncio.CancelledError):
        await newsroom.work()
    newsroom.claims.states.pop(f"broadcast:{broadcast_id}:{BEN}")  # it had not begun
    await begin_term(db)
    await newsroom.work_on()
    assert await newsroom.recipients(broadcast_id) == {
        ANNA: "doubtful",
        BEN: "sent",
        OLGA: "sent",
    }
    assert sorted(newsroom.copier.chats) == [BEN, OLGA]
    assert (await newsroom.broadcast(broadcast_id)).progress.ended == 3


async def test_a_sent_one_whose_mark_was_lost_is_not_sent_again(newsroom: Newsroom) -> None:
    """P4: the process ended between Telegram's answer and the commit."""
    broadcast_id = await newsroom.start()
    await newsroom.work_on()
    rows = await newsroom.stall.rows(BroadcastRecipient)
    (broadcast,) = [await newsroom.broadcast(broadcast_id)]
    lost = next(row for row in rows if row.user_id == ANNA)
    now = clock.now()
    await newsroom.stall.change(lost, state="waiting", lease_token=uuid4(), leased_until=now)
    await newsroom.stall.change(broadcast, state=BroadcastState.RUNNING, wakes_at=now, sent=2)
    await newsroom.work_on()
    assert newsroom.copier.chats.count(ANNA) == 1
    assert (await newsroom.recipients(broadcast_id))[ANNA] == "sent"


async def test_instances_that_overlap_send_each_once(newsroom: Newsroom) -> None:
    """P7."""
    await add_users(newsroom.stall.db, 97)
    broadcast_id = await newsroom.start()
    await newsroom.work()
    for _ in range(3):
        await asyncio.gather(*(newsroom.work() for _ in range(4)))
    await newsroom.work_on()
    assert len(set(newsroom.copier.chats)) == len(newsroom.copier.chats) == 100
    assert (await newsroom.broadcast(broadcast_id)).sent == 100
