"""A trial from its button to its end, over HTTP, with the world's clock and the service's."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from app.core import clock
from app.services import shop_settings as settings
from tests.support.books import Books
from tests.support.eventually import eventually
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.shop import BEN, OLGA, Message, Shop, has, is_key, open_shop, text_of, urls

HOUR = timedelta(hours=1)


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    variables = {"TRIAL_NOTIFICATIONS_INTERVAL_SECONDS": "0.2"}
    async with open_shop(database_url, redis_url, **variables) as shop:
        for name, value in (("time_zone", "UTC"), ("awake_from_hour", "0")):
            await settings.change_shop_setting(shop.parts.db, name, value)
        await settings.change_shop_setting(shop.parts.db, "awake_until_hour", "24")
        yield shop


@pytest.fixture(autouse=True)
def own_time() -> Iterator[None]:
    yield
    clock.set_offset(timedelta())


async def skip(shop: Shop, passed: timedelta) -> None:
    """Both clocks, to so long after the start."""
    offset = int(passed.total_seconds()) - shop.world.server.world.clock.offset_seconds
    answer = await shop.world.http.post("/world/skip", json={"seconds": offset})
    answer.raise_for_status()
    clock.set_offset(passed)


def says(text: str) -> Callable[[Message], bool]:
    return lambda message: text in text_of(message)


async def test_a_trial_is_taken_used_and_ends(shop: Shop, database_url: str) -> None:
    """P2, P3, P4: key, notifications and end, each once; then the panel has removed the key."""
    ben = shop.world.user(BEN)
    await ben.send("/start")
    menu = await ben.wait_for(lambda message: has(message, "trial:"))
    await ben.tap(menu, "trial:")
    await ben.tap(await ben.wait_for(lambda message: has(message, "try:")), "try:")
    key = await ben.wait_for(is_key)
    assert "free trial until" in text_of(key)

    await skip(shop, HOUR + timedelta(minutes=1))
    unused = await ben.wait_for(says("haven’t connected yet"))
    assert has(unused, "connect:1:android")

    (account,) = (await shop.world.state())["panel_users"]
    async with httpx.AsyncClient(verify=NO_CERTIFICATES) as phone:
        (await phone.get(account["subscription_url"])).raise_for_status()
    await skip(shop, 36 * HOUR + timedelta(minutes=1))
    half = await ben.wait_for(says("Half of your free trial"))
    assert "3 MB of 10 GB" in text_of(half)

    await skip(shop, 69 * HOUR + timedelta(minutes=1))
    assert "2 hours left" in text_of(await ben.wait_for(says("trial ends soon")))

    await skip(shop, 73 * HOUR)
    ended = await ben.wait_for(says("free trial has ended"))
    assert has(ended, "plans:")

    async def is_forgotten() -> bool:
        return bool((await shop.world.state())["panel_users"] == [])

    await eventually(is_forgotten)
    told = await Books(database_url).column(
        "SELECT template FROM outbox WHERE chat_id = $1 ORDER BY id", BEN
    )
    assert told == [
        "trial-key-ready",
        "trial-unused",
        "trial-halfway",
        "trial-ending",
        "trial-ended",
    ]


async def test_the_channel_opens_the_trial_and_a_lost_right_reaches_the_operator(
    shop: Shop,
) -> None:
    await settings.change_shop_setting(shop.parts.db, "trial_channel", "@tollgate_news")
    clock.set_offset(timedelta(minutes=1))  # older than what the shop remembers of its settings
    await shop.world.turn(channels="no_admin")
    olga, ben = shop.world.user(OLGA), shop.world.user(BEN)
    await olga.send("/start")
    await ben.send("/trial")
    page = await ben.wait_for(lambda message: has(message, "try:"))
    await ben.tap(page, "try:")
    await olga.wait_for(says("@tollgate_news"))
    again = await ben.wait_for(says("couldn’t check"))

    await shop.world.turn(channels="ok")
    await ben.tap(again, "try:")
    join = await ben.wait_for(says("One step left"))
    assert urls(join) == ["https://t.me/tollgate_news"]
    joined = {"channel": "@tollgate_news", "status": "member"}
    answer = await shop.world.http.post(f"/world/people/{BEN}/channels", json=joined)
    answer.raise_for_status()
    await ben.tap(join, "try:1")
    await ben.wait_for(is_key)


async def test_the_list_of_commands_follows_the_switch(shop: Shop) -> None:
    """P14: at once, in every language, without a hand-over."""
    private = shop.world.server.world.state.bot.commands.setdefault("default", {})

    async def lists_with_trial(count: int) -> list[set[str]] | None:
        """All, in both languages, once so many of them have it."""
        lists = [{command.command for command in listed} for listed in private.values()]
        is_so = len(lists) == 2 and sum("trial" in names for names in lists) == count
        return lists if is_so else None

    before = await eventually(lambda: lists_with_trial(2))
    await settings.change_shop_setting(shop.parts.db, "trial_enabled", "false")
    without = await eventually(lambda: lists_with_trial(0))
    assert without == [names - {"trial"} for names in before]
    await settings.change_shop_setting(shop.parts.db, "trial_enabled", "true")
    assert await eventually(lambda: lists_with_trial(2)) == before
