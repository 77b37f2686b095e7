"""An album is one message to its sender: one answer, for what any of its parts says."""

import pytest

from tests.bot.conftest import BotUnderTest
from tests.bot.phone import Phone
from tests.bot.tracking.group import KnownAccount, in_group
from tests.support.fake_chains import FakeChains, tx_hash

HASH, OTHER = tx_hash(0xABC), tx_hash(0xDEF)
PHOTO = [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]


@pytest.fixture
def tracker(closed_shop: BotUnderTest) -> BotUnderTest:
    chains = FakeChains()
    chains.eth.mine(HASH)
    chains.eth.mine(OTHER)
    closed_shop.change(chains=chains.registry, account=KnownAccount())
    return closed_shop


async def send_part(phone: Phone, caption: str | None, album: str = "a") -> None:
    words = {"caption": caption} if caption is not None else {}
    await phone.send(photo=PHOTO, media_group_id=album, **words)


@pytest.mark.parametrize("place", range(3))
async def test_a_hash_in_any_part_is_the_one_answer(tracker: BotUnderTest, place: int) -> None:
    ben = tracker.ben
    for part in range(3):
        await send_part(ben, f"paid {HASH}" if part == place else None)
    await tracker.end_albums()
    assert len(ben.chat) == 1
    assert "In a block" in ben.text


async def test_a_group_is_notified_of_a_hash_in_any_part(tracker: BotUnderTest) -> None:
    ben = in_group(tracker.ben)
    for caption in (None, "lunch", HASH, None):
        await send_part(ben, caption)
    await tracker.end_albums()
    assert len(ben.chat) == 1


async def test_two_hashes_are_two_cards_and_one_named_twice_is_one(tracker: BotUnderTest) -> None:
    for caption in (HASH, OTHER, HASH, "and lunch"):
        await send_part(tracker.ben, caption)
    await tracker.end_albums()
    assert len(tracker.ben.chat) == 2


async def test_an_album_that_says_nothing_gets_one_hint(tracker: BotUnderTest) -> None:
    """P8."""
    ben = tracker.ben
    for _ in range(3):
        await send_part(ben, None)
    await send_part(ben, None, album="b")
    assert ben.chat == []
    await tracker.end_albums()
    assert ["make sense of this one" in shown.screen.text for shown in ben.chat] == [True] * 2
    await send_part(ben, None)
    await tracker.end_albums()
    assert len(ben.chat) == 2


async def test_the_part_with_words_speaks_for_an_album_without_a_hash(
    tracker: BotUnderTest,
) -> None:
    ben = tracker.ben
    for caption in (None, HASH[:-1], None):
        await send_part(ben, caption)
    await tracker.end_albums()
    assert len(ben.chat) == 1
    assert "63" in ben.text


async def test_what_was_answered_before_a_restart_is_not_answered_again(
    tracker: BotUnderTest,
) -> None:
    ben = tracker.ben
    await send_part(ben, HASH)
    tracker.change()  # another process, with the same storage
    for caption in (None, HASH, None):
        await send_part(tracker.ben, caption)
    await tracker.end_albums()
    assert len(ben.chat) == 1
