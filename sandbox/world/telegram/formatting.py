"""Turns a call's text into text with entities, and entities into safe HTML for the page."""

import html
from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.html import is_link, outermost_first, parse_html, utf16_length
from sandbox.world.telegram.models import Entity, Text

# Characters, not UTF-16 units (td/telegram/MessageContent.cpp: utf8_length).
MAX_TEXT_LENGTH = 4096
MAX_CAPTION_LENGTH = 1024
# Telegram ignores what goes beyond; it also bounds the depth of the rendering.
_MAX_ENTITIES = 100
_ENTITIES = TypeAdapter(list[Entity])
_SIMPLE_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "blockquote": "blockquote",
}


def read_text(params: Params, *, name: str = "text", entities_name: str = "entities") -> Text:
    """The formatted text of a call, trimmed as Telegram trims it; not yet checked for length."""
    source = params.text(name).replace("\r", "")
    mode = params.text("parse_mode").lower()
    if mode == "html":
        return _trim(parse_html(source))
    if mode:
        # The service writes HTML only, so the other modes are left out of this world.
        raise bad_request("unsupported parse_mode")
    try:
        given = _ENTITIES.validate_python(params.json(entities_name, "entities") or [])
    except ValidationError:
        raise bad_request("can't parse MessageEntity: object expected") from None
    _require_within(given, utf16_length(source))
    usable = (entity for entity in given if entity.type != "text_link" or is_link(entity.url or ""))
    return _trim(Text(text=source, entities=sorted(usable, key=outermost_first)))


def _require_within(entities: Iterable[Entity], length: int) -> None:
    """In the words of td/telegram/MessageEntity.cpp; offsets and lengths in UTF-16 units."""
    for entity in entities:
        if entity.offset >= length:
            raise bad_request(
                f"entity begins after the end of the text at UTF-16 offset {entity.offset}"
            )
        if entity.end > length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {entity.offset} ends after the end of the text"
                f" at UTF-16 offset {entity.end}"
            )


def require_message_text(text: Text) -> None:
    if not text.text:
        raise bad_request("message text is empty")
    if len(text.text) > MAX_TEXT_LENGTH:
        raise bad_request("message is too long")


def require_caption_length(caption: Text) -> None:
    if len(caption.text) > MAX_CAPTION_LENGTH:
        raise bad_request("message caption is too long")


def to_html(text: Text) -> str:
    """Everything escaped; overlapping entities are cut to the one that encloses them."""
    units = text.text.encode("utf-16-le", "surrogatepass")
    return _render(units, 0, len(units) // 2, text.entities)


def _trim(text: Text) -> Text:
    stripped_left = text.text.lstrip()
    shift = utf16_length(text.text) - utf16_length(stripped_left)
    stripped = stripped_left.rstrip()
    length = utf16_length(stripped)
    kept = (_moved(entity, shift, length) for entity in text.entities)
    return Text(
        text=stripped, entities=[entity for entity in kept if entity.length > 0][:_MAX_ENTITIES]
    )


def _moved(entity: Entity, shift: int, length: int) -> Entity:
    offset = max(entity.offset - shift, 0)
    end = min(entity.end - shift, length)
    return entity.model_copy(update={"offset": offset, "length": end - offset})


def _render(units: bytes, start: int, end: int, entities: Iterable[Entity]) -> str:
    pieces: list[str] = []
    rest = [entity for entity in entities if start <= entity.offset < end]
    position = start
    while rest:
        outer = rest.pop(0)
        if outer.offset < position:
            continue
        outer_end = min(outer.end, end)
        inner = [entity for entity in rest if entity.offset < outer_end]
        pieces.append(_escape(units, position, outer.offset))
        pieces.append(_wrap(outer, _render(units, outer.offset, outer_end, inner)))
        position = outer_end
        rest = rest[len(inner) :]
    pieces.append(_escape(units, position, end))
    return "".join(pieces)


def _escape(units: bytes, start: int, end: int) -> str:
    return html.escape(units[start * 2 : end * 2].decode("utf-16-le", "replace"))


def _wrap(entity: Entity, inner: str) -> str:
    if tag := _SIMPLE_TAGS.get(entity.type):
        return f"<{tag}>{inner}</{tag}>"
    if entity.type == "spoiler":
        return f'<span class="tg-spoiler">{inner}</span>'
    if entity.type == "expandable_blockquote":
        return f"<blockquote expandable>{inner}</blockquote>"
    if entity.type == "pre":
        language = html.escape(entity.language or "")
        return (
            f'<pre><code class="language-{language}">{inner}</code></pre>'
            if language
            else (f"<pre>{inner}</pre>")
        )
    if entity.type == "text_link":
        url = html.escape(entity.url or "")
        return f'<a href="{url}" target="_blank" rel="noopener noreferrer">{inner}</a>'
    return inner
