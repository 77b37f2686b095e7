"""Operators get one message an outage, which is edited until all is well."""

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.core.worker_names import WorkerName
from app.db.models import Incident, OutboxMessage, OutboxStatus
from app.domain.incidents import IncidentKind
from app.domain.messages import Lane
from app.domain.operator_roles import OperatorRole
from app.domain.ports import (
    PanelVersionError,
    PortError,
    RefusedError,
    RetryLaterError,
    UnavailableError,
)
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.operations.incident_checks import IncidentCheck
from app.services.operations.incidents import IncidentMonitor, IncidentSources
from app.services.retention.cleanup import run_retention
from app.services.shop_settings import ShopSettingsCache, change_shop_setting
from app.workers.rounds import provision_subscriptions
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, FakePanel, RecordingSender, Scripted
from tests.support.staff import appoint, dismiss
from tests.support.stall import ANNA, BEN, OLGA, OPERATORS, Stall

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
DOWN = "502 <html>"
SAM, MAX = 1007, 1008


@dataclass
class Outside:
    """What the checks ask, and Telegram's end."""

    stall: Stall
    chain: FakePanel = field(default_factory=FakePanel)
    failures: dict[str, int] = field(default_factory=dict)
    sender: RecordingSender = field(default_factory=RecordingSender)
    claims: FakeClaims = field(default_factory=FakeClaims)

    def start(self) -> IncidentMonitor:
        """As each process makes it."""
        checks = [
            IncidentCheck(IncidentKind.PANEL, "panel", self.stall.panel.check),
            IncidentCheck(IncidentKind.CRYPTOBOT, "cryptobot", self.stall.provider.check),
            IncidentCheck(IncidentKind.CHAIN, "Ethereum", self.chain.check),
        ]
        sources = IncidentSources(checks, lambda: self.failures)
        return IncidentMonitor(self.stall.db, ShopSettingsCache(self.stall.db), OPERATORS, sources)

    async def deliver(self) -> None:
        ports = DeliveryPorts(self.sender, ScreenRenderer(), self.claims, OPERATORS)
        while (await deliver_due_notifications(self.stall.db, ports, Lane.NOTIFICATION))["more"]:
            pass

    @property
    def sent(self) -> list[str]:
        """To the operator, without what follows the first line."""
        return [text.partition("\n")[0] for text in self.sender.texts(OLGA)]

    @property
    def edited(self) -> list[str]:
        return [text for chat_id, _, text in self.sender.edited if chat_id == OLGA]


@pytest.fixture
def outside(stall: Stall) -> Outside:
    return Outside(stall)


async def fail(monitor: IncidentMonitor, *peers: Scripted, rounds: int = 2) -> None:
    for _ in range(rounds):
        for peer in peers:
            peer.failures = [UnavailableError(DOWN)]
        await monitor.run_round()


async def recover(monitor: IncidentMonitor) -> None:
    for _ in range(2):
        await monitor.run_round()


async def test_one_failure_is_none_and_the_second_one_is_one_message(
    stall: Stall, outside: Outside
) -> None:
    monitor = outside.start()
    await fail(monitor, stall.panel, rounds=1)
    assert await stall.rows(Incident) == []

    await fail(monitor, stall.panel, rounds=4)
    await outside.deliver()

    (incident,) = await stall.rows(Incident)
    assert (incident.kind, incident.subject, incident.error) == ("panel", "panel", DOWN)
    (message,) = outside.sender.texts(OLGA)
    assert message.startswith("🔴 <b>The VPN panel isn’t available</b>, since ")
    assert "Orders waiting: 0" in message
    assert "502 &lt;html&gt;" in message


async def test_a_panel_of_a_version_that_we_do_not_know_is_one_and_its_orders_wait(
    stall: Stall, outside: Outside
) -> None:
    """P1: operators read of it before an order fails; the key comes once the panel is updated."""
    monitor = outside.start()
    for _ in range(3):
        stall.panel.failures = [PanelVersionError("panel: Remnawave 4.0 is newer than we know")]
        await monitor.run_round()
    await outside.deliver()
    (message,) = outside.sender.texts(OLGA)
    assert "<code>panel: Remnawave 4.0 is newer than we know</code>" in message

    await stall.buy_and_pay()
    await recover(monitor)
    assert (await provision_subscriptions(stall.db, stall.panel))["delivered"] == 1


