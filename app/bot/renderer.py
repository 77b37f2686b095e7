"""Turns rows of the outbox into screens: the port through which services speak in the chat."""

from collections.abc import Mapping
from typing import Final

from app.bot.screens.notices import NOTICES
from app.bot.screens.operator import OPERATOR_NOTICES
from app.bot.texts import load_texts
from app.domain.messages import Screen

TEMPLATES: Final = NOTICES | OPERATOR_NOTICES


class ScreenRenderer:
    """A MessageRenderer. Raises LookupError for an unknown template or a missing value."""

    def render(self, template: str, values: Mapping[str, object], language: str) -> Screen:
        return TEMPLATES[template](load_texts().get(language), values)
