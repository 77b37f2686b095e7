"""Groups: the tracker works there, the shop stays private, talk of others costs nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core import clock
from app.db.models import GroupChat, OutboxMessage, OutboxStatus, User, Watch
from app.domain.messages import Lane
from app.services import group_chats
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from tests.bot.conftest import BEN, BotUnderTest
from tests.bot.tracking.group import GROUP, GroupPhone, KnownAccount, in_group
from tests.support.fake_chains import FakeChains, tx_hash
from tests.support.fakes import FakeClaims, PlainRenderer

HASH = tx_hash(0xABC)


@pytest.fixture(autouse=True)
def mined(chains: FakeChains) -> None:
    chains.eth.mine(HASH)


async def _group(bot: BotUnderTest, id_: int = GROUP) -> GroupChat | None:
    async with bot.deps.db.unit_of_work() as session:
        return await session.get(GroupChat, id_)


async def _watch(bot: BotUnderTest) -> Watch:
    async with bot.deps.db.unit_of_work() as session:
        return (await session.scalars(select(Watch))).one()


async def test_a_hash_in_a_group_gets_its_card_there(
    tracker: BotUnderTest, ben_there: GroupPhone
) -> None:
    await ben_there.send(f"paid! {HASH}")
    watch = await _watch(tracker)
    assert (watch.chat_id, watch.user_id) == (GROUP, BEN)
    assert watch.card_message_id == ben_there.chat[-1].message_id
    assert "In a block" in ben_there.text
    assert tracker.ben.chat == []


async def test_a_group_is_spoken_to_in_the_language_of_who_came_first(
    tracker: BotUnderTest, ben_there: GroupPhone, anna_there: GroupPhone
) -> None:
    await ben_there.send(f"/track {HASH}")
    await anna_there.send("/watches")
    assert "Nothing is being tracked yet" in anna_there.text
    group = await _group(tracker)
    assert group is not None
    assert group.language == "en"
    await tracker.anna.send("/watches")
    assert "Пока ни за чем" in tracker.anna.text


async def test_talk_of_others_is_not_answered_and_costs_no_query(
    ben_there: GroupPhone, engine: AsyncEngine
) -> None:
    statements: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(*args: object) -> None:
        statements.append(str(args[2]))

    for text in (
        "hello",
        "0x1234",
        "/dance",
        "/track@other_bot 0x1",
        "/fees@other_bot",
        "/cancel2",
    ):
        await ben_there.send(text)
    await ben_there.send(f"/other {HASH}")
    await ben_there.send(f"https://sepolia.etherscan.io/tx/{HASH}")
    await ben_there.send(new_chat_title="Friends")
    assert ben_there.chat == []
    assert statements == []


async def test_who_writes_as_the_group_is_nobody(
    tracker: BotUnderTest, ben_there: GroupPhone
) -> None:
    await ben_there.send(HASH, sender_chat={"id": GROUP, "type": "supergroup"})
    assert ben_there.chat == []
    assert await _group(tracker) is None


async def test_the_shop_stays_private(tracker: BotUnderTest, anna_there: GroupPhone) -> None:
    for text in ("/balance", "/plans@Tollgate_Bot", "/subscription"):
        await anna_there.send(text)
        assert "в личном чате" in anna_there.text
        assert anna_there.screen.buttons[0][0].url == "https://t.me/tollgate_bot"
    for data in ("balance:0", "menu:0", "speak:ru"):
        answer = await anna_there.press(data)
        assert answer is not None
        assert "устарела" in (answer.text or "")
    assert len(anna_there.chat) == 3
    async with tracker.deps.db.unit_of_work() as session:
        user = (await session.scalars(select(User))).one()
    assert user.unreachable_at is not None  # has not started the bot: it may not write to her


async def test_help_and_start_introduce_the_tracker(
    tracker: BotUnderTest, ben_there: GroupPhone
) -> None:
    for text in ("/help", "/start@tollgate_bot"):
        await ben_there.send(text)
        assert "We track transactions" in ben_there.text
    assert tracker.ben.chat == []


async def test_only_who_made_the_watch_may_touch_its_card(
    tracker: BotUnderTest, ben_there: GroupPhone, anna_there: GroupPhone
) -> None:
    await ben_there.send(HASH)
    answer = await anna_there.tap("mute")
    assert answer is not None
    assert answer.show_alert
    assert "somebody else’s" in (answer.text or "")
    assert not (await _watch(tracker)).muted
    answer = await ben_there.tap("mute")
    assert answer is not None
    assert answer.text == "Muted: the card goes on, no messages"


async def test_questions_in_a_group_are_answered_by_a_reply(
    ben_there: GroupPhone, anna_there: GroupPhone
) -> None:
    await ben_there.send("/track")
    assert "Reply to this message" in ben_there.text
    await anna_there.answer("me too")
    await ben_there.send("just talking")
    assert len(ben_there.chat) == 1
    await ben_there.answer("no idea")
    assert "no transaction hash here" in ben_there.text
    await ben_there.answer(HASH)
    assert "In a block" in ben_there.text
    await ben_there.tap("label")
    assert "Reply to this message with a name" in ben_there.text
    await ben_there.answer("Rent")
    assert "🏷 Rent" in ben_there.text
    await ben_there.send("/track")
    await ben_there.send("/cancel")
    assert "cancelled" in ben_there.text
    count = len(ben_there.chat)
    await ben_there.send("/cancel")
    assert len(ben_there.chat) == count


async def test_status_works_in_a_group(tracker: BotUnderTest, ben_there: GroupPhone) -> None:
    await ben_there.send(f"/status {HASH}")
    assert "In a block, all is well" in ben_there.text
    assert tracker.ben.chat == []


async def test_a_user_who_adds_the_bot_is_greeted_once(
    tracker: BotUnderTest, anna_there: GroupPhone
) -> None:
    await anna_there.move_bot(inside=True)
    await anna_there.move_bot(inside=True)
    assert len(anna_there.chat) == 1
    assert "Привет! Мы следим за транзакциями" in anna_there.text
    group = await _group(tracker)
    assert group is not None
    assert (group.title, group.language) == ("Friends", "ru")


async def test_a_removed_bot_watches_nothing_there_any_more(
    tracker: BotUnderTest, ben_there: GroupPhone
) -> None:
    await ben_there.send(HASH)
    async with tracker.deps.db.unit_of_work() as session:
        await notify(session, Notification("late", GROUP, "watch-final"))
    await ben_there.move_bot(inside=False)
    watch, group = await _watch(tracker), await _group(tracker)
    assert watch.stopped_at is not None
    assert watch.card_due_at is None
    assert group is not None
    assert group.left_at is not None
    async with tracker.deps.db.unit_of_work() as session:
        notification = (await session.scalars(select(OutboxMessage))).one()
    assert notification.status is OutboxStatus.WITHDRAWN
    await ben_there.move_bot(inside=True)
    assert "We track transactions" in ben_there.text


async def test_a_group_that_becomes_a_supergroup_takes_its_watches_along(
    tracker: BotUnderTest, ben_there: GroupPhone
) -> None:
    await ben_there.send(HASH)
    await ben_there.send(migrate_to_chat_id=-1005)
    await ben_there.send(migrate_to_chat_id=-1005)
    watch, group = await _watch(tracker), await _group(tracker, -1005)
    assert (watch.chat_id, watch.card_message_id) == (-1005, None)
    assert watch.card_due_at is not None
    assert watch.card_due_at <= clock.now()
    assert group is not None
    assert await _group(tracker) is None


async def test_a_migration_reported_in_the_new_chat_meets_what_is_there_already(
    tracker: BotUnderTest, ben_there: GroupPhone
) -> None:
    await ben_there.send(HASH)
    await group_chats.add_group(tracker.deps.db, -1005, "Friends", "ru")
    await group_chats.migrate_group(tracker.deps.db, GROUP, -1005)
    await ben_there.send(HASH)
    await group_chats.migrate_group(tracker.deps.db, GROUP, -1005)
    assert (await _watch(tracker)).chat_id == -1005
    assert await _group(tracker) is None


async def test_notifications_to_a_group_are_in_its_language(
    tracker: BotUnderTest, anna_there: GroupPhone
) -> None:
    await anna_there.send(HASH)
    async with tracker.deps.db.unit_of_work() as session:
        await notify(session, Notification("one", GROUP, "watch-seen"))
    ports = DeliveryPorts(tracker.sender, PlainRenderer(), FakeClaims(), ())
    await deliver_due_notifications(tracker.deps.db, ports, Lane.NOTIFICATION)
    assert "ru" in anna_there.text


async def test_a_group_in_trouble_gets_no_menu(ben_there: GroupPhone) -> None:
    for _ in range(21):
        await ben_there.send(f"/track {HASH}")
    assert "20 a minute" in ben_there.text
    assert ben_there.screen.buttons == []


async def test_without_a_database_the_tracker_says_so_wherever_it_is_asked(
    make_bot: Callable[[AsyncEngine], BotUnderTest], chains: FakeChains
) -> None:
    """P8."""
    engine = create_async_engine("postgresql+asyncpg://nobody:x@127.0.0.1:1/nothing")
    bot = make_bot(engine)
    bot.change(chains=chains.registry, account=KnownAccount())
    there = in_group(bot.ben)
    for phone in (bot.anna, bot.ben, there):
        for text in (HASH, f"/track {HASH}", f"/status {HASH}", "/watches"):
            await phone.send(text)
            answer = await phone.press("stop:1:")
            assert answer is not None
            for said in (phone.text, answer.text or ""):
                assert "back in a minute" in said or "Вернёмся через минуту" in said
    assert there.screen.buttons == []
    before = len(there.chat)
    await there.send("hello")
    await there.move_bot(inside=True)
    assert len(there.chat) == before
    await engine.dispose()
