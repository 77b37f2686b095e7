"""From "more traffic" or "more devices" to an order for it."""

import structlog
from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import BuyExtra, ExtrasPage
from app.bot.context import BotContext, TapAnswer
from app.bot.handlers.order import show_order
from app.bot.screens.devices import devices_panel_away_screen
from app.bot.screens.extras import extras_screen
from app.domain.ports import PortError
from app.services.purchases import extras

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="extras")
    router.callback_query.register(open_extras, ExtrasPage.filter())
    router.callback_query.register(buy_extra, BuyExtra.filter())
    return router


async def open_extras(
    _: TelegramObject, context: BotContext, callback_data: ExtrasPage, answer: TapAnswer
) -> None:
    """The order at once, where there is no choice."""
    id_, kind = callback_data.subscription_id, callback_data.kind
    if not _sells(context, answer):
        return
    deps = context.deps
    try:
        found = await extras.list_extra_offers(deps.db, deps.panel, context.user.id, id_, kind)
    except PortError as error:
        await _show_away(context, id_, error)
        return
    if len(found.offers) == 1:
        await _order(context, id_, found.offers[0].extra.id)
    else:
        await context.show(extras_screen(context.t, found))


async def buy_extra(
    _: TelegramObject, context: BotContext, callback_data: BuyExtra, answer: TapAnswer
) -> None:
    if _sells(context, answer):
        await _order(context, callback_data.subscription_id, callback_data.extra_id)


def _sells(context: BotContext, answer: TapAnswer) -> bool:
    if context.deps.panel is None:
        answer.alert(context.t.plain("checkout-not-open"))
    return context.deps.panel is not None


async def _order(context: BotContext, subscription_id: int, extra_id: int) -> None:
    deps = context.deps
    try:
        order = await extras.place_extra_order(
            deps.db, deps.panel, context.user.id, subscription_id, extra_id
        )
    except PortError as error:
        await _show_away(context, subscription_id, error)
    else:
        await show_order(context, order.id)


async def _show_away(context: BotContext, subscription_id: int, error: PortError) -> None:
    """Whether its panel knows devices can't be said now."""
    log.warning("extras_unavailable", subscription=subscription_id, error=str(error))
    await context.show(devices_panel_away_screen(context.t, subscription_id))
