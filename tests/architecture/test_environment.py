""".env.example holds every setting, and none that is misspelt."""

import re

from app.core.settings import Settings
from tests.architecture.source import ROOT

# The sandbox alone moves the clock; the other one stands for all variables that rows name.
_NOT_FOR_DEPLOYMENTS = {"CLOCK_OFFSET_SECONDS", "VPN_VARIABLES"}


def _documented() -> set[str]:
    text = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, re.MULTILINE))


def test_every_setting_is_in_the_example() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    assert settings - _NOT_FOR_DEPLOYMENTS <= _documented()


def test_every_required_setting_is_there_to_be_filled_in() -> None:
    text = (ROOT / ".env.example").read_text()
    required = [name for name, field in Settings.model_fields.items() if field.is_required()]
    missing = [name for name in required if f"\n{name.upper()}=" not in text]
    assert missing == []
