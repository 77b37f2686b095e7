"""No setting is left out of what operators edit."""

import pytest

from app.bot.i18n import LANGUAGES, load_translators
from app.bot.screens.editing.setting_values import setting_hint, setting_name
from app.domain.setting_kinds import SECTIONS, SettingKind, find_section, get_setting_kind
from app.domain.shop_settings import ShopSettings


def test_each_setting_stands_in_one_section() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(ShopSettings.model_fields)
    with pytest.raises(LookupError):
        find_section("colour")


@pytest.mark.parametrize("name", ShopSettings.model_fields)
def test_each_setting_has_a_kind_a_name_and_a_hint(name: str) -> None:
    assert get_setting_kind(name) in SettingKind
    for language in LANGUAGES:
        t = load_translators().get(language)
        assert 0 < len(setting_name(t, name)) <= 40
        assert setting_hint(t, name)


def test_kinds_follow_the_description() -> None:
    kinds = {
        "trial_enabled": "switch",
        "trial_days": "number",
        "top_up_least_minor": "money",
        "top_up_amounts_minor": "money-list",
        "reminder_hours": "numbers",
        "bridge_state": "choice",
        "trial_channel": "text",
        "digest_hour": "number",
        "tokens": "lines",
        "coins_from": "by-chain",
        "ways_off": "methods",
    }
    assert {name: get_setting_kind(name).value for name in kinds} == kinds
