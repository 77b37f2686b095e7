"""Settings: the sections, one of them, one setting, and what a change would do."""

import re
from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from app.bot.editing_callbacks import (
    ApplySetting,
    ChooseSetting,
    EditShopPage,
    EmptySetting,
    PagesEditPage,
    PanelsEditPage,
    PlansEditPage,
    PromoCodesEditPage,
    ResetSetting,
    SettingPage,
    SettingsPage,
)
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_home
from app.bot.screens.editing.setting_values import format_setting, setting_hint, setting_name
from app.bot.screens.refusals import explain_refusal
from app.core.errors import ChangeRefusedError
from app.domain.messages import Button, Screen
from app.domain.setting_kinds import (
    SECTIONS,
    SWITCHED_METHODS,
    SettingKind,
    SettingsSection,
    find_section,
    get_setting_kind,
    is_optional_setting,
    list_setting_choices,
)
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import SettingChange

_IN_A_ROW: Final = 2
_QUOTATION: Final = re.compile("</?blockquote[^>]*>")
# What has pages of its own.
_PAGES: Final = (
    ("edit-plans", PlansEditPage()),
    ("edit-promo-codes", PromoCodesEditPage()),
    ("edit-pages", PagesEditPage()),
    ("edit-panels", PanelsEditPage()),
)
_NOT_TYPED: Final = frozenset({SettingKind.SWITCH, SettingKind.CHOICE, SettingKind.METHODS})
_LISTS: Final = frozenset({SettingKind.NUMBERS, SettingKind.LINES, SettingKind.BY_CHAIN})


def edit_shop_screen(t: Translator) -> Screen:
    sections = [
        callback_button(t.plain("edit-section", section=section), SettingsPage(section=section))
        for section in SettingsSection
    ]
    pages = [callback_button(t.plain(key), page) for key, page in _PAGES]
    buttons = [*pages, *sections]
    rows = [buttons[i : i + _IN_A_ROW] for i in range(0, len(buttons), _IN_A_ROW)]
    return Screen(t("edit-shop"), [*rows, [to_home(t)]])


def settings_section_screen(t: Translator, section: SettingsSection, shop: ShopSettings) -> Screen:
    values = shop.model_dump(mode="json")
    lines = [
        t(
            "setting-line",
            name=setting_name(t, name),
            value=format_setting(t, name, values[name], shop.currency),
        )
        for name in SECTIONS[section]
    ]
    rows = [
        [callback_button(setting_name(t, name), SettingPage(name=name))]
        for name in SECTIONS[section]
    ]
    head = t("edit-section-head", section=section)
    return Screen("\n\n".join([head, "\n".join(lines)]), [*rows, [to_editing(t)]])


def setting_screen(
    t: Translator, name: str, shop: ShopSettings, *, note: Html | None = None
) -> Screen:
    """`note`: what became of the last try."""
    value = shop.model_dump(mode="json")[name]
    kind = get_setting_kind(name)
    parts = [
        *([note] if note else []),
        t("setting-head", name=setting_name(t, name)),
        setting_hint(t, name),
        t("setting-now", value=format_setting(t, name, value, shop.currency)),
    ]
    if kind not in _NOT_TYPED:
        parts.append(t("setting-ask", kind=kind, currency=shop.currency))
    rows = [[button] for button in _choices(t, name, value)]
    section = find_section(name)
    back = callback_button(
        t.plain("edit-section-back", section=section), SettingsPage(section=section)
    )
    return Screen("\n\n".join(parts), [*rows, *_ways_back(t, name, value), [back]])


def setting_change_screen(
    t: Translator,
    change: SettingChange,
    token: str,
    previews: Sequence[Html],
    *,
    is_overtaken: bool = False,
) -> Screen:
    """`previews`: what users would read, in each language.

    `is_overtaken`: another operator changed it after this one had seen the preview.
    """
    shop = change.settings
    parts = [
        *([t("edit-overtaken")] if is_overtaken else []),
        t("setting-head", name=setting_name(t, change.name)),
        t(
            "setting-change",
            old=format_setting(t, change.name, change.old, shop.currency),
            new=format_setting(t, change.name, change.new, shop.currency),
        ),
        *([quote_preview(t, *previews)] if previews else []),
        t("edit-not-yet"),
    ]
    return Screen(
        "\n\n".join(parts),
        [
            [callback_button(t.plain("edit-apply"), ApplySetting(token=token))],
            [callback_button(t.plain("edit-cancel"), SettingPage(name=change.name))],
        ],
    )


def change_refused_screen(t: Translator, error: ChangeRefusedError) -> Screen:
    text = f"⚠️ {explain_refusal(t, error)} {t('edit-refused')}"
    return Screen(text, [[to_editing(t)]])


def quote_preview(t: Translator, *texts: str) -> Html:
    """Telegram refuses a quotation within another one."""
    quoted = [f"<blockquote>{_QUOTATION.sub('', text)}</blockquote>" for text in texts]
    return Html("\n".join([t("edit-preview"), *quoted]))


def to_editing(t: Translator) -> Button:
    return callback_button(t.plain("edit-back"), EditShopPage())


def _choices(t: Translator, name: str, value: JsonValue) -> list[Button]:
    kind = get_setting_kind(name)
    if kind is SettingKind.SWITCH:
        state = "off" if value else "on"
        return [_choice(name, t.plain("setting-turn", state=state), str(not value).lower())]
    if kind is SettingKind.CHOICE:
        others = [choice for choice in list_setting_choices(name) if choice != value]
        return [_choice(name, t.plain("setting-choice", value=one), one) for one in others]
    if kind is SettingKind.METHODS and isinstance(value, list):
        return [
            _choice(
                name,
                t.plain(
                    "setting-turn-method", name=method, state="on" if method in value else "off"
                ),
                method,
            )
            for method in SWITCHED_METHODS
        ]
    return []


def _choice(name: str, label: str, value: str) -> Button:
    return callback_button(label, ChooseSetting(name=name, value=value))


def _ways_back(t: Translator, name: str, value: JsonValue) -> list[list[Button]]:
    """To nothing, and to the standard value; where it is not that already."""
    may_be_empty = is_optional_setting(name) or get_setting_kind(name) in _LISTS
    is_empty = value is None or value in ([], {})
    default = ShopSettings().model_dump(mode="json")[name]
    row = []
    if may_be_empty and not is_empty:
        row.append(callback_button(t.plain("setting-make-empty"), EmptySetting(name=name)))
    if value != default and default not in (None, [], {}):
        row.append(callback_button(t.plain("setting-reset"), ResetSetting(name=name)))
    return [row] if row else []
