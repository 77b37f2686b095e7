"""Who blocked the bot is remembered, quietly."""

from app.db.models import User
from tests.bot.conftest import BEN, BotUnderTest


async def _ben(bot: BotUnderTest) -> User | None:
    async with bot.deps.db.unit_of_work() as session:
        return await session.get(User, BEN)


async def test_a_block_and_its_end_are_noted_without_a_word(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("/start")
    await ben.block(blocked=True)
    user = await _ben(closed_shop)
    assert user is not None
    assert user.unreachable_at is not None
    await ben.block(blocked=False)
    user = await _ben(closed_shop)
    assert user is not None
    assert user.unreachable_at is None
    assert len(ben.chat) == 1


async def test_a_user_who_writes_again_can_be_reached_again(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("/start")
    await ben.block(blocked=True)
    await ben.send("/start")
    user = await _ben(closed_shop)
    assert user is not None
    assert user.unreachable_at is None


async def test_a_stranger_who_blocks_is_not_made_a_customer(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.block(blocked=True)
    assert await _ben(closed_shop) is None
