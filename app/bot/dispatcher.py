"""Puts the bot together: what passes before a handler, and in which order handlers are asked."""

from datetime import timedelta
from typing import Final

from aiogram import Dispatcher
from aiogram.fsm.storage.base import BaseStorage

from app.bot.deps import BotDeps
from app.bot.handlers import (
    checkout,
    connect,
    language,
    membership,
    menu,
    operator,
    plans,
    subscription,
    support,
    unknown,
)
from app.bot.handlers import help as help_
from app.bot.middlewares.albums import Albums
from app.bot.middlewares.dialogues import Dialogues
from app.bot.middlewares.errors import Errors
from app.bot.middlewares.people import FreshPages, People
from app.bot.middlewares.private_chats import PrivateChats
from app.bot.middlewares.tap_answers import EARLY_AFTER, TapAnswers

ALLOWED_UPDATES: Final = frozenset({"message", "callback_query", "my_chat_member"})


def create_dispatcher(
    deps: BotDeps, storage: BaseStorage, *, early_after: timedelta = EARLY_AFTER
) -> Dispatcher:
    """`feed_update` raises what is a bug, after telling the person: the update is worth keeping."""
    dispatcher = Dispatcher(storage=storage, deps=deps)
    taps, messages = dispatcher.callback_query, dispatcher.message
    taps.outer_middleware(TapAnswers(deps, early_after))
    messages.outer_middleware(Albums())
    for observer in (taps, messages):
        observer.outer_middleware(PrivateChats())
        observer.outer_middleware(Errors(deps))
        observer.outer_middleware(People(deps))
        observer.outer_middleware(Dialogues())
    taps.middleware(FreshPages())
    dispatcher.include_routers(
        menu.create_router(),
        plans.create_router(),
        checkout.create_router(),
        subscription.create_router(),
        connect.create_router(),
        help_.create_router(),
        language.create_router(),
        operator.create_router(deps.operators),
        support.create_router(deps.operators),
        membership.create_router(),
        unknown.create_router(),
    )
    return dispatcher
