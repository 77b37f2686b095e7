"""The shop's panels: the first is the environment's, further ones are rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
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
    ca_variable: str | None = None
    link_base: str | None = None
    access_groups: tuple[str, ...] = ()


@dataclass(slots=True)
class PanelPlace:
    """Where a new subscription may be put."""

    panel_id: int
    name: str
    panel_group: str | None
    load: int  # subscriptions
    capacity: int | None
    is_up: bool

    @property
    def has_room(self) -> bool:
        return self.capacity is None or self.load < self.capacity

    def serves(self, wanted: str | None) -> bool:
        """`wanted`: what a plan names, a panel or a group; None: any."""
        return wanted is None or wanted in {self.name, self.panel_group}


class NoPlaceReason(StrEnum):
    FULL = "full"
    AWAY = "away"


def choose_place(places: Sequence[PanelPlace], wanted: str | None) -> PanelPlace | NoPlaceReason:
    """The least loaded of those that are up, have room and serve what is wanted.

    By the share that is taken where each has a capacity, else by the number of subscriptions.
    """
    roomy = [one for one in places if one.serves(wanted) and one.has_room]
    up = [one for one in roomy if one.is_up]
    if not up:
        return NoPlaceReason.AWAY if roomy else NoPlaceReason.FULL
    if all(one.capacity for one in up):
        return min(up, key=lambda one: (Fraction(one.load, one.capacity or 1), one.panel_id))
    return min(up, key=lambda one: (one.load, one.panel_id))
