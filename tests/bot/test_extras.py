"""More traffic and more devices, from the first tap to what is there in the end."""

import json
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.bot.renderer import ScreenRenderer
from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.remnawave import RemnawavePanel
from app.db.models import Subscription
from app.domain.extras import ExtraKind
from app.domain.messages import Screen
from app.services.operations.extra_admin import ExtraName, create_extra, set_extra_archived
from sandbox.world import WorldServer
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import Phone, check, labels, visible
from tests.bot.shopping import buy_key, deliver, pay
from tests.support.panels import connect_device

GIB = 1024**3
VALUES = {
    "subscription": 7,
    "number": "7",
    "traffic_bytes": 50 * GIB,
    "devices": 0,
    "until": None,
    "limit_bytes": 150 * GIB,
    "device_limit": 5,
    "price": "1.99 USD",
    "paid": "1.99 USD",
    "kind": "traffic",
    "has_ended": 1,
    "extras": 1,
}
PLACES = VALUES | {"devices": 2, "until": "2026-12-30T00:00:00+00:00", "kind": "devices"}


def render(template: str, language: str, **values: object) -> Screen:
    return check(ScreenRenderer().render(template, VALUES | values, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "template",
    ["extra-paid", "extra-delivered", "extra-delayed", "extra-needs-attention"],
)
@pytest.mark.parametrize("values", [VALUES, PLACES])
def test_notifications_lead_to_the_subscription(
    template: str, language: str, values: dict[str, object]
) -> None:
    screen = render(template, language, **values)
    assert (screen.buttons[0][0].data or "").startswith("subscription:")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_added_is_named(language: str) -> None:
    traffic = visible(render("extra-delivered", language))
    assert "50" in traffic
    assert "150" in traffic
    places = visible(render("extra-delivered", language, **PLACES))
    assert "2" in places
    assert "30" in places
    over = render("extra-devices-over", language)
    assert (over.buttons[0][0].data or "").startswith("extras:1:7:devices")
    silent = render("extra-devices-over", language, extras=0)
    assert not (silent.buttons[0][0].data or "").startswith("extras:")


@pytest.mark.parametrize("language", LANGUAGES)
def test_money_that_came_too_late_says_why(language: str) -> None:
    ended, changed = [
        visible(render("payment-extra-over", language, **PLACES | {"has_ended": ended}))
        for ended in (1, 0)
    ]
    assert ended != changed
    assert "1.99" in ended or "1,99" in ended


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warning_of_traffic_offers_more_where_more_is_sold(language: str) -> None:
    """P14: also not while no panel is there that adds it."""
    values = {"left_bytes": GIB, "expires_at": "2026-12-22T00:00:00+00:00", "renews": 1}
    for template in ("traffic-low", "traffic-over"):
        screen = render(template, language, **values)
        assert (screen.buttons[0][0].data or "").startswith("extras:1:7:traffic")
        renderer = ScreenRenderer(keys=False)
        closed = check(renderer.render(template, VALUES | values, language))
        assert (closed.buttons[0][0].data or "").startswith("renew:")


@pytest.fixture
async def remnawave(shop: BotUnderTest, world: WorldServer) -> AsyncIterator[BotUnderTest]:
    panel = RemnawavePanel(PanelConfig(f"{world.url}/remnawave", "panel-key"))
    shop.change(panel=panel)
    yield shop
    await panel.aclose()


async def sell(shop: BotUnderTest, kind: str, amount: int, price: str) -> None:
    await create_extra(shop.deps.db, ExtraName(ExtraKind(kind), amount), price)


async def subscription(shop: BotUnderTest) -> Subscription:
    async with shop.deps.db.read_only() as session:
        return (await session.scalars(select(Subscription))).one()


async def open_own(phone: Phone) -> None:
    await phone.send("/subscription")


SAID = {
    "en": ("50 GB · $1.99", "Traffic in all: 100 GB → 150 GB", "50 GB of traffic added"),
    "ru": ("50 ГБ · 1,99\xa0$", "Всего трафика: 100 ГБ → 150 ГБ", "Добавлено 50 ГБ трафика"),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_traffic_is_bought_in_four_taps(
    remnawave: BotUnderTest, world: WorldServer, language: str
) -> None:
    phone, (label, before_it, added) = remnawave.phone_of(language), SAID[language]
    await buy_key(remnawave, world, phone)
    await open_own(phone)
    assert not any(data.startswith("extras:") for data in datas(phone))
    await sell(remnawave, "traffic", 50, "1.99")
    await sell(remnawave, "traffic", 200, "4.99")

    await open_own(phone)
    await phone.tap("extras:")
    assert label in labels(check(phone.screen))
    await phone.tap("extra:")
    assert before_it in phone.text
    assert not any(data.startswith(("promo:", "gift:")) for data in datas(phone))
    await pay(world, phone)
    assert "1.99" in phone.text or "1,99" in phone.text
    await deliver(remnawave)

    assert added in phone.text
    (account,) = world.world.state.remnawave.users.values()
    assert account.traffic_limit_bytes == 150 * GIB
    await phone.send("/history")
    await phone.tap("purchases:")
    check(phone.screen)


async def test_a_place_is_bought_where_all_are_taken(
    remnawave: BotUnderTest, world: WorldServer
) -> None:
    """One kind of it: the order follows at once."""
    ben = remnawave.ben
    await sell(remnawave, "devices", 1, "3.00")
    await buy_key(remnawave, world, ben)
    id_ = (await subscription(remnawave)).id
    world.world.state.knobs.hwid = "limited"
    (account,) = world.world.state.remnawave.users.values()
    for number in range(3):
        assert await connect_device(account.subscription_url, f"HWID-device-{number}")
    assert not await connect_device(account.subscription_url, "HWID-device-3")

    await ben.press(f"devices:{id_}", ben.chat[-1].message_id)
    assert "add a place" in ben.text
    await ben.tap("extras:")
    assert "1 device more for subscription" in ben.text
    assert "Devices at once: 3 → 4" in ben.text
    assert "To pay: $3.00" in ben.text
    await pay(world, ben)
    await deliver(remnawave)

    assert "One more device until" in ben.text
    assert await connect_device(account.subscription_url, "HWID-device-3")
    await open_own(ben)
    assert "1 of them is extra" in ben.text


async def test_what_is_sold_no_more_is_said_and_costs_nothing(
    remnawave: BotUnderTest, world: WorldServer
) -> None:
    """P14: a button may be older than the offer."""
    ben = remnawave.ben
    await buy_key(remnawave, world, ben)
    await sell(remnawave, "traffic", 50, "1.99")
    await sell(remnawave, "traffic", 60, "1.99")
    await open_own(ben)
    await ben.tap("extras:")
    for amount in (50, 60):
        name = ExtraName(ExtraKind.TRAFFIC, amount)
        await set_extra_archived(remnawave.deps.db, name, archived=True)
    answer = await ben.tap("extra:")
    assert answer is not None
    assert "can’t be added" in (answer.text or "")
    await open_own(ben)
    await ben.press(f"extras:0:{(await subscription(remnawave)).id}:traffic", 1)
    assert "Nothing can be added" in ben.text


def datas(phone: Phone) -> list[str]:
    return [button.data or "" for row in phone.screen.buttons for button in row]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_feed_names_what_was_sold(language: str) -> None:
    sale: dict[str, object] = {"titles": {}, "months": None, "days": 0, "price": "1.99 USD"}
    sales = [
        sale | {"kind": "traffic", "traffic_bytes": 50 * GIB, "devices": 0},
        sale | {"kind": "devices", "traffic_bytes": 0, "devices": 2},
    ]
    values = {"sales": json.dumps(sales), "sales_count": 2, "sales_totals": '[[398, "USD"]]'}
    said = visible(check(ScreenRenderer().render("feed", values, language)))
    assert "50" in said
    assert "+2" in said
