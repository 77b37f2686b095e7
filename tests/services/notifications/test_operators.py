"""The operators are an address: who they are is asked when a notification is sent."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter

from app.core.metrics import REGISTRY
from app.db.migrations import downgrade_schema, upgrade_schema
from app.db.models import OutboxMessage, OutboxStatus
from app.domain.messages import Lane
from app.domain.operator_roles import OperatorRole
from app.services.notifications.notify import notify_operators, resolve_operators
from app.services.notifications.outbox import (
    DeliveryPorts,
    deliver_due_notifications,
    measure_outbox,
)
from app.services.notifications.support import ask_operators
from app.services.privacy.erasure import erase_user
from app.services.retention.notifications import delete_notifications
from tests.conftest import Skip
from tests.support.books import Books
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.plans import record
from tests.support.staff import appoint, dismiss
from tests.support.stall import ANNA, BEN, OLGA, Stall, open_stall

SAM, MAX = 1007, 1008
PAYMENT: dict[str, str | int | None] = {
    "invoice": "7",
    "paid": "5 USD",
    "price": "5 USD",
    "person": ANNA,
}

# What the version before sends, reads for a user, and removes: from its own statements.
CLAIMED_BEFORE = "SELECT 1 FROM outbox WHERE status = 'waiting' AND lane = 'notice'"
REMOVED_BEFORE = "SELECT 1 FROM outbox WHERE status IN ('sent', 'withdrawn', 'unreachable')"

SENT_BEFORE = """
INSERT INTO outbox (key, chat_id, template, values, lane, doubt, status, attempts, created_at,
    due_at)
