"""The shop's panels: the first is the environment's, further ones are rows."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.core.panel_kinds import PanelKind

DEFAULT_PANEL: Final = "default"
"""The name of the one that VPN_API_URL describes; it needs no row."""

PANEL_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class PanelState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"  # what it has goes on; no new subscription is put on it
    RETIRED = "retired"  # gone for ever: nothing is asked of it any more


@dataclass(frozen=True, slots=True)
class PanelDescription:
    """What a row says of a panel; `…_variable` are names in the environment, for what is secret."""

    name: str
    kind: PanelKind
    url: str
    key_variable: str
    headers_variable: str | None = None
    cookies_variable: str | None = None
    proxy_variable: str | None = None
    link_base: str | None = None
    access_groups: tuple[str, ...] = ()
