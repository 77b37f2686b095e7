"""A promo code on its way from the person: by command, by button, by link, or for one order."""

from uuid import UUID

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.callbacks import PromoPage, RemovePromo
from app.bot.filters import AnswerTo, command
from app.bot.handlers.order import show_order
from app.bot.screens.promo_codes import ask_screen, entered_screen, refused_screen
from app.bot.visit import TapAnswer, Visit
from app.core.errors import ExpectedError
from app.services.promotions import promo_code_entry
from app.services.purchases.promo_codes import PromoRefusedError

_ORDER = "order"


class PromoDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="promo_codes")
    router.message.register(open_by_command, command("promo"))
    router.callback_query.register(open_page, PromoPage.filter())
    router.callback_query.register(remove, RemovePromo.filter())
    router.message.register(read_code, AnswerTo(PromoDialogue.typing))
    return router


async def open_by_command(
    _: TelegramObject, visit: Visit, state: FSMContext, command: CommandObject
) -> None:
    await state.set_state(PromoDialogue.typing)
    if command.args:
        await _enter(visit, state, command.args)
    else:
        await visit.show(ask_screen(visit.t))


async def open_page(
    _: TelegramObject, visit: Visit, state: FSMContext, callback_data: PromoPage
) -> None:
    await state.set_state(PromoDialogue.typing)
    order_id = callback_data.purchase_id
    await state.set_data({_ORDER: str(order_id)} if order_id else {})
    await visit.show(ask_screen(visit.t, order_id))


async def read_code(message: Message, visit: Visit, state: FSMContext) -> None:
    kept = (await state.get_data()).get(_ORDER)
    order_id = UUID(kept) if kept else None
    if message.text is None:
        await visit.show(ask_screen(visit.t, order_id))
    else:
        await _enter(visit, state, message.text, order_id)


async def open_link(visit: Visit, about: str) -> bool:
    """Of `?start=promo_CODE`."""
    try:
        entered = await promo_code_entry.enter(visit.deps.db, visit.user.id, about)
    except PromoRefusedError as error:
        await visit.show(refused_screen(visit.t, error))
    else:
        await visit.show(entered_screen(visit.t, entered, visit.offer))
    return True


async def remove(
    _: TelegramObject, visit: Visit, callback_data: RemovePromo, answer: TapAnswer
) -> None:
    order = await promo_code_entry.remove(visit.deps.db, visit.user.id, callback_data.purchase_id)
    answer.toast(visit.t.plain("promo-removed-toast"))
    await show_order(visit, order.id)


async def _enter(visit: Visit, state: FSMContext, typed: str, order_id: UUID | None = None) -> None:
    """After a refusal the dialogue goes on: the next message is another try."""
    try:
        entered = await promo_code_entry.enter(visit.deps.db, visit.user.id, typed, order_id)
    except PromoRefusedError as error:
        await visit.show(refused_screen(visit.t, error, order_id, is_asking=True))
        return
    except ExpectedError:
        await state.clear()
        raise
    await state.clear()
    if entered.order is None:
        await visit.show(entered_screen(visit.t, entered, visit.offer, order_id))
    else:
        await show_order(visit, entered.order.id)