SELECT $1, $2, template, values, lane, doubt, 'sent', 1, created_at, due_at
FROM outbox WHERE key = 'kept:1:operators'
"""


async def alert(stall: Stall, key: str = "kept:1", update: int = 1) -> None:
    async with stall.db.unit_of_work() as session:
        await notify_operators(session, key, "operator-update-kept", update=update)


async def deliver(stall: Stall, *operators: int) -> Sequence[int]:
    """To whom, in order, until nothing is due."""
    sender = RecordingSender()
    ports = DeliveryPorts(sender, PlainRenderer(), FakeClaims(), operators)
    while (await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["more"]:
        pass
    return [chat_id for chat_id, _ in sender.sent]


async def test_one_row_for_the_role_becomes_one_for_each_operator(stall: Stall) -> None:
    """P3."""
    await alert(stall)
    (row,) = await stall.rows(OutboxMessage)
    assert (row.status, row.key) == (OutboxStatus.UNRESOLVED, "kept:1:operators")

    assert sorted(await deliver(stall, BEN, OLGA)) == [BEN, OLGA]

    role, *rows = sorted(await stall.rows(OutboxMessage), key=attrgetter("chat_id"))
    assert (role.key, role.status) == ("kept:1:operators", OutboxStatus.WITHDRAWN)
    assert [(row.key, row.chat_id, row.status) for row in rows] == [
        (f"kept:1:{BEN}", BEN, OutboxStatus.SENT),
        (f"kept:1:{OLGA}", OLGA, OutboxStatus.SENT),
    ]
    assert [row.values for row in rows] == [{"update": 1}, {"update": 1}]


async def test_who_is_operator_when_it_is_sent_gets_it(stall: Stall) -> None:
    await alert(stall)
    assert await deliver(stall, OLGA) == [OLGA]
    await alert(stall, "kept:2")
    assert await deliver(stall, BEN) == [BEN]


async def test_support_gets_questions_and_nothing_about_money(stall: Stall) -> None:
    await appoint(stall.db, SAM, OperatorRole.SUPPORT)
    await appoint(stall.db, MAX, OperatorRole.MANAGER)
    await ask_operators(stall.db, ANNA, "Anna", 1, "Where is my key?")
    assert sorted(await deliver(stall, OLGA)) == [OLGA, SAM, MAX]
    async with stall.db.unit_of_work() as session:
        await notify_operators(session, "second:1", "operator-payment-second", **PAYMENT)
    assert sorted(await deliver(stall, OLGA)) == [OLGA, MAX]


async def test_who_was_dismissed_before_it_is_sent_does_not_get_it(stall: Stall) -> None:
    await appoint(stall.db, MAX, OperatorRole.MANAGER)
    await alert(stall)
    await dismiss(stall.db, MAX)
    assert await deliver(stall, OLGA) == [OLGA]


async def test_an_owner_who_was_appointed_before_gets_it_once(stall: Stall) -> None:
    """P4."""
    await appoint(stall.db, OLGA, OperatorRole.SUPPORT)
    await alert(stall)
    assert await deliver(stall, OLGA) == [OLGA]


async def test_the_same_key_is_one_notification_before_and_after_it_was_sent(stall: Stall) -> None:
    """P4."""
    await asyncio.gather(*(alert(stall, update=number) for number in range(5)))
    assert len(await stall.rows(OutboxMessage)) == 1
    assert await deliver(stall, OLGA) == [OLGA]

    await alert(stall)
    assert await deliver(stall, OLGA) == []
    assert [row.status for row in await stall.rows(OutboxMessage) if row.chat_id == OLGA] == [
        OutboxStatus.SENT
    ]


async def test_a_long_key_is_one_notification_too(stall: Stall) -> None:
    """P4: an id from outside makes it longer than its column."""
    for _ in range(2):
        await alert(stall, f"payment-over:{'x' * 300}")
        await deliver(stall, OLGA)

    rows = await stall.rows(OutboxMessage)
    topics = sorted((row.chat_id, row.key.partition(":")[0]) for row in rows)
    assert topics == [(0, "payment-over"), (OLGA, "payment-over")]


async def test_workers_racing_address_each_alert_once(stall: Stall) -> None:
    """P4."""
    for number in range(20):
        await alert(stall, f"kept:{number}")

    reached = await asyncio.gather(*(deliver(stall, OLGA, BEN) for _ in range(8)))
    reached.append(await deliver(stall, OLGA, BEN))

    assert sorted(chat_id for chats in reached for chat_id in chats) == [BEN] * 20 + [OLGA] * 20


async def test_a_thousand_alerts_cost_as_many_statements_as_one(stall: Stall) -> None:
    statements = record(stall)
    counts = []
    for number in (0, 1, 1000):
        async with stall.db.unit_of_work() as session:
            for alert_number in range(number):
                key = f"kept:{number}:{alert_number}"
                await notify_operators(session, key, "operator-update-kept", update=1)
        del statements[:]
        async with stall.db.unit_of_work() as session:
            await resolve_operators(session, (OLGA, BEN))
        counts.append(sum(1 for text, _ in statements if not text.startswith("SELECT pg_notify")))

    assert counts == [counts[0], counts[0] + 2, counts[0] + 2]


async def test_what_waits_for_the_operators_is_measured(stall: Stall, skip: Skip) -> None:
    await alert(stall)
    async with stall.db.unit_of_work() as session:
        await resolve_operators(session, (OLGA, BEN))
    skip(timedelta(seconds=10))
    async with stall.db.unit_of_work() as session:
        await measure_outbox(session)

    assert REGISTRY.get_sample_value("tollgate_outbox_depth") == 2
    assert (REGISTRY.get_sample_value("tollgate_outbox_age_seconds") or 0) >= 10


async def test_erasing_takes_a_question_that_waits_for_the_operators(stall: Stall) -> None:
    """P9."""
    await ask_operators(stall.db, ANNA, "Anna", 1, "Where is my key?")
    await ask_operators(stall.db, BEN, "Ben", 2, "And mine?")

    await erase_user(stall.db, ANNA, b"x")

    assert [row.values["person"] for row in await stall.rows(OutboxMessage)] == [BEN]


async def test_retention_leaves_what_waits_for_the_operators(stall: Stall, skip: Skip) -> None:
    """P3: however long, as while an older version runs."""
    await alert(stall)
    skip(timedelta(days=100))
    async with stall.db.unit_of_work() as session:
        assert await delete_notifications(session) == 0

    assert await deliver(stall, OLGA) == [OLGA]


async def test_the_version_before_neither_sends_nor_removes_them_and_knows_its_own_keys(
    fresh_database_url: str,
) -> None:
    """A deploy that is taken back, and made again: nothing is lost, nothing sent twice."""
    books = Books(fresh_database_url)
    async with open_stall(fresh_database_url) as stall:
        await alert(stall, "kept:1")
        await alert(stall, "kept:2")
        assert await books.rows(CLAIMED_BEFORE) == await books.rows(REMOVED_BEFORE) == []
        # It finds the first again and says so, under the key of each operator.
        await books.rows(SENT_BEFORE, f"kept:1:{OLGA}", OLGA)

        assert await deliver(stall, OLGA) == [OLGA]

        rows = await stall.rows(OutboxMessage)
        keys = [row.key for row in rows if row.chat_id == OLGA]
        assert keys == [f"kept:1:{OLGA}", f"kept:2:{OLGA}"]


async def test_the_schema_of_the_version_before_keeps_them_for_the_next_upgrade(
    fresh_database_url: str,
) -> None:
    """P3: nothing there claims or removes what failed."""
    async with open_stall(fresh_database_url) as stall:
        await alert(stall)
        await asyncio.to_thread(downgrade_schema, fresh_database_url, "0020")
        assert await Books(fresh_database_url).column("SELECT status FROM outbox") == ["failed"]
        await asyncio.to_thread(upgrade_schema, fresh_database_url)

        assert await deliver(stall, OLGA) == [OLGA]
