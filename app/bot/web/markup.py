"""HTML from Python: whatever is no markup already is escaped (P12)."""

from html import escape
from typing import Final

from app.bot.i18n import Html

_EMPTY: Final = frozenset({"input", "link", "meta"})


def element(tag: str, *content: str, **attributes: str | bool | None) -> Html:
    """`class_` and `data_x` stand for `class` and `data-x`; None and False leave one out."""
    said = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in _EMPTY:
        return Html(f"<{tag}{said}>")
    return Html(f"<{tag}{said}>{join(*content)}</{tag}>")


def join(*content: str) -> Html:
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in content))


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