async def test_who_waits_is_counted_and_told_of_once_a_minute_by_the_same_message(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    monitor = outside.start()
    await fail(monitor, stall.panel)
    await outside.deliver()
    await stall.buy_and_pay(ANNA)
    await fail(monitor, stall.panel, rounds=3)
    await outside.deliver()
    assert outside.edited == []

    skip(MINUTE)
    await stall.buy_and_pay(BEN)
    await fail(monitor, stall.panel, rounds=3)
    await outside.deliver()
    skip(MINUTE)
    await fail(monitor, stall.panel)
    await outside.deliver()

    (edit,) = outside.edited
    assert "Orders waiting: 2" in edit
    assert len(outside.sent) == 1


async def test_it_is_closed_with_its_length_once_all_that_waited_is_delivered(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    monitor = outside.start()
    await stall.buy_and_pay(ANNA)
    await stall.buy_and_pay(BEN)
    stall.panel.failures = [UnavailableError(DOWN)] * 2
    await provision_due_subscriptions(stall.db, stall.panel)  # the next attempt is in seconds
    await fail(monitor, stall.panel)
    await outside.deliver()
    skip(6 * MINUTE)
    for user_id in (ANNA, BEN):
        later = clock.now() + 15 * MINUTE
        await stall.change(await stall.subscription(user_id), due_at=later)
    await recover(monitor)
    assert (await stall.rows(Incident))[0].closed_at is None

    assert (await provision_due_subscriptions(stall.db, stall.panel))["delivered"] == 2
    await monitor.run_round()
    await outside.deliver()

    (incident,) = await stall.rows(Incident)
    assert incident.closed_at is not None
    assert len([text for text in outside.sent if "panel" in text]) == 1
    assert outside.edited[-1] == (
        "✅ <b>The VPN panel is back</b>. It took 6 minutes.\n\n"
        "Orders that waited: 2, all delivered."
    )


async def test_appointed_operators_read_it_too_as_long_as_they_are(
    stall: Stall, outside: Outside
) -> None:
    monitor = outside.start()
    await appoint(stall.db, SAM, OperatorRole.SUPPORT)
    await appoint(stall.db, MAX, OperatorRole.MANAGER)
    await fail(monitor, stall.panel)
    await outside.deliver()
    await dismiss(stall.db, MAX)
    await recover(monitor)
    await outside.deliver()
    assert [len(outside.sender.texts(id_)) for id_ in (OLGA, SAM, MAX)] == [1, 1, 1]
    assert {chat_id for chat_id, _, text in outside.sender.edited if "✅" in text} == {OLGA, SAM}


async def test_what_the_panel_does_not_take_keeps_it_open_for_five_minutes_only(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    monitor = outside.start()
    await stall.buy_and_pay()
    await fail(monitor, stall.panel)
    await outside.deliver()
    await recover(monitor)
    skip(5 * MINUTE)
    await monitor.run_round()
    await outside.deliver()
    assert outside.edited[-1].startswith("✅ <b>The VPN panel is back</b>. It took less than a min")
    assert outside.edited[-1].endswith("delivered so far: 0. We’re on to the rest.")


async def test_no_order_is_reported_by_itself_while_operators_know_of_the_outage(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    monitor = outside.start()
    await stall.buy_and_pay()
    await fail(monitor, stall.panel)
    await exhaust(stall, UnavailableError(DOWN))
    assert await stall.notified(OLGA) == ["operator-incident"]

    await outside.deliver()
    await recover(monitor)
    skip(5 * MINUTE)
    await monitor.run_round()
    await exhaust(stall, UnavailableError(DOWN))
    assert (await stall.notified(OLGA))[-1] == "operator-activation"


async def test_an_order_that_the_panel_refuses_is_reported_all_the_same(
    stall: Stall, outside: Outside
) -> None:
    await stall.buy_and_pay()
    await fail(outside.start(), stall.panel)
    await exhaust(stall, RefusedError("no such inbound"))
    assert await stall.notified(OLGA) == ["operator-incident", "operator-activation"]


async def exhaust(stall: Stall, error: PortError) -> None:
    """The last attempt before an operator has to act."""
    await stall.change(await stall.subscription(), attempts=9, due_at=clock.now())
    stall.panel.failures = [error]
    await provision_due_subscriptions(stall.db, stall.panel)
    assert (await stall.subscription()).activation_status is ActivationStatus.NEEDS_ATTENTION


async def test_a_process_that_ends_in_the_middle_makes_no_second_message(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    """P4: what is open stands in the database."""
    await fail(outside.start(), stall.panel)
    await outside.deliver()
    after = outside.start()
    await fail(after, stall.panel, rounds=3)
    another = outside.start()
    await fail(another, stall.panel, rounds=3)
    skip(MINUTE)
    await recover(another)
    await recover(after)
    await outside.deliver()
    assert len(outside.sent) == len(outside.edited) == 1
    assert "It took 1 minute." in outside.edited[0]


async def test_a_flapping_panel_is_one_message_that_counts(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    monitor = outside.start()
    for _ in range(10):
        await fail(monitor, stall.panel)
        await outside.deliver()
        await recover(monitor)
        await outside.deliver()
        skip(5 * MINUTE)
    (incident,) = await stall.rows(Incident)
    assert incident.outages == 10
    assert len(outside.sent) == 1
    assert outside.edited[-1].endswith("It was down 10 times meanwhile.")


async def test_it_makes_three_messages_an_hour_at_the_most(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    monitor = outside.start()
    for _ in range(5):
        await fail(monitor, stall.panel)
        await recover(monitor)
        await outside.deliver()
        skip(11 * MINUTE)
    assert len(outside.sent) == 3


async def test_several_outages_are_a_message_each(stall: Stall, outside: Outside) -> None:
    for name, hour in (("awake_from_hour", "0"), ("awake_until_hour", "24")):
        await change_shop_setting(stall.db, name, hour)  # a chain's would wait for the morning
    monitor = outside.start()
    await stall.buy(BEN)
    await fail(monitor, stall.panel, stall.provider, outside.chain)
    await outside.deliver()
    assert [text.partition(",")[0] for text in sorted(outside.sent)] == [
        "🔴 <b>Crypto Pay isn’t available</b>",
        "🔴 <b>No Ethereum endpoint responds</b>",
        "🔴 <b>The VPN panel isn’t available</b>",
    ]
    (crypto_pay,) = [text for text in outside.sender.texts(OLGA) if "Crypto Pay isn" in text]
    assert "Unpaid invoices: 1" in crypto_pay

    await recover(monitor)
    await outside.deliver()
    assert sorted(text.partition(".")[0] for text in outside.edited) == [
        "✅ <b>Crypto Pay is back</b>",
        "✅ <b>Ethereum is visible again</b>",
        "✅ <b>The VPN panel is back</b>",
    ]


async def set_night(stall: Stall, *, is_night: bool) -> None:
    hour = clock.now().astimezone(ZoneInfo("Europe/Moscow")).hour
    begin, end = (0, 24) if not is_night else (0, hour) if hour else (1, 24)
    await change_shop_setting(stall.db, "awake_from_hour", "0")
    await change_shop_setting(stall.db, "awake_until_hour", str(end))
    await change_shop_setting(stall.db, "awake_from_hour", str(begin))


async def test_at_night_operators_are_notified_of_what_is_about_money(
    stall: Stall, outside: Outside
) -> None:
    await set_night(stall, is_night=True)
    await fail(outside.start(), stall.panel, outside.chain)
    await outside.deliver()
    assert len(outside.sent) == 1
    assert "panel" in outside.sent[0]

    await set_night(stall, is_night=False)
    await fail(outside.start(), stall.panel, outside.chain)
    await outside.deliver()
    assert len(outside.sent) == 2
    assert "Ethereum" in outside.sent[1]


async def test_what_was_over_before_the_morning_is_sent_to_no_one(
    stall: Stall, outside: Outside
) -> None:
    await set_night(stall, is_night=True)
    monitor = outside.start()
    await fail(monitor, outside.chain)
    await recover(monitor)
    await set_night(stall, is_night=False)
    await recover(outside.start())
    await outside.deliver()
    assert outside.sent == outside.edited == []
    assert (await stall.rows(Incident))[0].closed_at is not None


async def test_a_message_that_waits_is_changed_before_it_is_sent(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    """Telegram was away as well: operators read the end, and not the whole story."""
    monitor = outside.start()
    outside.sender.failures[OLGA] = [RetryLaterError(SECOND)]
    await fail(monitor, stall.panel)
    await outside.deliver()
    skip(2 * MINUTE)
    await recover(monitor)
    await outside.deliver()
    (message,) = outside.sent
    assert message == "✅ <b>The VPN panel is back</b>. It took 2 minutes."
    assert outside.edited == []


async def test_it_is_not_closed_while_its_message_is_on_its_way(
    stall: Stall, outside: Outside
) -> None:
    monitor = outside.start()
    await fail(monitor, stall.panel)

    async def recover_meanwhile() -> None:
        await recover(monitor)

    outside.sender.on_call = recover_meanwhile
    await outside.deliver()
    assert (await stall.rows(Incident))[0].closed_at is None

    await monitor.run_round()
    await outside.deliver()
    assert len(outside.sent) == len(outside.edited) == 1
    assert (await stall.rows(Incident))[0].closed_at is not None


async def test_a_message_whose_id_a_crash_has_lost_is_followed_by_one_with_the_end(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    """P4: the outbox knows that it was sent, and not which one it is."""
    monitor = outside.start()
    await fail(monitor, stall.panel)
    await outside.deliver()
    (row,) = await stall.rows(OutboxMessage, OutboxMessage.chat_id == OLGA)
    await stall.change(row, message_id=None)
    await stall.buy_and_pay()
    for _ in range(2):
        skip(MINUTE)
        await fail(monitor, stall.panel, rounds=1)
        await outside.deliver()
        await stall.buy_and_pay(BEN)
    await outside.deliver()
    about_panel = [text for text in outside.sent if "panel" in text]
    assert len(about_panel) == 2
    assert "Orders waiting: 2" in outside.edited[-1]


async def test_an_operator_who_deleted_the_message_gets_no_other(
    stall: Stall, outside: Outside
) -> None:
    monitor = outside.start()
    await fail(monitor, stall.panel)
    await outside.deliver()
    outside.sender.removed = {10_001}
    await recover(monitor)
    await outside.deliver()
    assert len(outside.sent) == 1
    assert outside.edited == []


async def test_workers_that_fail_are_named_unless_something_else_explains_it(
    stall: Stall, outside: Outside
) -> None:
    monitor = outside.start()
    outside.failures = {WorkerName.REMINDERS: 2, WorkerName.CRYPTO_PAYMENT_WATCHER: 9}
    await fail(monitor, stall.provider)
    await outside.deliver()
    assert len(outside.sent) == 1

    outside.failures = {WorkerName.REMINDERS: 3, WorkerName.BRIDGES: 3, WorkerName.OUTBOX: 0}
    await fail(monitor, stall.provider)
    await outside.deliver()
    message = outside.sender.texts(OLGA)[1]
    assert message.startswith("🔴 <b>Background work keeps failing</b>")
    assert message.endswith("<code>bridges, reminders</code>")


async def test_notifications_that_are_ten_minutes_late_are_one(
    stall: Stall, outside: Outside
) -> None:
    monitor = outside.start()
    async with stall.db.unit_of_work() as session:
        await notify(session, Notification("late", ANNA, "answer-late"))
    await set_due(stall, "late", -9 * MINUTE)
    await recover(monitor)
    assert await stall.rows(Incident) == []

    await set_due(stall, "late", -11 * MINUTE)
    await recover(monitor)
    await outside.deliver()
    assert outside.sent[0].startswith("🔴 <b>Messages aren’t going out</b>")
    assert "Messages waiting: 1" in outside.sender.texts(OLGA)[0]

    await recover(monitor)
    await outside.deliver()
    assert outside.edited[-1].endswith("Messages that waited: 1, all sent.")


async def set_due(stall: Stall, key: str, late: timedelta) -> None:
    async with stall.db.unit_of_work() as session:
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.key == key)
            .values(due_at=clock.now() + late)
            .execution_options(synchronize_session=False)
        )


async def test_what_was_switched_off_is_closed(stall: Stall, outside: Outside) -> None:
    await fail(outside.start(), stall.panel)
    without = IncidentMonitor(
        stall.db, ShopSettingsCache(stall.db), OPERATORS, IncidentSources([], dict)
    )
    await recover(without)
    assert (await stall.rows(Incident))[0].closed_at is not None


async def test_incidents_of_long_ago_are_deleted(
    stall: Stall, outside: Outside, skip: Skip
) -> None:
    monitor = outside.start()
    await fail(monitor, stall.panel, outside.chain)
    await outside.deliver()
    stall.panel.failures = []
    for _ in range(2):
        outside.chain.failures = [UnavailableError(DOWN)]
        await monitor.run_round()
    await outside.deliver()
    skip(timedelta(days=89))
    assert (await run_retention(stall.db)).removed["incidents"] == 0
    skip(timedelta(days=2))
    assert (await run_retention(stall.db)).removed["incidents"] == 1
    (row,) = await stall.rows(Incident)
    assert row.kind is IncidentKind.CHAIN
    assert await stall.rows(OutboxMessage, OutboxMessage.status == OutboxStatus.SENT) == []
