"""The kinds of panel that the world has, one or two of which serve the shop of the sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.panel_kinds import PanelKind

_FAULTS: Final = ("lost_answer", "error_500", "expired_token", "cookie")
_OF_VERSIONS: Final = ("old_version", "new_version", "relative_link")


@dataclass(frozen=True, slots=True)
class PanelSite:
    """`faults` are the values of the knob that this kind knows, beside `ok`."""

    path: str
    key_prefix: str = ""
    faults: tuple[str, ...] = (*_FAULTS, *_OF_VERSIONS)


PANEL_SITES: Final[Mapping[PanelKind, PanelSite]] = {
    "xray_api": PanelSite("/panel", faults=_FAULTS),
    "remnawave": PanelSite("/remnawave"),
    "3x-ui": PanelSite("/3x-ui/secret"),
    "pasarguard": PanelSite("/pasarguard", key_prefix="pg_key_"),
    "marzban": PanelSite("/marzban", key_prefix="admin:"),
}


def get_panel_settings(kind: PanelKind, world_url: str, key: str) -> dict[str, str]:
    """What leads the service to it."""
    site = PANEL_SITES[kind]
    return {
        "VPN_PANEL": kind,
        "VPN_API_URL": f"{world_url}{site.path}",
        "VPN_API_KEY": f"{site.key_prefix}{key}",
    }
