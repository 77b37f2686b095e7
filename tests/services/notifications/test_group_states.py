"""A group's notifications wait for its rights, follow it to another id, or end with it."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.core import clock
from app.db.models import GroupChat, OutboxMessage, OutboxStatus, User
from app.domain.messages import Lane
from app.domain.ports import (
    ChatMigratedError,
    ChatRestrictedError,
    UnreachableError,
)
from app.services import group_chats
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, OLGA, OPERATORS, Stall

OLD, NEW = -4_000_000_001, -1_002_200_000_009
RUSSIAN, ENGLISH = -1001, -1002
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NO_RIGHTS = "sendMessage: Bad Request: not enough rights to send text messages to the chat"


@pytest.fixture
def sender() -> RecordingSender:
    return RecordingSender()


@pytest.fixture
def ports(sender: RecordingSender) -> DeliveryPorts:
    return DeliveryPorts(sender, PlainRenderer(), FakeClaims(), OPERATORS)


@pytest.fixture(autouse=True)
async def groups(stall: Stall) -> None:
    for chat_id, language in ((OLD, "ru"), (RUSSIAN, "ru"), (ENGLISH, "en")):
        await group_chats.add_group(stall.db, chat_id, "Friends", language)


async def put(stall: Stall, *notices: Notification) -> None:
    async with stall.db.unit_of_work() as session:
        await notify(session, *notices)


async def rounds(stall: Stall, ports: DeliveryPorts) -> int:
    """Until one leaves nothing behind; how many were sent."""
    sent = 0
    while (counts := await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["more"]:
        sent += counts["sent"]
    return sent


async def row(stall: Stall, key: str) -> OutboxMessage:
    (found,) = await stall.rows(OutboxMessage, OutboxMessage.key == key)
    return found


async def group(stall: Stall, chat_id: int) -> GroupChat:
    (found,) = await stall.rows(GroupChat, GroupChat.id == chat_id)
    return found


async def test_a_migrated_group_is_notified_under_its_new_id_once_and_in_order(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """P3, P4: though the group's own message about it never came."""
    sender.failures[OLD] = [ChatMigratedError("group chat was upgraded", NEW)]
    await put(
        stall,
        Notification("first", OLD, "mined"),
        Notification("second", OLD, "final", edit_message_id=5),
    )
    with capture_logs() as logs:
        assert await rounds(stall, ports) == 0
        skip(timedelta(seconds=2))
        assert await rounds(stall, ports) == 2

    assert sender.sent == [(NEW, "mined ru"), (NEW, "final ru")]
    assert sender.edited == []  # the messages of the old group stay behind
    assert (await group(stall, NEW)).language == "ru"
    assert await stall.rows(GroupChat, GroupChat.id == OLD) == []
    assert await stall.notifications(OLGA) == []
    assert [line for line in logs if line["log_level"] in {"warning", "error"}] == []


