"""Turns rows of the outbox into screens: the port through which services speak in the chat."""

from collections.abc import Callable, Mapping
from typing import Final

from app.bot.screens.balance import BALANCE_NOTICES
from app.bot.screens.friends import FRIENDS_NOTICES
from app.bot.screens.new_link import NEW_LINK_NOTICES
from app.bot.screens.notices import NOTICES
from app.bot.screens.operator import OPERATOR_NOTICES
from app.bot.screens.refunds import REFUND_NOTICES
from app.bot.screens.renewals import RENEWAL_NOTICES
from app.bot.screens.tracking.addresses import ADDRESS_LETTERS
from app.bot.screens.tracking.bridge import BRIDGE_LETTERS
from app.bot.screens.tracking.letters import TRACKING_LETTERS
from app.bot.screens.trial import TRIAL_NOTICES
from app.bot.texts import load_texts
from app.domain.messages import Screen
from app.domain.renewals import Outlook

TEMPLATES: Final = (
    NOTICES
    | BALANCE_NOTICES
    | FRIENDS_NOTICES
    | NEW_LINK_NOTICES
    | RENEWAL_NOTICES
    | TRIAL_NOTICES
    | OPERATOR_NOTICES
    | REFUND_NOTICES
    | TRACKING_LETTERS
    | ADDRESS_LETTERS
    | BRIDGE_LETTERS
)


_ABOUT_RENEWAL: Final = frozenset({"renewal-short", "renewal-changed"})


class ScreenRenderer:
    """A MessageRenderer. Raises LookupError for an unknown template or a missing value.

    `renewal`: whether the worker runs that renews; `keys`: whether the one does that issues them. A
    letter can be older than the switch (P14). `zone`: whose days its dates are.
    """

    def __init__(
        self,
        *,
        renewal: bool = True,
        keys: bool = True,
        zone: Callable[[], str] = lambda: "UTC",
    ) -> None:
        self._renewal = renewal
        self._keys = keys
        self._zone = zone

    def render(self, template: str, values: Mapping[str, object], language: str) -> Screen:
        if not self._renewal and (values.get("outlook") or template in _ABOUT_RENEWAL):
            values = {**values, "outlook": Outlook.PAUSED}
        if not self._keys:
            values = {**values, "keys": False}
        t = load_texts().get(language).in_zone(self._zone())
        return TEMPLATES[template](t, values)
