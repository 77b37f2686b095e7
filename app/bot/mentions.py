"""The hashes and explorer links of a message: in its words, and behind them."""

from collections.abc import Iterator

from aiogram.types import Message, MessageEntity

from app.bot.deps import BotDeps
from app.domain.mentions import Mention, find_mentions

MOST = 5  # that one message may make us look at


def find_in(deps: BotDeps, message: Message, text: str | None = None) -> list[Mention]:
    """`text` instead of the message's own words, such as a command's arguments."""
    words = (message.text or message.caption or "") if text is None else text
    specs = [chain.spec for chain in deps.chains.all.values()]
    return find_mentions([words, *_links(message)], specs)


def _links(message: Message) -> Iterator[str]:
    entities: list[MessageEntity] = [*(message.entities or ()), *(message.caption_entities or ())]
    for entity in entities:
        if entity.url:
            yield entity.url