async def test_a_migration_that_leads_back_is_no_storm(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    for chat_id, other in ((OLD, NEW), (NEW, OLD)):
        sender.failures[chat_id] = [ChatMigratedError("upgraded", other)] * 3
    await put(stall, Notification("a", OLD, "final"))
    for seconds in (1, 2, 4, 8, 16, 32):
        assert await rounds(stall, ports) == 0
        assert (await row(stall, "a")).due_at <= clock.now() + timedelta(seconds=seconds)
        skip(timedelta(seconds=seconds))
    assert await rounds(stall, ports) == 1


@pytest.mark.parametrize(("chat_id", "language"), [(RUSSIAN, "ru"), (ENGLISH, "en")])
async def test_a_restricted_group_is_tried_again_after_a_while_without_an_alarm(
    stall: Stall,
    ports: DeliveryPorts,
    sender: RecordingSender,
    skip: Skip,
    chat_id: int,
    language: str,
) -> None:
    sender.failures[chat_id] = [ChatRestrictedError(NO_RIGHTS)] * 2
    await put(stall, *(Notification(f"{n}", chat_id, f"{n}") for n in range(3)))
    await put(stall, Notification("anna", ANNA, "hello"))
    with capture_logs() as logs:
        assert await rounds(stall, ports) == 1  # Anna's
        assert (await group(stall, chat_id)).restricted_at is not None
        skip(9 * MINUTE)
        assert await rounds(stall, ports) == 0
        assert len(sender.failures[chat_id]) == 1  # not asked again
        skip(MINUTE)
        assert await rounds(stall, ports) == 0
        assert sender.failures[chat_id] == []
        skip(11 * MINUTE)
        assert await rounds(stall, ports) == 3

    assert sender.texts(chat_id) == [f"{n} {language}" for n in range(3)]
    assert (await group(stall, chat_id)).restricted_at is None
    assert await stall.notifications(OLGA) == []
    states = [line for line in logs if line["event"] == "chat_restricted"]
    assert (
        states
        == [
            {
                "event": "chat_restricted",
                "log_level": "info",
                "chat_id": chat_id,
                "reason": NO_RIGHTS,
            }
        ]
        * 2
    )
    assert [line for line in logs if line["log_level"] in {"warning", "error"}] == []


async def test_a_group_that_stays_restricted_is_asked_more_seldom_and_its_rows_end(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    sender.failures[ENGLISH] = [ChatRestrictedError(NO_RIGHTS)] * 100
    await put(stall, Notification("a", ENGLISH, "mined"), Notification("b", ENGLISH, "final"))
    waits = []
    for _ in range(6):
        assert await rounds(stall, ports) == 0
        wait = (await row(stall, "a")).due_at - clock.now()
        waits.append(round(wait / MINUTE))
        skip(wait)
    assert waits == [10, 10, 20, 40, 60, 60]

    skip(3 * DAY)
    await put(stall, Notification("c", ENGLISH, "late"))
    assert await rounds(stall, ports) == 0
    statuses = [(await row(stall, key)).status for key in "abc"]
    assert statuses == [OutboxStatus.UNREACHABLE, OutboxStatus.UNREACHABLE, OutboxStatus.WAITING]


async def test_rights_that_come_back_send_what_waited_at_once(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    sender.failures[ENGLISH] = [ChatRestrictedError(NO_RIGHTS)]
    await put(stall, Notification("a", ENGLISH, "mined"), Notification("b", ENGLISH, "final"))
    assert await rounds(stall, ports) == 0
    stall.wakes.clear()
    await group_chats.set_group_rights(stall.db, ENGLISH, may_write=True)
    assert set(stall.wakes) == {"outbox", "watch_cards"}
    assert await rounds(stall, ports) == 2
    assert sender.texts(ENGLISH) == ["mined en", "final en"]


async def test_rights_that_are_taken_stop_what_waits_before_it_is_tried(
    stall: Stall, ports: DeliveryPorts
) -> None:
    await put(stall, Notification("a", ENGLISH, "mined"))
    await group_chats.set_group_rights(stall.db, ENGLISH, may_write=False)
    counts = await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    assert (counts["claimed"], counts["sent"], counts["more"]) == (0, 0, 0)
    assert 595_000 < counts["next_in_ms"] <= 600_000


async def test_a_group_without_the_bot_is_left_with_all_that_waited_for_it(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    sender.failures[ENGLISH] = [UnreachableError("Forbidden: the group chat was deleted")]
    await put(stall, Notification("a", ENGLISH, "mined"), Notification("b", ENGLISH, "final"))
    await rounds(stall, ports)
    statuses = [(await row(stall, key)).status for key in "ab"]
    assert statuses == [OutboxStatus.UNREACHABLE, OutboxStatus.WITHDRAWN]
    assert (await group(stall, ENGLISH)).left_at is not None
    assert await stall.rows(User, User.unreachable_at.is_not(None)) == []
    assert sender.sent == []
