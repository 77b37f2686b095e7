"""What stands in a table: each kind of value as operators read it, escaped (P12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from app.admin_web.context import WebContext
from app.bot.i18n import Html
from app.bot.web.markup import element
from app.core.money import Money
from app.core.scrubber import scrub_text
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.names import cut_text
from app.domain.operator_roles import Permission

_NOTHING: Final = Html("—")
_MAX_TEXT: Final = 300  # characters
_USER_COLUMNS: Final = frozenset({"user_id", "chat_id", "referrer_id", "sender_id"})
# Whose words are translated, by the column; of all other enums the value stands there.
_WORDS: Final = frozenset(
    {"kind", "status", "activation_status", "state", "segment_kind", "outcome"}
)
_GOOD: Final = frozenset({"paid", "active", "sent", "done", "running", "ok"})
_BAD: Final = frozenset({"needs_attention", "failed", "doubtful", "refunded", "timeout"})
_WAITS: Final = frozenset({"pending", "waiting", "removal_pending", "paused", "scheduled"})


@dataclass(frozen=True, slots=True)
class Column:
    """`name`: of the row's value, and its label by `web-col-…`. `link` leads to one of them."""

    name: str
    is_number: bool = False
    link: str | None = None


def show_table(
    context: WebContext, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
) -> Html:
    """On a narrow screen each row is a card of its own, with the labels beside the values."""
    if not rows:
        return element("p", context.t.plain("web-table-empty"), class_="card quiet")
    labels = [context.t.plain(f"web-col-{column.name.replace('_', '-')}") for column in columns]
    head = element("tr", *(element("th", label, scope="col") for label in labels))
    lines = [
        element(
            "tr",
            *(
                element(
                    "td",
                    _show_cell(context, column, row[column.name]),
                    data_label=label,
                    class_=_choose_class(column, row[column.name]),
                )
                for column, label in zip(columns, labels, strict=True)
            ),
        )
        for row in rows
    ]
    table = element("table", element("thead", head), element("tbody", *lines))
    return element("div", table, class_="table")


def _choose_class(column: Column, value: object) -> str | None:
    """What is empty is left out of a narrow screen's cards."""
    if value is None or value == "" or value is False:
        return "empty"
    return "number" if column.is_number else None


def _show_cell(context: WebContext, column: Column, value: object) -> Html:
    shown = show_value(context, column.name, value)
    if column.link is None:
        return shown
    return element("a", shown, href=f"{column.link}/{quote(str(value), safe='')}")


def show_value(context: WebContext, name: str, value: object) -> Html:  # noqa: PLR0911 - one a kind
    t = context.t
    match value:
        case None | "":
            return _NOTHING
        case Html():
            return value
        case bool():
            return Html("✓") if value else _NOTHING
        case datetime():
            return show_instant(context, value)
        case Money():
            return element("span", t.price(value), class_="bad" if value.minor < 0 else None)
        case UUID():
            return element("code", value.hex[:8].upper())
        case StrEnum():
            return _show_word(context, name, value)
        case _ if name in _USER_COLUMNS:
            return _to_user(context, str(value))
        case int():
            return Html(str(value))
        case _:
            return element("span", cut_text(scrub_text(str(value)), _MAX_TEXT))


def show_instant(context: WebContext, instant: datetime) -> Html:
    """Like "2026-11-30 18:40", in the shop's time zone: it can be compared at a glance."""
    local = instant.astimezone(ZoneInfo(context.shop.time_zone))
    return element("time", f"{local:%Y-%m-%d %H:%M}", datetime=instant.isoformat())


def _show_word(context: WebContext, name: str, value: StrEnum) -> Html:
    word = str(value)
    if name in _WORDS:
        word = context.t.plain(f"web-word-{name.replace('_', '-')}", word=str(value))
    tone = "good" if value in _GOOD else "bad" if value in _BAD else None
    return element(
        "span", word, class_=f"word {tone or ('warn' if value in _WAITS else '')}".strip()
    )


def _to_user(context: WebContext, user_id: str) -> Html:
    """Groups have ids below zero, and no card."""
    if not user_id.isascii() or not user_id.isdigit() or not context.may(Permission.VIEW_USERS):
        return element("span", user_id)
    return element("a", user_id, href=f"{ADMIN_WEB_PATH}/users/{user_id}")
