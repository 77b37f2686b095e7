"""Names and values of settings, and why a value was refused, in an operator's words."""

from html import escape
from typing import Final

from pydantic import JsonValue

from app.bot.i18n import Html, Translator
from app.core.money import Money
from app.domain.setting_kinds import SWITCHED_METHODS, SettingKind, get_setting_kind
from app.services.shop_settings import SettingRefusedError

# By the type of pydantic's error, or by what that begins with.
_REASONS: Final = {
    "int": "number",
    "decimal": "number",
    "greater_than_equal": "least",
    "less_than_equal": "most",
    "username": "username",
    "currency": "currency",
    "time_zone": "time-zone",
    "tokens": "tokens",
    "users": "users",
    "networks": "networks",
    "hours_order": "hours-order",
    "top_up_order": "top-up-order",
}


def setting_name(t: Translator, name: str) -> str:
    return t.plain(f"setting-name-{name.replace('_', '-')}")


def setting_hint(t: Translator, name: str) -> Html:
    return t(f"setting-hint-{name.replace('_', '-')}")


def format_setting(t: Translator, name: str, value: JsonValue, currency: str) -> Html:
    """A value as JSON has it."""
    kind = get_setting_kind(name)
    if kind is SettingKind.METHODS:
        off = value if isinstance(value, list) else []
        states = [(method, "off" if method in off else "on") for method in SWITCHED_METHODS]
        return Html(" · ".join(t("setting-method", name=name, state=s) for name, s in states))
    if value is None or value in ("", [], {}):
        return t("setting-empty")
    if isinstance(value, dict):
        value = [f"{chain}: {one}" for chain, one in value.items()]
    parts = value if isinstance(value, list) else [value]
    between = "\n" if kind is SettingKind.LINES else ", "
    return Html(between.join(_format_one(t, kind, one, currency) for one in parts))


def format_refusal(t: Translator, name: str, error: SettingRefusedError, currency: str) -> Html:
    kind = error.kind
    reason = _REASONS.get(kind) or _REASONS.get(kind.partition("_")[0], "other")
    bound = str(next(iter(error.values.values()), ""))
    if reason in {"least", "most"} and get_setting_kind(name) in _MONEY:
        bound = t.price(Money(int(bound), currency))
    return t("setting-refused", reason=reason, bound=bound)


_MONEY: Final = frozenset({SettingKind.MONEY, SettingKind.MONEY_LIST})


def _format_one(t: Translator, kind: SettingKind, value: JsonValue, currency: str) -> Html:
    if isinstance(value, bool):
        return t("setting-switch", state="on" if value else "off")
    if kind is SettingKind.CHOICE:
        return t("setting-choice", value=str(value))
    if kind in _MONEY and isinstance(value, int):
        return Html(escape(t.price(Money(value, currency)), quote=False))
    text = escape(str(value), quote=False)
    return Html(f"<code>{text}</code>" if kind is SettingKind.LINES else text)
