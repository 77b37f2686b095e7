"""A channel that one must have joined to buy: set where the bot may look, asked at the order."""

from sqlalchemy import select

from app.db.models import OutboxMessage, Purchase
from app.domain.ports import RefusedError, UnavailableError
from app.services.shop_settings import change_shop_setting
from tests.bot.conftest import BEN, OLGA, BotUnderTest
from tests.bot.shopping import open_order
from tests.support.fakes import FakeChannels


async def count_orders(bot: BotUnderTest) -> int:
    async with bot.deps.db.read_only() as session:
        return len((await session.scalars(select(Purchase))).all())


async def test_it_is_set_only_where_the_bot_sees_who_is_in_it(closed_shop: BotUnderTest) -> None:
    channels = FakeChannels()
    closed_shop.change(channels=channels)
    olga = closed_shop.phone(OLGA, "Olga", "en")
    await olga.press("setting:0:buying_channel")
    channels.failures = [RefusedError("member list is inaccessible"), UnavailableError("502")]
    await olga.send("@tollgate_news")
    assert "doesn’t show the bot who is in @tollgate_news" in olga.text
    await olga.send("@tollgate_news")
    assert "isn’t answering" in olga.text
    await olga.send("@tollgate_news")
    await olga.tap("setdo")
    assert (await closed_shop.deps.shop.settings()).buying_channel == "@tollgate_news"


async def test_who_is_not_in_it_joins_and_goes_on(shop: BotUnderTest) -> None:
    channels = FakeChannels()
    shop.change(channels=channels)
    await change_shop_setting(shop.deps.db, "buying_channel", "@tollgate_news")
    ben = shop.ben
    answer = await open_order(ben)
    assert answer is not None
    assert "don’t see you in the channel" in (answer.text or "")
    assert "We sell to members of @tollgate_news" in ben.text
    assert ben.screen.buttons[0][0].url == "https://t.me/tollgate_news"
    assert await count_orders(shop) == 0
    channels.members.add(BEN)
    await ben.tap("buy:")
    assert await count_orders(shop) == 1
    await ben.tap("gift:")
    assert await count_orders(shop) == 2


async def test_where_telegram_does_not_say_it_sells_and_operators_know(shop: BotUnderTest) -> None:
    channels = FakeChannels()
    shop.change(channels=channels)
    await change_shop_setting(shop.deps.db, "buying_channel", "@tollgate_news")
    channels.failures = [UnavailableError("502"), UnavailableError("502")]
    for _ in range(2):
        await open_order(shop.ben)
    assert await count_orders(shop) == 1
    async with shop.deps.db.read_only() as session:
        rows = (await session.scalars(select(OutboxMessage))).all()
    assert [(row.template, row.values["reason"]) for row in rows] == [
        ("operator-buying-channel", "unavailable")
    ]
