"""Puts the bot together: what passes before a handler, and in which order handlers are asked."""

from datetime import timedelta
from typing import Final

from aiogram import Dispatcher, Router
from aiogram.fsm.storage.base import BaseStorage

from app.bot.deps import BotDeps
from app.bot.filters import InPrivate
from app.bot.handlers import (
    admin_web,
    attention,
    audit_log,
    balance,
    broadcast_changes,
    broadcasts,
    bulk,
    campaigns,
    charts,
    checkout,
    connect,
    corrections,
    devices,
    exports,
    extras,
    feeds,
    friends,
    gifts,
    groups,
    language,
    membership,
    menu,
    news,
    operator,
    order,
    pages,
    plans,
    privacy,
    promo_codes,
    questions,
    quick_answers,
    refunds,
    rpc,
    shop_home,
    staff,
    stars,
    start,
    subscription,
    support,
    support_forum,
    tracking,
    trial,
    unknown,
)
from app.bot.handlers import help as help_
from app.bot.handlers.editing import create_editing_router
from app.bot.handlers.onchain import create_onchain_router
from app.bot.handlers.users import create_users_router
from app.bot.middlewares.admission import AdmissionMiddleware
from app.bot.middlewares.albums import WAIT_FOR_PARTS, AlbumMiddleware, Wait
from app.bot.middlewares.blocked import BlockedMiddleware
from app.bot.middlewares.chat_filter import ChatFilterMiddleware
from app.bot.middlewares.context import ContextMiddleware, FreshPageMiddleware
from app.bot.middlewares.dialogues import DialogueMiddleware
from app.bot.middlewares.errors import ErrorMiddleware
from app.bot.middlewares.maintenance import MaintenanceMiddleware
from app.bot.middlewares.tap_answers import EARLY_ANSWER_AFTER, TapAnswerMiddleware

ALLOWED_UPDATES: Final = frozenset(
    {"message", "callback_query", "my_chat_member", "pre_checkout_query"}
)
# Each part of an album is passed on by itself.
_EACH_PART: Final = frozenset(
    {support.SupportDialogue.writing.state, questions.AnswerDialogue.writing.state}
)


def create_dispatcher(
    deps: BotDeps,
    storage: BaseStorage,
    *,
    early_after: timedelta = EARLY_ANSWER_AFTER,
    wait_for_parts: Wait = WAIT_FOR_PARTS,
) -> Dispatcher:
    """`feed_update` raises what is a bug, after answering the user: the update is worth keeping."""
    dispatcher = Dispatcher(storage=storage, deps=deps)
    main_router = Router(name="main")
    taps, messages = main_router.callback_query, main_router.message
    taps.outer_middleware(TapAnswerMiddleware(early_after))
    for observer in (taps, messages):
        observer.outer_middleware(ChatFilterMiddleware())
    messages.outer_middleware(AlbumMiddleware(wait_for_parts, _EACH_PART))
    for observer in (taps, messages):
        observer.outer_middleware(ErrorMiddleware())
        observer.outer_middleware(ContextMiddleware())
        observer.outer_middleware(BlockedMiddleware())
        observer.outer_middleware(AdmissionMiddleware())
        observer.outer_middleware(MaintenanceMiddleware())
        observer.outer_middleware(DialogueMiddleware())
    taps.middleware(FreshPageMiddleware())
    main_router.include_routers(
        *_create_open_routers(),
        _create_shop(),
        tracking.create_mentions_router(),
        support.create_conversation_router(),
        tracking.create_unrecognized_router(),
        groups.create_router(),
        unknown.create_router(),
    )
    dispatcher.include_routers(
        stars.create_star_payments_router(),
        membership.create_router(),
        groups.create_group_events_router(),
        main_router,
    )
    return dispatcher


def _create_open_routers() -> list[Router]:
    """What works in groups, too."""
    return [support_forum.create_router(), tracking.create_router(), feeds.create_group_router()]


def _create_shop() -> Router:
    """For private chats only."""
    shop = Router(name="shop")
    for observer in (shop.message, shop.callback_query):
        observer.filter(InPrivate())
    shop.include_routers(
        start.create_router(),
        menu.create_router(),
        plans.create_router(),
        trial.create_router(),
        order.create_router(),
        gifts.create_router(),
        promo_codes.create_router(),
        checkout.create_router(),
        balance.create_router(),
        stars.create_router(),
        subscription.create_router(),
        devices.create_router(),
        extras.create_router(),
        connect.create_router(),
        friends.create_router(),
        help_.create_router(),
        pages.create_router(),
        language.create_router(),
        news.create_router(),
        privacy.create_router(),
        *_list_operator_routers(),
        support.create_router(),
        quick_answers.create_router(),
        questions.create_router(),
        *tracking.create_private_routers(),
    )
    return shop


def _list_operator_routers() -> list[Router]:
    return [
        admin_web.create_router(),
        shop_home.create_router(),
        create_editing_router(),
        create_onchain_router(),
        charts.create_router(),
        feeds.create_router(),
        operator.create_router(),
        attention.create_router(),
        create_users_router(),
        audit_log.create_router(),
        corrections.create_router(),
        refunds.create_router(),
        exports.create_router(),
        broadcasts.create_router(),
        campaigns.create_router(),
        broadcast_changes.create_router(),
        bulk.create_router(),
        rpc.create_router(),
        staff.create_router(),
    ]
