"""Two panels in one shop, over HTTP: one is away, and the other's buyers notice nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.services.operations import panel_admin
from app.services.operations.panel_admin import PanelChanges
from sandbox.world.panel.kinds import get_panel_settings
from tests.conftest import Skip
from tests.support.books import Books
from tests.support.eventually import eventually
from tests.support.panels import opens
from tests.support.shop import (
    ANNA,
    BEN,
    OLGA,
    PANEL_KEY,
    Shop,
    is_key,
    link_of,
    open_shop,
    order,
    text_of,
)


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    """Give one on xray_api, with a Remnawave beside it."""
    variables = {"VPN_NL1_KEY": PANEL_KEY, "INCIDENTS_INTERVAL_SECONDS": "0.3"}
    async with open_shop(database_url, redis_url, **variables) as shop:
        shop.world.server.world.state.second_panel = "remnawave"
        url = get_panel_settings("remnawave", shop.world.server.url, PANEL_KEY)["VPN_API_URL"]
        values = PanelChanges(kind="remnawave", url=url, key_variable="VPN_NL1_KEY")
        await panel_admin.create_panel_row(shop.parts.db, "nl1", values)
        yield shop


async def buy_key(shop: Shop, user: int) -> str:
    buyer = shop.world.user(user)
    await shop.world.pay(await order(buyer, shop.world))
    return link_of(await buyer.wait_for(is_key))


async def test_who_buys_is_spread_over_both(shop: Shop) -> None:
    links = [await buy_key(shop, user) for user in (ANNA, BEN)]

    assert ["/panel/sub/" in link for link in links] == [True, False]
    assert [await opens(link) for link in links] == [True, True]
    state = await shop.world.state()
    assert state["panel_accounts_created"] == 2
    assert (await shop.http.get("/health")).json()["checks"]["panel"]["status"] == "ok"


async def test_a_panel_that_hangs_delays_its_own_orders_alone(
    shop: Shop, database_url: str
) -> None:
    """P2, P8: the other's buyer has the key while the first one's call still hangs."""
    await shop.world.turn(panel="slow", panel_delay_ms=60_000)
    anna = shop.world.user(ANNA)
    await shop.world.pay(await order(anna, shop.world))

    assert await opens(await buy_key(shop, BEN))

    assert not any(is_key(message) for message in await anna.received())
    await shop.world.turn(panel="ok")
    books = Books(database_url)

    async def is_delivered() -> bool:
        await books.hurry_activations()
        return any(is_key(message) for message in await anna.received())

    await eventually(is_delivered)
    assert (await shop.world.state())["panel_accounts_created"] == 2


async def test_a_panel_that_is_down_gets_no_new_order_and_an_incident_with_its_name(
    shop: Shop, skip: Skip
) -> None:
    operator = shop.world.user(OLGA)
    await operator.send("/start")
    skip(timedelta(seconds=31))  # until then, the monitor may not know the row
    await shop.world.turn(second_panel="down")
    told = await operator.wait_for(lambda message: "nl1" in text_of(message))

    links = [await buy_key(shop, user) for user in (ANNA, BEN)]

    assert ["/panel/sub/" in link for link in links] == [True, True]
    await shop.world.turn(second_panel="ok")
    await operator.wait_for(
        lambda message: message["message_id"] == told["message_id"] and "✅" in text_of(message)
    )


async def test_a_panel_that_was_added_without_its_key_says_which_variable_it_is(
    shop: Shop, skip: Skip
) -> None:
    operator = shop.world.user(OLGA)
    await operator.send("/start")
    values = PanelChanges(kind="marzban", url="http://127.0.0.1:1", key_variable="VPN_DE1_KEY")
    await panel_admin.create_panel_row(shop.parts.db, "de1", values)
    skip(timedelta(seconds=31))

    told = await operator.wait_for(lambda message: "de1" in text_of(message))
    assert "VPN_DE1_KEY is not set" in text_of(told)
