"""Formatting as it is typed into a browser: Telegram's tags, whole, and nothing else (P12)."""

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from app.bot.i18n import Html
from app.domain.names import drop_hidden_characters

# What a message from the chat keeps, too: app/bot/message_html.py.
_TAGS: Final = frozenset({"b", "i", "u", "s", "tg-spoiler", "blockquote", "code", "pre", "a"})
_SAME: Final = {"strong": "b", "em": "i", "ins": "u", "strike": "s", "del": "s"}
_ALONE: Final = frozenset(
    {"code", "pre"}
)  # Telegram lets nothing stand in them, nor them in others
_SCHEMES: Final = frozenset({"http", "https", "tg"})


class TypedHtmlError(Exception):
    """`tag`: the one that Telegram would not take there, or that is never closed."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


@dataclass(frozen=True, slots=True)
class TypedHtml:
    """`length`: in characters as they are seen."""

    html: Html
    length: int


def parse_typed_html(typed: str) -> TypedHtml:
    """Raises TypedHtmlError."""
    parser = _Parser()
    parser.feed(drop_hidden_characters(typed.replace("\r\n", "\n")).strip())
    parser.close()
    if parser.open_tags:
        raise TypedHtmlError(parser.open_tags[-1])
    return TypedHtml(Html("".join(parser.parts)), parser.length)


@dataclass
class _Parts:
    parts: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    length: int = 0


class _Parser(_Parts, HTMLParser):
    def __init__(self) -> None:
        _Parts.__init__(self)
        HTMLParser.__init__(self, convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = _SAME.get(tag, tag)
        is_inside_alone = not _ALONE.isdisjoint(self.open_tags)
        if name not in _TAGS or name in self.open_tags or is_inside_alone:
            raise TypedHtmlError(tag)
        if name in _ALONE and self.open_tags:
            raise TypedHtmlError(tag)
        self.open_tags.append(name)
        self.parts.append(f"<{name}{_read_attributes(name, dict(attrs))}>")

    def handle_endtag(self, tag: str) -> None:
        name = _SAME.get(tag, tag)
        if not self.open_tags or self.open_tags[-1] != name:
            raise TypedHtmlError(f"/{tag}")
        self.open_tags.pop()
        self.parts.append(f"</{name}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's
        raise TypedHtmlError(tag)

    def handle_data(self, data: str) -> None:
        self.length += len(data)
        self.parts.append(escape(data, quote=False))

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - the base's
        raise TypedHtmlError("!--")

    def handle_decl(self, decl: str) -> None:
        raise TypedHtmlError(f"!{decl[:20]}")

    def unknown_decl(self, data: str) -> None:
        raise TypedHtmlError(f"![{data[:20]}")

    def handle_pi(self, data: str) -> None:
        raise TypedHtmlError(f"?{data[:20]}")


def _read_attributes(name: str, given: dict[str, str | None]) -> str:
    """Raises TypedHtmlError for a link that is none; what Telegram does not know is left out."""
    if name == "blockquote":
        return " expandable" if "expandable" in given else ""
    if name != "a":
        return ""
    url = (given.get("href") or "").strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        raise TypedHtmlError(name) from None
    if parts.scheme not in _SCHEMES or not parts.netloc:
        raise TypedHtmlError(name)
    return f' href="{escape(url)}"'
