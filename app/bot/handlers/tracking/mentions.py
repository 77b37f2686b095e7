"""A hash or an explorer's link in any message is a wish to see how it stands."""

from typing import Any

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.filters import Filter
from aiogram.types import Message

from app.bot.deps import BotDeps
from app.bot.handlers.tracking.looking import follow, warn_of_key
from app.bot.mentions import find_in, judge_in
from app.bot.screens.tracking.track import no_hash_screen
from app.bot.visit import Visit
from app.domain.mentions import Mention, Shape


class _Mentions(Filter):
    async def __call__(self, message: Message, deps: BotDeps) -> bool | dict[str, Any]:
        if (message.text or "").startswith("/"):
            return False
        mentions = find_in(deps, message)
        if message.chat.type != ChatType.PRIVATE:
            mentions = [mention for mention in mentions if mention.foreign is None]
        return {"mentions": mentions} if mentions else False


class _NearMiss(Filter):
    """One word that is nearly a hash, or an address; a link, a key or 64 digits among words."""

    async def __call__(self, message: Message, deps: BotDeps) -> bool | dict[str, Any]:
        if message.chat.type != ChatType.PRIVATE or (message.text or "").startswith("/"):
            return False
        shape, digits = judge_in(deps, message)
        return {"shape": shape, "digits": digits} if shape is not Shape.OTHER else False


def create_router() -> Router:
    router = Router(name="mentions")
    router.message.register(follow_mentioned, _Mentions())
    router.message.register(tell_near_miss, _NearMiss())
    return router


async def follow_mentioned(message: Message, visit: Visit, mentions: list[Mention]) -> None:
    await follow(visit, mentions)
    await warn_of_key(visit, message)


async def tell_near_miss(_: Message, visit: Visit, shape: Shape, digits: int) -> None:
    await visit.show(no_hash_screen(visit.t, visit.deps.chains, shape, digits))
