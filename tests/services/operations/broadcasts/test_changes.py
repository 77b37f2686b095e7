"""What a broadcast has sent gets another text, or goes, whatever happens on the way."""

import asyncio
from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import BroadcastChange, BroadcastRecipient
from app.domain.broadcasts import BroadcastState, ChangeKind, ChangeState
from app.domain.ports import RefusedError, RetryLaterError, UnavailableError
from app.services.operations.broadcasts.changes import (
    cancel_change,
    count_changeable,
    start_change,
)
from app.services.operations.broadcasts.drafts import BroadcastChangedError
from tests.conftest import Skip
from tests.services.operations.broadcasts.conftest import Newsroom
from tests.support.many_users import add_users
from tests.support.plans import record
from tests.support.stall import ANNA, BEN, OLGA

HOUR = timedelta(hours=1)


async def send(newsroom: Newsroom, users: int = 0) -> int:
    """To all, and so many more of them."""
    await add_users(newsroom.stall.db, users)
    broadcast_id = await newsroom.start()
    await newsroom.work_on()
    return broadcast_id


async def start(newsroom: Newsroom, broadcast_id: int, kind: ChangeKind) -> None:
    text = "<b>Better</b> news" if kind is ChangeKind.EDIT else None
    await start_change(newsroom.stall.db, OLGA, broadcast_id, kind, text=text, message_id=700)


async def read_change(newsroom: Newsroom) -> BroadcastChange:
    (change,) = await newsroom.stall.rows(BroadcastChange)
    return change


async def test_each_sent_message_gets_the_new_text_and_keeps_its_buttons(
    newsroom: Newsroom,
) -> None:
    newsroom.copier.failures = {BEN: [RefusedError("no")]}
    broadcast_id = await send(newsroom)
    await start(newsroom, broadcast_id, ChangeKind.EDIT)
    assert await newsroom.work_on() == {}
    assert sorted(newsroom.copier.edited) == [
        (ANNA, "<b>Better</b> news", ["🔕 Не присылать новости"]),
        (OLGA, "<b>Better</b> news", ["🔕 No more news"]),
    ]
    change = await read_change(newsroom)
    assert (change.state, change.total, change.changed) == (ChangeState.DONE, 2, 2)
    *_, report = await newsroom.stall.notifications(OLGA)
    assert (report.template, report.edit_message_id) == ("broadcast-changed", 700)
    assert (await newsroom.broadcast(broadcast_id)).state is BroadcastState.DONE


async def test_what_is_younger_than_two_days_is_deleted(newsroom: Newsroom) -> None:
    broadcast_id = await send(newsroom)
    old = next(row for row in await newsroom.stall.rows(BroadcastRecipient) if row.user_id == ANNA)
    await newsroom.stall.change(old, ended_at=clock.now() - 48 * HOUR)
    assert await count_changeable(newsroom.stall.db, broadcast_id, ChangeKind.DELETE) == 2
    assert await count_changeable(newsroom.stall.db, broadcast_id, ChangeKind.EDIT) == 3
    await start(newsroom, broadcast_id, ChangeKind.DELETE)
    await newsroom.work_on()
    assert sorted(newsroom.copier.deleted) == [BEN, OLGA]


async def test_what_cannot_be_changed_any_more_is_counted(newsroom: Newsroom) -> None:
    broadcast_id = await send(newsroom)
    newsroom.copier.failures = {ANNA: [RefusedError("message can't be edited")]}
    await start(newsroom, broadcast_id, ChangeKind.EDIT)
    await newsroom.work_on()
    change = await read_change(newsroom)
    assert (change.changed, change.failed, change.total) == (2, 1, 3)


@pytest.mark.parametrize(
    "failure", [UnavailableError("away"), RetryLaterError(timedelta(seconds=2))]
)
async def test_what_telegram_did_not_take_is_made_again(
    newsroom: Newsroom, skip: Skip, failure: Exception
) -> None:
    broadcast_id = await send(newsroom)
    newsroom.copier.failures = {ANNA: [failure]}
    await start(newsroom, broadcast_id, ChangeKind.EDIT)
    await newsroom.work_on()
    assert (await read_change(newsroom)).state is ChangeState.RUNNING
    skip(timedelta(seconds=5))
    await newsroom.work_on()
    change = await read_change(newsroom)
    assert (change.state, change.changed, change.failed) == (ChangeState.DONE, 3, 0)
    assert {chat for chat, *_ in newsroom.copier.edited} == {ANNA, BEN, OLGA}


async def test_one_that_is_away_for_ever_does_not_stop_it(newsroom: Newsroom, skip: Skip) -> None:
    broadcast_id = await send(newsroom)
    newsroom.copier.failures = {ANNA: [UnavailableError("away")] * 100}
    await start(newsroom, broadcast_id, ChangeKind.EDIT)
    for _ in range(8):
        await newsroom.work_on()
        skip(timedelta(minutes=2))
    change = await read_change(newsroom)
    assert (change.state, change.changed, change.failed) == (ChangeState.DONE, 2, 1)


async def test_after_a_kill_it_goes_on_behind_what_was_counted(newsroom: Newsroom) -> None:
    """P13: an edit that is made twice leaves the chat as one."""
    broadcast_id = await send(newsroom, 47)
    await start(newsroom, broadcast_id, ChangeKind.EDIT)
    await newsroom.work()
    newsroom.copier.failures = {500_030: [asyncio.CancelledError()]}
    with pytest.raises(asyncio.CancelledError):
        await newsroom.work()
    assert (await read_change(newsroom)).changed == 25
    await newsroom.work_on()
    change = await read_change(newsroom)
    assert (change.state, change.changed, change.failed) == (ChangeState.DONE, 50, 0)
    assert len({chat for chat, *_ in newsroom.copier.edited}) == 50


async def test_stopped_it_leaves_the_others_as_they_are(newsroom: Newsroom) -> None:
    db = newsroom.stall.db
    broadcast_id = await send(newsroom, 47)
    await start(newsroom, broadcast_id, ChangeKind.DELETE)
    await newsroom.work()
    await cancel_change(db, OLGA, broadcast_id)
    await newsroom.work_on()
    assert len(newsroom.copier.deleted) == 25
    with pytest.raises(BroadcastChangedError):
        await cancel_change(db, OLGA, broadcast_id)
    await start_change(db, OLGA, broadcast_id, ChangeKind.DELETE, text=None, message_id=1)
    await newsroom.work_on()
    assert len(set(newsroom.copier.deleted)) == 50


async def test_only_one_change_runs_and_none_beside_the_sending(newsroom: Newsroom) -> None:
    broadcast_id = await newsroom.start()
    await newsroom.work()
    with pytest.raises(BroadcastChangedError):
        await start(newsroom, broadcast_id, ChangeKind.EDIT)
    await newsroom.work_on()
    await start(newsroom, broadcast_id, ChangeKind.EDIT)
    with pytest.raises(BroadcastChangedError):
        await start(newsroom, broadcast_id, ChangeKind.DELETE)


async def test_a_batch_of_a_change_costs_a_handful_of_statements(newsroom: Newsroom) -> None:
    """However many were sent: they are found by the position of the last."""
    broadcast_id = await send(newsroom, 97)
    await start(newsroom, broadcast_id, ChangeKind.EDIT)
    await newsroom.work()
    statements = record(newsroom.stall)
    await newsroom.work()
    assert len(newsroom.copier.edited) == 50
    assert len(statements) == 5
