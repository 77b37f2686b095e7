"""A key that is replaced leaves no picture behind that leads to the old one."""

import pytest
from sqlalchemy import select, update

from app.bot.i18n import LANGUAGES
from app.db.models import OutboxMessage, OutboxStatus, Subscription
from sandbox.world import WorldServer
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone, Shown, labels, visible
from tests.bot.shopping import buy_key, deliver

HEAD = {
    "en": "🔁 The key that was here has been replaced\n\nHere is the new one, valid until",
    "ru": "🔁 Прежний ключ здесь заменён\n\nВот новый, действует до",
}
COPY = {"en": "📋 Copy the key", "ru": "📋 Скопировать ключ"}


def held(world: WorldServer) -> str:
    (key,) = [user.uuid for user in world.world.state.panel_users.values() if not user.removed]
    return key


async def show_qr(phone: Phone) -> Shown:
    await phone.send("/subscription")
    await phone.tap("qr:")
    return phone.chat[-1]


async def replace_key(shop: BotUnderTest, phone: Phone) -> None:
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(Subscription).values(link_renewed_at=None))
    await phone.send("/subscription")
    await phone.tap("newlink:")
    await phone.tap("relink:")
    await deliver(shop)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_messages_that_show_a_key_show_the_new_one_in_its_place(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    """The picture, and the message that brought the key; each time it is replaced."""
    phone = shop.phone_of(language)
    await buy_key(shop, world, phone)
    brought, shown = phone.chat[-1], await show_qr(phone)
    old, before = held(world), shown.screen.photo

    await replace_key(shop, phone)
    assert old != held(world)
    again = await show_qr(phone)
    for message in (brought, shown):
        assert message in phone.chat
        assert visible(message.screen).startswith(HEAD[language])
        assert held(world) in message.screen.text
        assert old not in message.screen.text
        assert message.screen.photo not in {None, before}
        assert COPY[language] in labels(message.screen)

    await replace_key(shop, phone)
    for message in (brought, shown, again):
        assert visible(message.screen).startswith(HEAD[language])
        assert held(world) in message.screen.text


async def test_until_the_new_key_is_there_the_picture_shows_the_old_one(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """Which works until then."""
    ben = shop.ben
    await buy_key(shop, world, ben)
    shown = await show_qr(ben)
    before = shown.screen
    await ben.send("/subscription")
    await ben.tap("newlink:")
    await ben.tap("relink:")
    assert shown.screen == before


async def test_a_picture_that_is_gone_is_left_alone(shop: BotUnderTest, world: WorldServer) -> None:
    """Nothing comes in its place, and no failure is reported to the operators."""
    ben = shop.ben
    await buy_key(shop, world, ben)
    shown = await show_qr(ben)
    ben.chat.remove(shown)
    before = len(ben.chat)
    await replace_key(shop, ben)
    # The page, and the new key.
    assert [visible(one.screen)[0] for one in ben.chat[before:]] == ["🔑", "🔁"]
    async with shop.deps.db.unit_of_work() as session:
        rows = (await session.scalars(select(OutboxMessage))).all()
    assert {row.status for row in rows} == {OutboxStatus.SENT, OutboxStatus.WITHDRAWN}
    assert OLGA not in {row.chat_id for row in rows}


async def test_only_the_newest_ten_are_remembered(shop: BotUnderTest, world: WorldServer) -> None:
    ben = shop.ben
    await buy_key(shop, world, ben)
    pictures = [await show_qr(ben) for _ in range(11)]
    async with shop.deps.db.unit_of_work() as session:
        remembered = await session.scalar(select(Subscription.key_message_ids))
    assert remembered == [one.message_id for one in reversed(pictures[1:])]
