"""The hashes and explorer links of a message: in its words, and behind them."""

from collections.abc import Iterator

from aiogram.enums import ChatType
from aiogram.types import InlineKeyboardMarkup, Message, MessageEntity

from app.bot.deps import BotDeps
from app.domain.chains import ChainSpec
from app.domain.mentions import (
    InputShape,
    TxMention,
    classify_input,
    classify_links,
    find_bare_hash,
    find_tx_mentions,
    has_private_key,
)

MAX_MENTIONS = 5  # looked up for one message


def find_message_mentions(
    deps: BotDeps, message: Message, text: str | None = None
) -> list[TxMention]:
    """`text` instead of the message's own words, such as a command's arguments."""
    return find_tx_mentions([_message_text(message, text), *_behind(message)], _specs(deps))


def classify_message_text(
    deps: BotDeps, message: Message, text: str | None = None
) -> tuple[InputShape, int]:
    """What is there instead of a hash."""
    shape, digits = classify_input(_message_text(message, text), _specs(deps))
    if shape is InputShape.OTHER:
        shape = classify_links(_behind(message), _specs(deps))
    return shape, digits


def find_message_bare_hash(message: Message, text: str | None = None) -> str | None:
    return find_bare_hash(_message_text(message, text))


def contains_private_key(message: Message) -> bool:
    return has_private_key([_message_text(message, None)])


def _message_text(message: Message, text: str | None) -> str:
    return (message.text or message.caption or "") if text is None else text


def _specs(deps: BotDeps) -> list[ChainSpec]:
    return [chain.spec for chain in deps.chains.all.values()]


def _behind(message: Message) -> Iterator[str]:
    """Links, buttons as forwarded alerts have them, and what is quoted."""
    yield from _links([*(message.entities or ()), *(message.caption_entities or ())])
    if message.reply_markup:
        yield from _buttons(message.reply_markup)
    if message.quote and _quotes_others(message):
        yield message.quote.text
        yield from _links(message.quote.entities or ())
    for shown in (message, message.external_reply):
        preview = shown.link_preview_options if shown else None
        if preview and preview.url:
            yield preview.url


def _links(entities: list[MessageEntity] | tuple[()]) -> Iterator[str]:
    return (entity.url for entity in entities if entity.url)


def _buttons(keyboard: InlineKeyboardMarkup) -> Iterator[str]:
    for button in (button for row in keyboard.inline_keyboard for button in row):
        if button.url:
            yield button.url
        if button.copy_text:
            yield button.copy_text.text


def _quotes_others(message: Message) -> bool:
    """From elsewhere, or from what the user forwarded to us; our own cards say nothing new."""
    replied = message.reply_to_message
    if replied is None:
        return True
    is_bots = replied.from_user is not None and replied.from_user.is_bot
    return message.chat.type == ChatType.PRIVATE and not is_bots
