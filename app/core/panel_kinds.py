"""The panels that there are adapters for, by the names that operators write."""

from typing import Literal

PanelKind = Literal["xray_api", "remnawave", "3x-ui", "pasarguard", "marzban"]
