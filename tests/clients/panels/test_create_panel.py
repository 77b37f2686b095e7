"""VPN_PANEL picks the client."""

from app.clients.panels import create_panel
from app.clients.panels.xray_api import XrayPanel
from app.core.settings import load_settings

_ENVIRON = {
    "BOT_TOKEN": "123456:AAbotTokenAAA",
    "WEBHOOK_SECRET": "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3",
    "ADMIN_IDS": "1003",
    "WEBHOOK_URL": "https://shop.example/telegram/webhook",
    "DATABASE_URL": "postgres://shop:db-password@db.example/shop",
}


async def test_the_panel_of_the_settings_is_made() -> None:
    settings = load_settings(
        _ENVIRON
        | {"VPN_PANEL": "xray_api", "VPN_API_URL": "https://panel.example", "VPN_API_KEY": "key"}
    )

    panel = create_panel(settings)

    assert isinstance(panel, XrayPanel)
    await panel.aclose()


def test_without_an_address_there_is_no_panel() -> None:
    assert create_panel(load_settings(_ENVIRON)) is None
