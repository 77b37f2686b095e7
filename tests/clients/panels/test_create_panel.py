"""VPN_PANEL picks the client, the other variables its way."""

from typing import get_args
from urllib.parse import urlsplit

import pytest

from app.clients.panels import PANELS, create_panel
from app.clients.panels.marzban_family import MarzbanFamilyPanel
from app.clients.panels.pasarguard import PasarGuardPanel
from app.clients.panels.remnawave import RemnawavePanel
from app.clients.panels.three_x_ui import ThreeXUiPanel
from app.clients.panels.xray_api import XrayPanel
from app.core.panel_kinds import PanelKind
from app.core.settings import load_settings
from sandbox.world import WorldServer
from sandbox.world.panel.gate import GUARD_COOKIE

_ENVIRON = {
    "BOT_TOKEN": "123456:AAbotTokenAAA",
    "WEBHOOK_SECRET": "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3",
    "ADMIN_IDS": "1003",
    "WEBHOOK_URL": "https://shop.example/telegram/webhook",
    "DATABASE_URL": "postgres://shop:db-password@db.example/shop",
}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("xray_api", XrayPanel),
        ("remnawave", RemnawavePanel),
        ("3x-ui", ThreeXUiPanel),
        ("marzban", MarzbanFamilyPanel),
        ("pasarguard", PasarGuardPanel),
    ],
)
async def test_the_panel_of_the_settings_is_made(kind: str, expected: type[object]) -> None:
    settings = load_settings(
        _ENVIRON
        | {"VPN_PANEL": kind, "VPN_API_URL": "https://panel.example", "VPN_API_KEY": "name:key"}
    )

    panel = create_panel(settings)

    assert panel is not None
    assert type(panel) is expected
    await panel.aclose()


def test_each_kind_that_can_be_set_can_be_made() -> None:
    kinds = get_args(PanelKind)

    assert set(PANELS) == set(kinds)


async def test_the_way_to_the_panel_comes_from_the_settings(world: WorldServer) -> None:
    """The world's port is the proxy: whatever else would have to leave this machine."""
    proxy = f"http://{urlsplit(world.url).netloc}"
    settings = load_settings(
        _ENVIRON
        | {
            "VPN_API_URL": "http://panel.invalid/panel",
            "VPN_API_KEY": world.world.config.panel_key,
            "VPN_API_HEADERS": "X-Guard: one, X-Other: two",
            "VPN_API_COOKIES": "=".join(GUARD_COOKIE),
            "VPN_PROXY": proxy,
        }
    )
    world.world.state.knobs.panel_fault = "cookie"
    panel = create_panel(settings)
    assert panel is not None

    await panel.check()

    await panel.aclose()


def test_without_an_address_there_is_no_panel() -> None:
    assert create_panel(load_settings(_ENVIRON)) is None
