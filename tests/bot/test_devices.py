"""The page of a subscription's devices: what it shows, removes, and says when it can't."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.bot.i18n import LANGUAGES, load_translators
from app.bot.screens.devices import (
    confirm_clearing_devices_screen,
    confirm_device_removal_screen,
    devices_panel_away_screen,
    devices_screen,
)
from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.remnawave import RemnawavePanel
from app.clients.panels.three_x_ui import ThreeXUiPanel
from app.domain.ports import Device
from app.services.access.devices import SubscriptionDevices, build_device_key
from app.services.access.subscriptions import list_subscription_pages
from sandbox.world import WorldServer
from sandbox.world.panel.remnawave.models import RemnawaveUser
from tests.bot.conftest import BEN, BotUnderTest
from tests.bot.phone import Phone, check, labels, visible
from tests.bot.shopping import buy_key
from tests.support.panels import connect_device

PHONE, LAPTOP, TABLET = "HWID-phone-0123456", "HWID-laptop-012345", "HWID-tablet-012345"
NOW = datetime(2026, 11, 22, 13, 35, tzinfo=UTC)
RU, EN = load_translators().get("ru"), load_translators().get("en")


# --- the screens --------------------------------------------------------------------------------


def listed(*devices: Device, limit: int = 3, are_addresses: bool = False) -> SubscriptionDevices:
    return SubscriptionDevices(7, limit, devices, are_addresses)


def seen(**ago: int) -> Device:
    return Device(PHONE, "iPhone 15 · iOS 18.1", NOW - timedelta(**ago))


@pytest.mark.parametrize(
    ("ago", "ru", "en"),
    [
        ({"seconds": -90}, "на связи только что", "seen just now"),
        ({"seconds": 59}, "на связи только что", "seen just now"),
        ({"minutes": 1}, "на связи 1 минуту назад", "seen 1 minute ago"),
        ({"minutes": 59}, "на связи 59 минут назад", "seen 59 minutes ago"),
        ({"hours": 23}, "на связи 23 часа назад", "seen 23 hours ago"),
        ({"days": 400}, "на связи 400 дней назад", "seen 400 days ago"),
    ],
)
def test_when_a_device_was_seen_is_said_in_words(ago: dict[str, int], ru: str, en: str) -> None:
    for t, words in ((RU, ru), (EN, en)):
        said = visible(check(devices_screen(t, listed(seen(**ago)), NOW)))
        assert f"iPhone 15 · iOS 18.1 — {words}" in said


@pytest.mark.parametrize(
    ("limit", "ru", "en"),
    [(3, "Подключено: 1 из 3", "Connected: 1 of 3"), (0, "Подключено: 1\n", "Connected: 1\n")],
)
def test_how_many_of_how_many_are_connected(limit: int, ru: str, en: str) -> None:
    for t, words in ((RU, ru), (EN, en)):
        screen = check(devices_screen(t, listed(seen(days=1), limit=limit), NOW))
        assert words in visible(screen)
        assert not any(button.data == "plans:0:7" for row in screen.buttons for button in row)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("are_addresses", [False, True])
def test_when_all_places_are_taken_it_says_what_to_do(
    language: str, *, are_addresses: bool
) -> None:
    """Also where a smaller plan left more than it allows."""
    t = load_translators().get(language)
    for limit in (1, 2):
        two = listed(Device("1", "a"), Device("2", "b"), limit=limit, are_addresses=are_addresses)
        screen = check(devices_screen(t, two, NOW))
        assert "🚫" in visible(screen)
        assert any(button.data == "plans:0:7" for row in screen.buttons for button in row)


def test_names_from_outside_are_text_and_many_of_them_fit() -> None:
    many = [Device(str(number), "<b>" + "&" * 61, NOW) for number in range(500)]
    for t in (RU, EN):
        screen = check(devices_screen(t, listed(*many, limit=0), NOW))
        assert "<b>&&&" in visible(screen)
        assert "480" in visible(screen)
        question = check(confirm_device_removal_screen(t, listed(*many), many[0]))
        assert "<b>&&&" in visible(question)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("are_addresses", [False, True])
def test_every_screen_is_one_that_telegram_takes(language: str, *, are_addresses: bool) -> None:
    t = load_translators().get(language)
    for devices in ((), (Device("1", ""),)):
        some = listed(*devices, are_addresses=are_addresses)
        check(devices_screen(t, some, NOW))
        check(confirm_clearing_devices_screen(t, some))
    assert len(labels(check(devices_panel_away_screen(t, 7)))) == 3


# --- in the chat --------------------------------------------------------------------------------


@dataclass
class Owner:
    """Ben, who has bought a key of a shop on Remnawave."""

    shop: BotUnderTest
    world: WorldServer
    phone: Phone

    @property
    def account(self) -> RemnawaveUser:
        (account,) = self.world.world.state.remnawave.users.values()
        return account

    @property
    def id(self) -> int:
        """Of the subscription."""
        return int(self.account.username.partition("_")[2])

    async def connect(self, *hwids: str) -> None:
        for hwid in hwids:
            assert await connect_device(self.account.subscription_url, hwid, model=hwid[5:])

    async def open_devices(self) -> None:
        await self.phone.send("/subscription")
        await self.phone.tap("devices:")

    def turn(self, **knobs: str) -> None:
        for name, value in knobs.items():
            setattr(self.world.world.state.knobs, name, value)


@pytest.fixture
async def owner(shop: BotUnderTest, world: WorldServer) -> AsyncIterator[Owner]:
    panel = RemnawavePanel(PanelConfig(f"{world.url}/remnawave", "panel-key"))
    shop.change(panel=panel)
    ben = shop.ben
    await buy_key(shop, world, ben)
    yield Owner(shop, world, ben)
    await panel.aclose()


async def test_a_device_is_removed_after_a_question_all_in_one_message(owner: Owner) -> None:
    ben = owner.phone
    await owner.connect(PHONE, LAPTOP)
    await owner.open_devices()
    messages = len(ben.chat)
    assert "Connected: 2 of 3" in ben.text
    assert "phone-0123456 · iOS 18.1 — seen just now" in ben.text

    await ben.tap(f"device:{owner.id}:{build_device_key(Device(PHONE, ''))}")
    assert "Remove this device?" in ben.text
    assert [*owner.account.devices] == [PHONE, LAPTOP]
    answer = await ben.tap(f"nodevice:{owner.id}:")

    assert answer is not None
    assert answer.text == "Removed: the place is free"
    assert [*owner.account.devices] == [LAPTOP]
    assert "Connected: 1 of 3" in ben.text
    await ben.tap(f"subscription:0:{owner.id}")
    assert "Your subscription" in ben.text
    assert len(ben.chat) == messages


async def test_a_full_list_says_so_until_one_is_removed(owner: Owner) -> None:
    owner.turn(hwid="limited")
    await owner.connect(PHONE, LAPTOP, TABLET)
    assert not await connect_device(owner.account.subscription_url, "HWID-another-0123")
    await owner.open_devices()
    assert "Connected: 3 of 3" in owner.phone.text
    assert "All the places are taken" in owner.phone.text

    await owner.phone.tap("device:")
    await owner.phone.tap("nodevice:")

    assert "All the places are taken" not in owner.phone.text
    assert await connect_device(owner.account.subscription_url, "HWID-another-0123")


async def test_all_of_them_are_removed_at_once(owner: Owner) -> None:
    await owner.connect(PHONE, LAPTOP)
    await owner.open_devices()
    assert "🧹 Remove all" in labels(owner.phone.screen)

    await owner.phone.press(f"device:{owner.id}:", owner.phone.chat[-1].message_id)
    assert "Remove all devices (2)?" in owner.phone.text
    answer = await owner.phone.tap("nodevice:")

    assert answer is not None
    assert answer.text == "Cleared: the places are free"
    assert owner.account.devices == {}
    assert "No device has connected yet" in owner.phone.text


async def test_a_device_that_is_gone_is_said_to_be_and_a_second_tap_harms_nothing(
    owner: Owner,
) -> None:
    ben, key = owner.phone, build_device_key(Device(PHONE, ""))
    await owner.connect(PHONE, LAPTOP)
    await owner.open_devices()
    shown = ben.chat[-1].message_id
    id_ = owner.id
    for data in (f"nodevice:{id_}:{key}", f"nodevice:{id_}:{key}", f"device:{id_}:{key}"):
        answer = await ben.press(data, shown)

    assert answer is not None
    assert answer.text == "This device is no longer on the list"
    assert [*owner.account.devices] == [LAPTOP]
    assert "Connected: 1 of 3" in ben.text


@pytest.mark.parametrize(
    "data", ["devices:{id}", "device:{id}:", "nodevice:{id}:", "nodevice:{id}:0123"]
)
async def test_another_users_devices_are_out_of_reach(owner: Owner, data: str) -> None:
    await owner.connect(PHONE)
    anna = owner.shop.anna

    await anna.press(data.format(id=owner.id))

    assert [*owner.account.devices] == [PHONE]
    assert not any("phone" in visible(shown.screen) for shown in anna.chat)
    assert "Этой подписки нет среди ваших" in str(owner.shop.taps.answers[-1].text)


async def test_while_the_panel_is_away_it_says_so_and_lets_one_try_again(owner: Owner) -> None:
    ben = owner.phone
    await owner.connect(PHONE)
    await owner.open_devices()
    await ben.tap("device:")
    owner.turn(panel="down")

    await ben.tap("nodevice:")

    assert "out of reach right now" in ben.text
    assert [*owner.account.devices] == [PHONE]
    owner.turn(panel="ok")
    await ben.tap("devices:")
    assert "Connected: 1 of 3" in ben.text


async def test_an_answer_that_gets_lost_is_seen_in_the_list(owner: Owner) -> None:
    ben = owner.phone
    await owner.connect(PHONE)
    await owner.open_devices()
    await ben.tap("device:")
    owner.turn(panel_fault="lost_answer")

    await ben.tap("nodevice:")
    assert "out of reach right now" in ben.text

    owner.turn(panel_fault="ok")
    await ben.tap("devices:")
    assert "No device has connected yet" in ben.text


async def test_a_panel_without_devices_has_no_such_page(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    await buy_key(shop, world, ben)
    await ben.send("/subscription")
    assert "📱 Devices" not in labels(ben.screen)

    (row,) = await list_subscription_pages(shop.deps.db, BEN)
    await ben.press(f"devices:{row.subscription.id}")

    assert "keeps no list of devices" in str(shop.taps.answers[-1].text)


@pytest.fixture
async def three_x_ui(world: WorldServer) -> AsyncIterator[ThreeXUiPanel]:
    panel = ThreeXUiPanel(PanelConfig(f"{world.url}/3x-ui/secret", "panel-key"))
    yield panel
    await panel.aclose()


async def test_on_3x_ui_addresses_are_cleared_all_at_once(
    shop: BotUnderTest, world: WorldServer, three_x_ui: ThreeXUiPanel
) -> None:
    shop.change(panel=three_x_ui)
    ben = shop.ben
    await buy_key(shop, world, ben)
    (client,) = world.world.state.three_x_ui.clients.values()
    await connect_device(client.link, PHONE)
    await ben.send("/subscription")
    await ben.tap("devices:")
    assert "Addresses of subscription No." in ben.text
    assert "127.0.0.1" in ben.text
    assert not any("🗑" in label for label in labels(ben.screen))

    await ben.tap("device:")
    assert "The server forgets only all of them at once" in ben.text
    await ben.tap("nodevice:")

    assert client.client_ips == {}
    assert "Connected: 0 of 3" in ben.text
