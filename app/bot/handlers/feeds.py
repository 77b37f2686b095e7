"""`/feed` in a group: what it is notified of; and the page of `/admin` that lists all of it."""

from aiogram import Router
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext
from app.bot.filters import FromOperator, command
from app.bot.group_callbacks import FeedsPage, SwitchFeed, SwitchFeedOff
from app.bot.screens.feeds import feed_place_screen, feeds_screen
from app.domain.operator_roles import Permission
from app.services.operations import feeds


def create_group_router() -> Router:
    router = Router(name="group_feeds")
    may_view = FromOperator(Permission.VIEW_SALES)
    router.message.register(open_feed_place, command("feed"))
    router.callback_query.register(switch_feed, may_view, SwitchFeed.filter())
    return router


def create_router() -> Router:
    router = Router(name="feeds")
    may_view = FromOperator(Permission.VIEW_SALES)
    router.callback_query.register(open_feeds, may_view, FeedsPage.filter())
    router.callback_query.register(end_feed, may_view, SwitchFeedOff.filter())
    return router


async def open_feed_place(_: Message, context: BotContext) -> None:
    """For all others the command does not exist; in a private chat it opens the list."""
    if not context.may(Permission.VIEW_SALES):
        return
    await (open_feeds(_, context) if context.is_private else _show_place(context))


async def switch_feed(_: TelegramObject, context: BotContext, callback_data: SwitchFeed) -> None:
    """In the topic where the button stands."""
    deps, operator, kind = context.deps, context.user.id, callback_data.kind
    if callback_data.on:
        await feeds.send_feed_to(deps.db, operator, kind, context.chat_id, context.thread_id)
    else:
        await feeds.switch_feed_off(deps.db, operator, kind)
    await _show_place(context)


async def open_feeds(_: TelegramObject, context: BotContext) -> None:
    await context.show(feeds_screen(context.t, await feeds.list_feeds(context.deps.db)))


async def end_feed(_: TelegramObject, context: BotContext, callback_data: SwitchFeedOff) -> None:
    await feeds.switch_feed_off(context.deps.db, context.user.id, callback_data.kind)
    await open_feeds(_, context)


async def _show_place(context: BotContext) -> None:
    places = await feeds.list_feeds(context.deps.db)
    await context.show(feed_place_screen(context.t, places, context.chat_id, context.thread_id))
