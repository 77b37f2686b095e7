"""The card's buttons: stop and again, mute, the outcome only, a name; and when it is gone."""

import pytest
from sqlalchemy import delete, select

from app.bot.tracking_callbacks import WatchOnChain
from app.db.models import Watch
from app.domain.tracking import WatchMode
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import labels
from tests.support.fake_chains import FakeChains, tx_hash

HASH = tx_hash(0xABC)


@pytest.fixture(autouse=True)
def mined(chains: FakeChains) -> None:
    chains.eth.mine(HASH)


async def _watch(bot: BotUnderTest) -> Watch:
    async with bot.deps.db.unit_of_work() as session:
        return (await session.scalars(select(Watch))).one()


async def test_a_card_leads_to_the_explorer_and_copies_its_hash(tracker: BotUnderTest) -> None:
    await tracker.ben.send(HASH)
    buttons = [button for row in tracker.ben.screen.buttons for button in row]
    assert buttons[0].url == f"https://etherscan.io/tx/{HASH}"
    assert buttons[1].copy == HASH
    assert "▱▱" in tracker.ben.text


async def test_stop_asks_nothing_and_can_be_taken_back(tracker: BotUnderTest) -> None:
    for phone, toast, stopped, again in (
        (tracker.anna, "Больше не следим", "Больше не следим", "Следим снова"),
        (tracker.ben, "Not tracked any more", "Not tracked any more", "Tracking again"),
    ):
        await phone.send(HASH)
        answer = await phone.tap("stop")
        assert answer is not None
        assert answer.text == toast
        assert stopped in phone.text
        answer = await phone.tap("again")
        assert answer is not None
        assert answer.text == again
        assert any("stop" in (b.data or "") for row in phone.screen.buttons for b in row)
        assert len(phone.chat) == 1


async def test_stop_twice_says_the_same(tracker: BotUnderTest) -> None:
    await tracker.ben.send(HASH)
    id_ = (await _watch(tracker)).id
    for _ in range(2):
        answer = await tracker.ben.press(f"stop:{id_}:", tracker.ben.chat[-1].message_id)
        assert answer is not None
        assert answer.text == "Not tracked any more"


async def test_what_is_watched_again_while_its_chain_is_down_is_watched(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    await tracker.ben.send(HASH)
    await tracker.ben.tap("stop")
    chains.eth.is_down = True
    await tracker.ben.tap("again")
    assert (await _watch(tracker)).stopped_at is None


async def test_mute_and_the_outcome_only_are_switches(tracker: BotUnderTest) -> None:
    anna = tracker.anna
    await anna.send(HASH)
    await anna.tap("mute")
    assert (await _watch(tracker)).muted
    assert "Без уведомлений" in anna.text
    assert "🔔 Писать" in labels(anna.screen)
    await anna.tap("mute")
    assert not (await _watch(tracker)).muted
    await anna.tap("mode")
    assert (await _watch(tracker)).mode is WatchMode.FINAL
    assert "только об итоге" in anna.text
    await anna.tap("mode")
    assert (await _watch(tracker)).mode is WatchMode.EVERY


async def test_a_name_is_asked_for_shown_and_removed(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send(HASH)
    await ben.tap("label")
    assert "What shall we call it?" in ben.text
    await ben.send("x" * 65)
    assert "65 characters" in ben.text
    await ben.send("<Rent>")
    assert "🏷 <Rent>" in ben.text
    watch = await _watch(tracker)
    assert (watch.label, watch.card_message_id) == ("<Rent>", ben.chat[-1].message_id)
    await ben.tap("label")
    await ben.tap("unlabel")
    assert (await _watch(tracker)).label is None
    assert "In a block" in ben.text


async def test_a_name_must_be_text_and_can_be_left_out(tracker: BotUnderTest) -> None:
    anna = tracker.anna
    await anna.send(HASH)
    await anna.tap("label")
    await anna.send(voice={"file_id": "x", "file_unique_id": "x", "duration": 1})
    assert "несколько слов" in anna.text
    await anna.send("/cancel")
    assert "отменили" in anna.text
    assert (await _watch(tracker)).label is None


async def test_another_users_watch_is_none_of_theirs(tracker: BotUnderTest) -> None:
    """P12: the data of buttons comes from outside."""
    await tracker.ben.send(HASH)
    id_ = (await _watch(tracker)).id
    before = len(tracker.anna.chat)
    for data in (f"stop:{id_}:", f"mute:{id_}:1", f"mode:{id_}:final", f"label:{id_}"):
        answer = await tracker.anna.press(data)
        assert answer is not None
        assert "среди ваших больше нет" in (answer.text or "")
    for data in (f"card:{id_}", f"again:{id_}", f"unlabel:{id_}", f"stop:{id_}:0"):
        answer = await tracker.anna.press(data)
        assert answer is not None
        assert answer.show_alert
    watch = await _watch(tracker)
    assert (watch.muted, watch.mode, watch.stopped_at) == (False, WatchMode.EVERY, None)
    assert len(tracker.anna.chat) == before


async def test_the_operator_may_touch_any_card(tracker: BotUnderTest) -> None:
    await tracker.ben.send(HASH)
    watch = await _watch(tracker)
    await tracker.olga.press(f"mute:{watch.id}:1")
    after = await _watch(tracker)
    assert after.muted
    assert after.card_message_id == watch.card_message_id  # Ben's goes on


async def test_a_button_of_a_watch_long_gone_says_so(tracker: BotUnderTest) -> None:
    await tracker.ben.send(HASH)
    await tracker.ben.tap("label")
    async with tracker.deps.db.unit_of_work() as session:
        await session.execute(delete(Watch))
    for prefix in ("stop", "mute", "mode"):
        answer = await tracker.ben.tap(prefix, tracker.ben.chat[0])
        assert answer is not None
        assert "isn’t among yours" in (answer.text or "")


async def test_who_names_a_watch_that_has_gone_meanwhile_reads_so(tracker: BotUnderTest) -> None:
    await tracker.ben.send(HASH)
    await tracker.ben.tap("label")
    async with tracker.deps.db.unit_of_work() as session:
        await session.execute(delete(Watch))
    await tracker.ben.send("Rent")
    assert "isn’t among yours" in tracker.ben.text


async def test_the_message_that_is_no_card_any_more_says_where_it_is(
    tracker: BotUnderTest,
) -> None:
    ben = tracker.ben
    await ben.send(HASH)
    await ben.send(f"/track {HASH} Rent")
    first, second = (shown.screen for shown in ben.chat)
    assert "The card is further down now" in first.text
    assert not first.buttons
    assert "Rent" in second.text


async def test_what_took_its_place_gets_a_card_of_its_own(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    """The old card still shows its own end."""
    ben, other = tracker.ben, tx_hash(0xDEF)
    await ben.send(HASH)
    chains.eth.mine(other)
    await ben.press(WatchOnChain.on(other, "eth").pack(), ben.chat[0].message_id)
    old, new = (shown.screen.text for shown in ben.chat)
    assert "000abc" in old
    assert "000def" in new
    async with tracker.deps.db.unit_of_work() as session:
        shown_by = set(await session.scalars(select(Watch.card_message_id)))
    assert shown_by == {shown.message_id for shown in ben.chat}
