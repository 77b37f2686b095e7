"""Turns rows of the outbox into screens: the port through which services speak in the chat."""

from collections.abc import Mapping
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


class ScreenRenderer:
    """A MessageRenderer. Raises LookupError for an unknown template or a missing value."""

    def render(self, template: str, values: Mapping[str, object], language: str) -> Screen:
        return TEMPLATES[template](load_texts().get(language), values)
