"""Sales, trials and sign-ups to a group: bundled, once, and ended with the group or its topic."""

import asyncio
from datetime import timedelta

import pytest

from app.bot.renderer import ScreenRenderer
from app.db.models import AuditEntry, Feed, OutboxMessage, OutboxStatus
from app.domain.feeds import FeedKind
from app.domain.messages import Lane
from app.domain.ports import ChatMigratedError, TopicGoneError, UnreachableError
from app.domain.shop_settings import ShopSettings
from app.services import group_chats
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.operations.feeds import SETTLING, notify_feeds, send_feed_to, switch_feed_off
from app.services.promotions.trials import start_trial
from app.services.tracking.cards.endings import leave_chat
from app.services.users import TelegramProfile, upsert_user
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, BEN, OLGA, OPERATORS, Stall

GROUP, NEW, TOPIC = -5, -1_002_200_000_009, 77
SETTLED = SETTLING + timedelta(seconds=1)


@pytest.fixture(autouse=True)
async def group(stall: Stall) -> None:
    await group_chats.add_group(stall.db, GROUP, "Team <1>", "en")


async def follow(stall: Stall, *kinds: FeedKind, thread_id: int | None = None) -> None:
    for kind in kinds:
        await send_feed_to(stall.db, OLGA, kind, GROUP, thread_id)


async def messages(stall: Stall, chat_id: int = GROUP) -> list[OutboxMessage]:
    return await stall.rows(OutboxMessage, OutboxMessage.chat_id == chat_id)


async def texts(stall: Stall) -> list[str]:
    return [
        ScreenRenderer().render(row.template, row.values, "en").text
        for row in await messages(stall)
    ]


async def test_what_happens_together_is_one_message(stall: Stall, skip: Skip) -> None:
    await stall.buy_and_pay(BEN)
    skip(SETTLED)
    await follow(stall, *FeedKind)
    await stall.buy_and_pay(ANNA)
    await stall.buy_and_pay(BEN)
    await start_trial(stall.db, OLGA, ShopSettings())
    profile = TelegramProfile(5_000, "<b>Rita", None, "en")
    await upsert_user(stall.db, profile)
    assert await notify_feeds(stall.db) == {"notified": 0}
    skip(SETTLED)
    assert await notify_feeds(stall.db) == {"notified": 1}
    skip(SETTLED)
    assert await notify_feeds(stall.db) == {"notified": 0}
    sale = "🛒 Standard, 1 month (30 days) — <b>$4.99</b>"
    (text,) = await texts(stall)
    assert text == (
        f"💰 <b>Sales: 2 for $9.98</b>\n{sale}\n{sale}\n\n"
        "🧪 Began a trial: <b>1</b>\n\n👋 New users: <b>1</b>"
    )
    (row,) = await messages(stall)
    assert (row.priority, row.thread_id) == (0, None)
    assert "Rita" not in str(row.values)


async def test_each_kind_goes_to_its_own_place(stall: Stall, skip: Skip) -> None:
    await follow(stall, FeedKind.SALES, thread_id=TOPIC)
    await follow(stall, FeedKind.TRIALS)
    await stall.buy_and_pay(ANNA)
    await start_trial(stall.db, BEN, ShopSettings())
    skip(SETTLED)
    await asyncio.gather(*(notify_feeds(stall.db) for _ in range(3)))
    rows = {row.thread_id: set(row.values) for row in await messages(stall)}
    assert rows == {TOPIC: {"sales", "sales_count", "sales_totals"}, None: {"trials"}}


async def test_of_many_sales_the_newest_are_shown_and_all_are_counted(
    stall: Stall, skip: Skip
) -> None:
    await follow(stall, FeedKind.SALES)
    for _ in range(12):
        await stall.buy_and_pay(ANNA)
    skip(SETTLED)
    await notify_feeds(stall.db)
    (text,) = await texts(stall)
    assert text.startswith("💰 <b>Sales: 12 for $59.88</b>\n🛒")
    assert text.count("🛒") == 10
    assert text.endswith("…and 2 more")


async def test_what_is_off_costs_one_look_and_is_on_record(stall: Stall, skip: Skip) -> None:
    await follow(stall, FeedKind.SALES)
    await follow(stall, FeedKind.SALES)
    await switch_feed_off(stall.db, OLGA, FeedKind.SALES)
    await switch_feed_off(stall.db, OLGA, FeedKind.SALES)
    await stall.buy_and_pay(ANNA)
    skip(SETTLED)
    assert await notify_feeds(stall.db) == {}
    actions = await stall.rows(AuditEntry, AuditEntry.subject == f"chat:{GROUP}")
    assert [entry.action for entry in actions] == ["feed_set", "feed_ended"]


@pytest.fixture
def sender() -> RecordingSender:
    return RecordingSender()


async def deliver(stall: Stall, sender: RecordingSender) -> None:
    ports = DeliveryPorts(sender, PlainRenderer(), FakeClaims(), OPERATORS)
    while (await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["more"]:
        pass


@pytest.mark.parametrize(
    ("failure", "left"),
    [(UnreachableError("bot was kicked"), []), (TopicGoneError("not found"), [FeedKind.TRIALS])],
)
async def test_a_place_that_is_gone_ends_its_feeds_and_operators_hear_of_it_once(
    stall: Stall, skip: Skip, sender: RecordingSender, failure: Exception, left: list[FeedKind]
) -> None:
    await follow(stall, FeedKind.SALES, FeedKind.SIGN_UPS, thread_id=TOPIC)
    await follow(stall, FeedKind.TRIALS)
    sender.failures[GROUP] = [failure, failure]
    for _ in range(2):
        await stall.buy_and_pay(ANNA)
        skip(SETTLED)
        await notify_feeds(stall.db)
        await deliver(stall, sender)
    assert [feed.kind for feed in await stall.rows(Feed)] == left
    ended = [one for one in await messages(stall, OLGA) if one.template == "operator-feed-ended"]
    assert len(ended) == 1
    text = ScreenRenderer().render("operator-feed-ended", ended[0].values, "en").text
    assert "“Team &lt;1&gt;”" in text
    assert "Sales, New users" in text


async def test_a_bot_that_is_removed_ends_all_of_the_chat(stall: Stall) -> None:
    await follow(stall, *FeedKind)
    await leave_chat(stall.db, GROUP)
    await leave_chat(stall.db, GROUP)
    assert await stall.rows(Feed) == []
    rows = await stall.rows(OutboxMessage, OutboxMessage.template == "operator-feed-ended")
    assert [row.status for row in rows] == [OutboxStatus.UNRESOLVED]


async def test_a_group_that_became_a_supergroup_is_followed(
    stall: Stall, skip: Skip, sender: RecordingSender
) -> None:
    await follow(stall, FeedKind.SALES)
    sender.failures[GROUP] = [ChatMigratedError("upgraded", NEW)]
    await stall.buy_and_pay(ANNA)
    skip(SETTLED)
    await notify_feeds(stall.db)
    await deliver(stall, sender)
    skip(timedelta(minutes=1))
    await deliver(stall, sender)
    (feed,) = await stall.rows(Feed)
    assert (feed.chat_id, sender.sent[-1][0]) == (NEW, NEW)
