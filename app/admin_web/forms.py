"""Fields with their labels."""

from collections.abc import Mapping

from app.bot.i18n import Html
from app.bot.web.markup import element


def field(label: str, name: str, value: str, *, kind: str = "text") -> Html:
    box = element("input", name=name, value=value, type=kind)
    return element("label", label, box, class_="field")


def text_area(label: str, name: str, value: str, *, rows: int = 8) -> Html:
    """HTML drops the first line's end, so it begins with one."""
    box = element("textarea", Html("\n"), value, name=name, rows=str(rows))
    return element("label", label, box, class_="field")


def select_field(label: str, name: str, texts: Mapping[str, str], chosen: str) -> Html:
    """`texts` by value."""
    options = [
        element("option", text, value=value, selected=value == chosen)
        for value, text in texts.items()
    ]
    return element("label", label, element("select", *options, name=name), class_="field")
