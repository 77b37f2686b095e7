"""The VPN panels, each behind the same port; VPN_PANEL picks one."""

from typing import Protocol

from app.clients.panels.xray_api import XrayPanel
from app.core.settings import Settings
from app.domain.ports import VpnPanel


class PanelClient(VpnPanel, Protocol):
    async def aclose(self) -> None: ...


def create_panel(settings: Settings) -> PanelClient | None:
    """None without VPN_API_URL."""
    if not settings.vpn_api_url or not settings.vpn_api_key:
        return None
    panels = {"xray_api": XrayPanel}
    create = panels[settings.vpn_panel]
    return create(settings.vpn_api_url, settings.vpn_api_key.get_secret_value())
