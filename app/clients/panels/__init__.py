"""The VPN panels, each kind behind the same port."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from app.clients.panels.marzban import create_marzban
from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.pasarguard import PasarGuardPanel
from app.clients.panels.remnawave import RemnawavePanel
from app.clients.panels.three_x_ui import ThreeXUiPanel
from app.clients.panels.xray_api import XrayPanel
from app.core.panel_kinds import PanelKind
from app.core.vpn_panel_settings import VpnPanelSettings
from app.domain.ports import VpnPanel


class PanelClient(VpnPanel, Protocol):
    async def aclose(self) -> None: ...


PANELS: Final[Mapping[PanelKind, Callable[[PanelConfig], PanelClient]]] = {
    "xray_api": XrayPanel,
    "remnawave": RemnawavePanel,
    "3x-ui": ThreeXUiPanel,
    "pasarguard": PasarGuardPanel,
    "marzban": create_marzban,
}


def create_panel(settings: VpnPanelSettings, target: str = "panel") -> PanelClient | None:
    """None without VPN_API_URL. `target` names it in metrics, breaker and errors."""
    if not settings.vpn_api_url or not settings.vpn_api_key:
        return None
    headers = {name: text.get_secret_value() for name, text in settings.vpn_api_headers.items()}
    cookies = settings.vpn_api_cookies.items()
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={text.get_secret_value()}" for name, text in cookies)
    config = PanelConfig(
        url=settings.vpn_api_url,
        key=settings.vpn_api_key.get_secret_value(),
        headers=headers,
        proxy=settings.vpn_proxy.get_secret_value() if settings.vpn_proxy else None,
        authority=settings.vpn_api_ca or "",
        groups=settings.vpn_groups,
        link_base=settings.vpn_sub_url,
        target=target,
    )
    return PANELS[settings.vpn_panel](config)
