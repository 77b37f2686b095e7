"""The shop's settings, changed by the service that the chat changes them by."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import JsonValue
from starlette.responses import Response

from app.admin_web.context import WebContext
from app.admin_web.page import Page
from app.bot.i18n import Html
from app.bot.screens.editing.setting_values import (
    format_refusal,
    format_setting,
    setting_hint,
    setting_name,
)
from app.bot.setting_input import read_setting
from app.bot.web.markup import element
from app.core.errors import ChangeOvertakenError
from app.core.money import Money
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.operator_roles import Permission
from app.domain.setting_kinds import (
    SECTIONS,
    SWITCHED_METHODS,
    SettingKind,
    SettingsSection,
    get_setting_kind,
    is_optional_setting,
    list_setting_choices,
)
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import (
    SettingRefusedError,
    change_shop_setting,
    read_shop_settings,
)

_PATH: Final = f"{ADMIN_WEB_PATH}/settings"
_EMPTY: Final = {SettingKind.NUMBERS: "[]", SettingKind.LINES: "[]", SettingKind.BY_CHAIN: "{}"}


def create_settings_pages() -> list[Page]:
    return [
        Page("/settings", show_settings, Permission.EDIT_SHOP, nav="web-settings"),
        Page("/settings/{name}", show_setting, Permission.EDIT_SHOP),
        Page("/settings/{name}", save_setting, Permission.EDIT_SHOP, method="POST"),
    ]


async def show_settings(context: WebContext) -> Response:
    t = context.t
    shop = await read_shop_settings(context.deps.db)
    values = shop.model_dump(mode="json")
    sections = [
        element(
            "section",
            element("h2", t.plain("edit-section", section=section)),
            element(
                "dl", *(_line(context, name, values[name], shop) for name in SECTIONS[section])
            ),
            class_="card",
        )
        for section in SettingsSection
    ]
    return context.show(t.plain("web-settings"), element("div", *sections, class_="charts"))


async def show_setting(context: WebContext) -> Response:
    shop = await read_shop_settings(context.deps.db)
    return _show(context, shop, None)


async def save_setting(context: WebContext) -> Response:
    """As it was seen: what another operator has changed meanwhile is not overwritten."""
    name, t = context.path_params["name"], context.t
    db = context.deps.db
    shop = await read_shop_settings(db)
    if name not in ShopSettings.model_fields:
        return _show(context, shop, None)
    wants_default = context.form.get("do") == "reset"
    value = None if wants_default else _read_value(context, name, shop)
    if value is None and not wants_default:
        return _show(context, shop, t("setting-unread"))
    actor = f"user:{context.operator_id}"
    try:
        await change_shop_setting(db, name, value, actor, seen=_read_seen(context))
    except SettingRefusedError as error:
        return _show(context, shop, format_refusal(t, name, error, shop.currency))
    except ChangeOvertakenError:
        return _show(context, await read_shop_settings(db), t("edit-overtaken"))
    context.deps.shop.forget()
    return context.go(f"{_PATH}/{name}", "saved")


def _show(context: WebContext, shop: ShopSettings, refusal: Html | None) -> Response:
    name, t = context.path_params["name"], context.t
    if name not in ShopSettings.model_fields:
        text = element("p", t.plain("web-nothing-text"))
        return context.show(t.plain("web-nothing"), text, status=404)
    value = shop.model_dump(mode="json")[name]
    now = format_setting(t, name, value, shop.currency)
    seen = element("input", type="hidden", name="seen", value=json.dumps(value))
    buttons = [element("button", t.plain("web-save"), name="do", value="save")]
    if is_optional_setting(name) or get_setting_kind(name) in _EMPTY:
        buttons.append(
            element(
                "button", t.plain("setting-make-empty"), name="do", value="empty", class_="plain"
            )
        )
    buttons.append(
        element("button", t.plain("setting-reset"), name="do", value="reset", class_="plain")
    )
    form = context.post_form(
        f"{_PATH}/{name}",
        seen,
        _field(context, name, value, shop),
        element("div", *buttons, class_="tools"),
        class_="card stack",
    )
    body = element(
        "div",
        element("p", setting_hint(t, name)),
        element("p", t.plain("web-setting-now"), " ", element("b", now), class_="quiet"),
        form,
        element("p", element("a", t.plain("web-settings-back"), href=_PATH)),
    )
    title = setting_name(t, name)
    return context.refuse(title, refusal, body) if refusal else context.show(title, body)


def _line(context: WebContext, name: str, value: JsonValue, shop: ShopSettings) -> Html:
    link = element("a", setting_name(context.t, name), href=f"{_PATH}/{name}")
    shown = format_setting(context.t, name, value, shop.currency)
    return element("div", element("dt", link), element("dd", shown), class_="line")


def _field(context: WebContext, name: str, value: JsonValue, shop: ShopSettings) -> Html:
    t, kind = context.t, get_setting_kind(name)
    label = setting_name(t, name)
    if kind is SettingKind.SWITCH:
        states = {"true": "on", "false": "off"}
        texts = {one: t.plain("setting-switch", state=state) for one, state in states.items()}
        return _select(label, texts, json.dumps(value))
    if kind is SettingKind.CHOICE:
        texts = {one: t.plain("setting-choice", value=one) for one in list_setting_choices(name)}
        return _select(label, texts, str(value))
    if kind is SettingKind.METHODS:
        off = value if isinstance(value, list) else []
        return element("div", *(_check(context, method, off) for method in SWITCHED_METHODS))
    text = _to_typed(kind, value, shop.currency)
    ask = t.plain("setting-ask", kind=kind, currency=shop.currency)
    if kind is SettingKind.LINES:
        field = element("textarea", text, name="value", rows="6", aria_label=label)
    else:
        field = element("input", name="value", value=text, aria_label=label)
    return element("div", element("p", ask, class_="quiet"), field)


def _select(label: str, texts: Mapping[str, str], chosen: str) -> Html:
    options = [
        element("option", text, value=value, selected=value == chosen)
        for value, text in texts.items()
    ]
    return element("select", *options, name="value", aria_label=label)


def _check(context: WebContext, method: str, off: list[Any]) -> Html:
    is_open = method not in off
    box = element("input", type="checkbox", name=f"open-{method}", value="1", checked=is_open)
    text = context.t.plain("web-setting-method", name=method)
    return element("label", box, text, class_="check")


def _to_typed(kind: SettingKind, value: JsonValue, currency: str) -> str:
    """As an operator would type it."""

    def to_amount(minor: object) -> str:
        return f"{Money(int(str(minor)), currency).amount:f}"

    if value is None:
        return ""
    if kind is SettingKind.MONEY:
        return to_amount(value)
    if isinstance(value, list):
        is_money = kind is SettingKind.MONEY_LIST
        between = "\n" if kind is SettingKind.LINES else " "
        return between.join(to_amount(one) if is_money else str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{chain} {one}" for chain, one in value.items())
    return str(value)


def _read_value(context: WebContext, name: str, shop: ShopSettings) -> str | None:
    """As JSON, or a plain word; None for what can't be read."""
    form, kind = context.form, get_setting_kind(name)
    if form.get("do") == "empty":
        return _EMPTY.get(kind, "null")
    if kind is SettingKind.METHODS:
        off = [method for method in SWITCHED_METHODS if f"open-{method}" not in form]
        return json.dumps(sorted(off))
    typed = form.get("value", "")
    if kind in {SettingKind.SWITCH, SettingKind.CHOICE}:
        return typed
    return read_setting(name, typed, shop.currency)


def _read_seen(context: WebContext) -> JsonValue:
    try:
        seen: JsonValue = json.loads(context.form.get("seen", ""))
    except ValueError:
        return None
    return seen
