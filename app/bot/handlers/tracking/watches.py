"""/watches: what a person watches; in a group, what they watch there."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.filters import command
from app.bot.handlers.tracking.showing import check_owner
from app.bot.screens.tracking.watches import watches_screen
from app.bot.tracking_callbacks import StopWatch, WatchesPage
from app.bot.visit import TapAnswer, Visit
from app.services.tracking.cards import ownership, watches


def create_router() -> Router:
    router = Router(name="watches")
    router.message.register(open_first, command("watches"))
    router.callback_query.register(open_page, WatchesPage.filter())
    router.callback_query.register(stop, StopWatch.filter())
    return router


async def open_first(_: TelegramObject, visit: Visit) -> None:
    await _show(visit, 0)


async def open_page(_: TelegramObject, visit: Visit, callback_data: WatchesPage) -> None:
    await _show(visit, callback_data.number)


async def stop(
    _: TelegramObject, visit: Visit, callback_data: StopWatch, answer: TapAnswer
) -> None:
    owner = await check_owner(visit, answer, callback_data.watch_id)
    if owner is not None:
        await watches.stop(visit.deps.db, owner.user_id, callback_data.watch_id)
        answer.toast(visit.t.plain("card-stopped-toast"))
        await _show(visit, callback_data.page or 0)


async def _show(visit: Visit, number: int) -> None:
    deps = visit.deps
    chat_id = None if visit.is_private else visit.chat_id
    page = await watches.get_page(deps.db, deps.chains, visit.user.id, number, chat_id)
    owners = await ownership.get_owners(deps.db, [card.watch_id for card in page.cards])
    await visit.show(watches_screen(visit.t, page, owners, visit.chat_id))
