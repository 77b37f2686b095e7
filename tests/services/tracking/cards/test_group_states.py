"""Cards in groups that migrate, restrict the bot, or are gone."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.core import clock
from app.db.models import GroupChat
from app.domain.ports import ChatMigratedError, ChatRestrictedError, UnreachableError
from app.services import group_chats
from tests.conftest import Skip
from tests.support.fake_chains import tx_hash
from tests.support.tracker import Tracker

GROUP, NEW = -1001, -1009
HASH = tx_hash()
MINUTE = timedelta(minutes=1)
RESTRICTED = ChatRestrictedError("sendMessage: Bad Request: CHAT_RESTRICTED")


@pytest.fixture(autouse=True)
async def group(tracker: Tracker) -> None:
    await group_chats.add_group(tracker.db, GROUP, "Friends", "ru")


async def the_group(tracker: Tracker, chat_id: int = GROUP) -> GroupChat:
    (group,) = await tracker.stall.rows(GroupChat, GroupChat.id == chat_id)
    return group


async def test_a_card_follows_its_group_to_the_new_id(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH), chat_id=GROUP)
    await tracker.make_due(watch_id)
    tracker.sender.failures[GROUP] = [ChatMigratedError("upgraded", NEW)]
    with capture_logs() as logs:
        assert (await tracker.draw())["drawn"] == 0
        assert (await tracker.draw())["drawn"] == 1
    ((chat_id, text),) = tracker.sender.sent
    assert chat_id == NEW
    assert text.startswith("watch-card ru")
    watch = await tracker.watch(watch_id)
    assert (watch.chat_id, watch.card_message_id, watch.card_lost) == (NEW, 10_001, False)
    assert (await the_group(tracker, NEW)).language == "ru"
    assert [line for line in logs if line["log_level"] in {"warning", "error"}] == []


async def test_first_cards_wait_together_where_the_bot_may_not_write(
    tracker: Tracker, skip: Skip
) -> None:
    for number in (1, 2, 3):
        await tracker.add(number=number, chat_id=GROUP)
    skip(MINUTE)
    tracker.sender.failures[GROUP] = [RESTRICTED] * 2
    with capture_logs() as logs:
        for _ in range(3):
            assert (await tracker.draw())["drawn"] == 0
        assert len(tracker.sender.failures[GROUP]) == 1
        assert (await the_group(tracker)).restricted_at is not None
        skip(11 * MINUTE)
        assert (await tracker.draw())["drawn"] == 0
        skip(12 * MINUTE)
        drawn = [(await tracker.draw())["drawn"] for _ in range(3)]
    assert drawn == [1, 1, 1]
    assert len(tracker.sender.texts(GROUP)) == 3
    assert (await the_group(tracker)).restricted_at is None
    assert [line for line in logs if line["log_level"] in {"warning", "error"}] == []


async def test_a_card_that_stands_is_edited_though_nothing_new_may_be_written(
    tracker: Tracker,
) -> None:
    """And that it can be is no sign of rights."""
    watch_id = await tracker.add_shown(tracker.eth.send(HASH), chat_id=GROUP)
    await tracker.make_due(watch_id)
    await group_chats.set_group_rights(tracker.db, GROUP, may_write=False)
    assert (await tracker.draw())["drawn"] == 1
    assert (await the_group(tracker)).restricted_at is not None


async def test_cards_come_at_once_when_the_rights_do(tracker: Tracker, skip: Skip) -> None:
    await tracker.add(chat_id=GROUP)
    skip(MINUTE)
    tracker.sender.failures[GROUP] = [RESTRICTED]
    await tracker.draw()
    await group_chats.set_group_rights(tracker.db, GROUP, may_write=True)
    assert (await tracker.draw())["drawn"] == 1


async def test_a_group_that_is_gone_is_left(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH), chat_id=GROUP)
    await tracker.make_due(watch_id)
    tracker.sender.failures[GROUP] = [UnreachableError("Forbidden: bot was kicked")]
    await tracker.draw()
    assert (await the_group(tracker)).left_at is not None
    watch = await tracker.watch(watch_id)
    assert watch.stopped_at is not None
    assert watch.stopped_at <= clock.now()


async def test_a_card_that_cannot_be_edited_is_sent_anew_and_goes_on(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH), chat_id=GROUP)
    tracker.sender.uneditable.add(500 + watch_id)
    for _ in range(2):
        await tracker.make_due(watch_id)
        await tracker.draw()
    ((chat_id, _),) = tracker.sender.sent
    assert chat_id == GROUP
    assert [edited[1] for edited in tracker.sender.edited] == [10_001]
    watch = await tracker.watch(watch_id)
    assert (watch.card_message_id, watch.card_lost) == (10_001, False)
