"""A text that is typed with its formatting: its field, how it is read, and how it looks."""

from app.admin_web.context import WebContext
from app.admin_web.forms import text_area
from app.admin_web.typed_html import TypedHtmlError, parse_typed_html
from app.bot.i18n import Html
from app.bot.web.markup import element


class TextRefusedError(Exception):
    """`text` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def html_field(context: WebContext, label: str, name: str, value: str) -> Html:
    hint = element("small", context.t.plain("web-html-hint"))
    return element("div", text_area(label, name, value, rows=12), hint)


def read_html_field(context: WebContext, name: str, longest: int) -> Html:
    """Raises TextRefusedError."""
    t = context.t
    try:
        typed = parse_typed_html(context.form.get(name, ""))
    except TypedHtmlError as error:
        raise TextRefusedError(t.plain("web-html-refused", tag=f"<{error.tag}>")) from None
    if not 0 < typed.length <= longest:
        key = "web-text-too-long" if typed.length else "web-text-empty"
        raise TextRefusedError(t.plain(key, length=typed.length, most=longest))
    return typed.html


def show_message(html: Html) -> Html:
    """As users will see it; `html` has Telegram's tags alone."""
    return element("div", html, class_="message")
