"""/watches: five a page, a card below, a stop in place."""

import pytest
from sqlalchemy import select

from app.db.models import ChainState, Watch
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import Phone, labels
from tests.bot.tracking.group import GroupPhone
from tests.support.fake_chains import FakeChains, tx_hash


@pytest.fixture(autouse=True)
def sent(chains: FakeChains) -> None:
    for number in range(1, 8):
        chains.eth.mine(tx_hash(number))


async def _follow(phone: Phone, count: int) -> None:
    for number in range(1, count + 1):
        await phone.send(f"/track {tx_hash(number)} no{number}")


async def test_an_empty_list_says_what_to_do(tracker: BotUnderTest) -> None:
    await tracker.anna.send("/watches")
    assert "Пока ни за чем не следим" in tracker.anna.text
    await tracker.ben.send("/watches")
    assert "Nothing is being tracked yet" in tracker.ben.text
    await tracker.ben.tap("track")
    assert "We track transactions" in tracker.ben.text


async def test_the_list_turns_pages_the_newest_first(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await _follow(ben, 7)
    await ben.send("/watches")
    assert "tracking: 7" in ben.text
    assert labels(ben.screen)[:2] == ["1. no7", "⏹ 1"]
    assert "no2" not in ben.text
    await ben.tap("watches:0:1")
    assert "6. no2" in ben.text
    assert "7. no1" in ben.text
    await ben.tap("watches:0:0")
    assert "1. no7" in ben.text


async def test_a_card_is_opened_below_and_is_the_one_from_now_on(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await _follow(ben, 1)
    await ben.send("/watches")
    await ben.tap("card")
    assert len(ben.chat) == 3
    assert "In a block" in ben.text
    async with tracker.deps.db.unit_of_work() as session:
        watch = (await session.scalars(select(Watch))).one()
    assert watch.card_message_id == ben.chat[-1].message_id


async def test_a_stop_in_the_list_takes_it_off(tracker: BotUnderTest) -> None:
    anna = tracker.anna
    await _follow(anna, 6)
    await anna.send("/watches")
    await anna.tap("watches:0:1")
    answer = await anna.tap("stop")
    assert answer is not None
    assert answer.text == "Больше не следим"
    assert "под присмотром: 5" in anna.text
    assert "no1" not in anna.text
    assert len(anna.chat) == 7


async def test_a_group_sees_only_what_is_watched_there(
    tracker: BotUnderTest, ben_there: GroupPhone
) -> None:
    """P12: what somebody watches in private is nobody else's business."""
    await tracker.ben.send(f"/track {tx_hash(1)} secret")
    await ben_there.send(f"/track {tx_hash(2)} shared")
    await ben_there.send("/watches")
    assert "shared" in ben_there.text
    assert "secret" not in ben_there.text
    await tracker.ben.send("/watches")
    assert "secret" in tracker.ben.text
    assert "shared · in a group" in tracker.ben.text
    await tracker.ben.tap("card")  # of the group's, seen from here
    assert "shared" in tracker.ben.text
    async with tracker.deps.db.unit_of_work() as session:
        shared = (await session.scalars(select(Watch).where(Watch.label == "shared"))).one()
    assert shared.card_message_id == ben_there.chat[0].message_id


async def test_a_list_without_open_ones_says_so(tracker: BotUnderTest, chains: FakeChains) -> None:
    head = chains.eth.head
    async with tracker.deps.db.unit_of_work() as session:
        session.add(ChainState(chain="eth", head_number=head, final_number=head))
    await tracker.anna.send(tx_hash(1))
    await tracker.anna.send("/watches")
    assert "Сейчас ни за чем не следим. Недавние:" in tracker.anna.text
    assert "Окончательно · Ethereum" in tracker.anna.text
