"""/watches: what a user watches; in a group, what they watch there."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import command
from app.bot.handlers.tracking.card_view import check_watch_owner
from app.bot.screens.tracking.watches import watches_screen
from app.bot.tracking_callbacks import StopWatch, WatchesPage
from app.services.tracking.cards import ownership, watches


def create_router() -> Router:
    router = Router(name="watches")
    router.message.register(open_watches, command("watches"))
    router.callback_query.register(open_watches_page, WatchesPage.filter())
    router.callback_query.register(stop_watch_in_list, StopWatch.filter())
    return router


async def open_watches(_: TelegramObject, context: BotContext) -> None:
    await _show(context, 0)


async def open_watches_page(
    _: TelegramObject, context: BotContext, callback_data: WatchesPage
) -> None:
    await _show(context, callback_data.number)


async def stop_watch_in_list(
    _: TelegramObject, context: BotContext, callback_data: StopWatch, answer: TapAnswer
) -> None:
    owner = await check_watch_owner(context, answer, callback_data.watch_id)
    if owner is not None:
        await watches.stop_watch(context.deps.db, owner.user_id, callback_data.watch_id)
        answer.toast(context.t.plain("card-stopped-toast"))
        await _show(context, callback_data.page or 0)


async def _show(context: BotContext, number: int) -> None:
    deps = context.deps
    chat_id = None if context.is_private else context.chat_id
    page = await watches.get_watch_page(deps.db, deps.chains, context.user.id, number, chat_id)
    owners = await ownership.get_watch_owners(deps.db, [card.watch_id for card in page.cards])
    await context.show(watches_screen(context.t, page, owners, context.chat_id))
