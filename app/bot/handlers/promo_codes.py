"""A promo code that a user enters: by command, by button, by link, or for one order."""

from uuid import UUID

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.callbacks import PromoCodePage, RemovePromoCode
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import AnswerTo, command
from app.bot.handlers.order import show_order
from app.bot.screens.promo_codes import (
    ask_promo_code_screen,
    promo_code_entered_screen,
    promo_code_refused_screen,
)
from app.core.errors import ExpectedError
from app.services.promotions import promo_code_entry
from app.services.purchases.promo_codes import PromoRefusedError

_ORDER = "order"


class PromoDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="promo_codes")
    router.message.register(open_promo_code_by_command, command("promo"))
    router.callback_query.register(open_promo_code_page, PromoCodePage.filter())
    router.callback_query.register(clear_promo_code, RemovePromoCode.filter())
    router.message.register(read_promo_code, AnswerTo(PromoDialogue.typing))
    return router


async def open_promo_code_by_command(
    _: TelegramObject, context: BotContext, state: FSMContext, command: CommandObject
) -> None:
    await state.set_state(PromoDialogue.typing)
    if command.args:
        await _enter_promo_code(context, state, command.args)
    else:
        await context.show(ask_promo_code_screen(context.t))


async def open_promo_code_page(
    _: TelegramObject, context: BotContext, state: FSMContext, callback_data: PromoCodePage
) -> None:
    await state.set_state(PromoDialogue.typing)
    order_id = callback_data.purchase_id
    await state.set_data({_ORDER: str(order_id)} if order_id else {})
    await context.show(ask_promo_code_screen(context.t, order_id))


async def read_promo_code(message: Message, context: BotContext, state: FSMContext) -> None:
    stored = (await state.get_data()).get(_ORDER)
    order_id = UUID(stored) if stored else None
    if message.text is None:
        await context.show(ask_promo_code_screen(context.t, order_id))
    else:
        await _enter_promo_code(context, state, message.text, order_id)


async def open_promo_code_link(context: BotContext, about: str) -> bool:
    """Of `?start=promo_CODE`."""
    try:
        entered = await promo_code_entry.enter_promo_code(context.deps.db, context.user.id, about)
    except PromoRefusedError as error:
        await context.show(promo_code_refused_screen(context.t, error))
    else:
        await context.show(promo_code_entered_screen(context.t, entered, context.offer))
    return True


async def clear_promo_code(
    _: TelegramObject, context: BotContext, callback_data: RemovePromoCode, answer: TapAnswer
) -> None:
    order = await promo_code_entry.remove_promo_code(
        context.deps.db, context.user.id, callback_data.purchase_id
    )
    answer.toast(context.t.plain("promo-removed-toast"))
    await show_order(context, order.id)


async def _enter_promo_code(
    context: BotContext, state: FSMContext, typed: str, order_id: UUID | None = None
) -> None:
    """After a refusal the dialogue goes on: the next message is another try."""
    try:
        entered = await promo_code_entry.enter_promo_code(
            context.deps.db, context.user.id, typed, order_id
        )
    except PromoRefusedError as error:
        await context.show(promo_code_refused_screen(context.t, error, order_id, is_asking=True))
        return
    except ExpectedError:
        await state.clear()
        raise
    await state.clear()
    if entered.order is None:
        await context.show(promo_code_entered_screen(context.t, entered, context.offer, order_id))
    else:
        await show_order(context, entered.order.id)
