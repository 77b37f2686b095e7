"""A user turns the shop's broadcasts off and on."""

import pytest
from sqlalchemy import select

from app.db.models import User
from tests.bot.conftest import BEN, BotUnderTest


async def is_off(bot: BotUnderTest) -> bool:
    async with bot.deps.db.read_only() as session:
        off_at = await session.scalar(select(User.broadcasts_off_at).where(User.id == BEN))
    return off_at is not None


async def test_the_button_below_a_broadcast_turns_them_off_and_leaves_it_alone(
    closed_shop: BotUnderTest,
) -> None:
    ben = closed_shop.ben
    await ben.send("/start")
    shown = len(ben.chat)
    for _ in range(2):
        answer = await ben.press("news:0:0", 77)
        assert answer is not None
        assert "/news" in str(answer.text)
        assert answer.show_alert
        assert await is_off(closed_shop)
    assert len(ben.chat) == shown


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_the_page_turns_them_off_and_on(closed_shop: BotUnderTest, language: str) -> None:
    phone = closed_shop.phone(BEN, "Ben", language)
    await phone.send("/news")
    assert phone.text.startswith("🔔")
    await phone.tap("news:0:1")
    assert phone.text.startswith("🔕")
    assert await is_off(closed_shop)
    await phone.tap("news:1:1")
    assert phone.text.startswith("🔔")
    assert not await is_off(closed_shop)
