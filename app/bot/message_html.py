"""What an operator has written, as HTML that can be sent again: the formatting, and no more."""

from html import escape
from typing import Final
from urllib.parse import urlsplit

from aiogram.enums import MessageEntityType
from aiogram.types import Message, MessageEntity
from aiogram.utils.text_decorations import html_decoration

# No mention of a user by their id, and no emoji that only a bought name may send.
_KEPT: Final = frozenset(
    {
        MessageEntityType.BOLD,
        MessageEntityType.ITALIC,
        MessageEntityType.UNDERLINE,
        MessageEntityType.STRIKETHROUGH,
        MessageEntityType.SPOILER,
        MessageEntityType.BLOCKQUOTE,
        MessageEntityType.EXPANDABLE_BLOCKQUOTE,
        MessageEntityType.CODE,
        MessageEntityType.PRE,
        MessageEntityType.TEXT_LINK,
    }
)
_SCHEMES: Final = frozenset({"http", "https", "tg"})


def read_text(message: Message) -> str:
    """Without its formatting; the caption of a picture."""
    return message.text or message.caption or ""


def read_html(message: Message) -> str:
    return _to_html(read_text(message), _list_entities(message))


def read_first_line(message: Message) -> tuple[str, str]:
    """The first line as plain text, and the others as HTML."""
    text = read_text(message)
    first, _, rest = text.partition("\n")
    cut = len(f"{first}\n".encode("utf-16-le")) // 2  # Telegram counts in UTF-16
    entities = [
        entity.model_copy(
            update={
                "offset": max(entity.offset - cut, 0),
                "length": entity.length - max(cut - entity.offset, 0),
            }
        )
        for entity in _list_entities(message)
        if entity.offset + entity.length > cut
    ]
    return " ".join(first.split()), _to_html(rest, entities).strip()


def _list_entities(message: Message) -> list[MessageEntity]:
    return [*(message.entities or message.caption_entities or ())]


def _to_html(text: str, entities: list[MessageEntity]) -> str:
    kept = [_with_escaped_link(one) for one in entities if _is_kept(one)]
    return html_decoration.unparse(text, kept)


def _is_kept(entity: MessageEntity) -> bool:
    if entity.type != MessageEntityType.TEXT_LINK:
        return entity.type in _KEPT
    try:
        return urlsplit(entity.url or "").scheme in _SCHEMES
    except ValueError:
        return False


def _with_escaped_link(entity: MessageEntity) -> MessageEntity:
    """Which `unparse` leaves as it is."""
    if entity.url is None:
        return entity
    return entity.model_copy(update={"url": escape(entity.url, quote=True)})
