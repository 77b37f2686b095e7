"""A hash or an explorer's link in any message is looked up and shown."""

from typing import Any

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.filters import Filter
from aiogram.types import Message

from app.bot.context import BotContext
from app.bot.deps import BotDeps
from app.bot.handlers.tracking.lookup import look_up_mentions, warn_of_private_key
from app.bot.mentions import (
    classify_message_text,
    find_message_bare_hash,
    find_message_mentions,
)
from app.bot.screens.tracking.track import unrecognized_hash_screen
from app.domain.mentions import InputShape, TxMention


class _Mentions(Filter):
    async def __call__(self, message: Message, deps: BotDeps) -> bool | dict[str, Any]:
        if (message.text or "").startswith("/"):
            return False
        mentions = find_message_mentions(deps, message)
        if message.chat.type != ChatType.PRIVATE:
            mentions = [mention for mention in mentions if mention.foreign is None]
        return {"mentions": mentions} if mentions else False


class _UnrecognizedHash(Filter):
    """One word that is nearly a hash, or an address; a link, a key or 64 digits among words."""

    async def __call__(self, message: Message, deps: BotDeps) -> bool | dict[str, Any]:
        if message.chat.type != ChatType.PRIVATE or (message.text or "").startswith("/"):
            return False
        shape, digits = classify_message_text(deps, message)
        return {"shape": shape, "digits": digits} if shape is not InputShape.OTHER else False


def create_router() -> Router:
    router = Router(name="mentions")
    router.message.register(track_mentioned, _Mentions())
    return router


def create_unrecognized_hash_router() -> Router:
    router = Router(name="unrecognized")
    router.message.register(explain_unrecognized_hash, _UnrecognizedHash())
    return router


async def track_mentioned(message: Message, context: BotContext, mentions: list[TxMention]) -> None:
    await look_up_mentions(context, mentions)
    await warn_of_private_key(context, message)


async def explain_unrecognized_hash(
    message: Message, context: BotContext, shape: InputShape, digits: int
) -> None:
    bare = find_message_bare_hash(message)
    await context.show(
        unrecognized_hash_screen(context.t, context.deps.chains, shape, digits, bare=bare)
    )
