"""The balance: what is on it, more money for it, and how everything came."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.amounts import read_amount
from app.bot.callbacks import (
    BalancePage,
    HistoryPage,
    OtherAmountPage,
    PurchasesPage,
    TopUp,
    TopUpPage,
)
from app.bot.filters import AnswerTo, command
from app.bot.handlers.order import show_order
from app.bot.screens.balance import (
    amount_screen,
    balance_screen,
    history_screen,
    no_amount_screen,
    out_of_bounds_screen,
    top_up_screen,
)
from app.bot.screens.purchases import purchases_screen
from app.bot.visit import Visit
from app.core import clock
from app.core.money import Money
from app.services.payments import balance_page
from app.services.purchases import top_ups


class TopUpDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="balance")
    router.message.register(open_balance, command("balance"))
    router.callback_query.register(open_balance, BalancePage.filter())
    router.callback_query.register(open_amounts, TopUpPage.filter())
    router.callback_query.register(top_up, TopUp.filter())
    router.callback_query.register(ask_amount, OtherAmountPage.filter())
    router.callback_query.register(open_history, HistoryPage.filter())
    router.callback_query.register(open_purchases, PurchasesPage.filter())
    router.message.register(read_typed, AnswerTo(TopUpDialogue.typing))
    return router


async def open_balance(_: TelegramObject, visit: Visit) -> None:
    balances = await balance_page.get_balances(visit.deps.db, visit.user.id)
    await visit.show(balance_screen(visit.t, balances, visit.offer))


async def open_amounts(_: TelegramObject, visit: Visit) -> None:
    await visit.show(top_up_screen(visit.t, visit.shop))


async def top_up(_: TelegramObject, visit: Visit, callback_data: TopUp) -> None:
    await _order(visit, Money(callback_data.amount_minor, callback_data.currency))


async def ask_amount(_: TelegramObject, visit: Visit, state: FSMContext) -> None:
    await state.set_state(TopUpDialogue.typing)
    await visit.show(amount_screen(visit.t, visit.shop))


async def read_typed(message: Message, visit: Visit, state: FSMContext) -> None:
    """Whoever types something else is asked again, and stays in the dialogue."""
    shop = visit.shop
    amount = read_amount(message.text or "", shop.currency)
    if amount is None:
        await visit.show(no_amount_screen(visit.t, shop))
    elif not shop.top_up_least_minor <= amount.minor <= shop.top_up_most_minor:
        await visit.show(out_of_bounds_screen(visit.t, amount, shop))
    else:
        await _order(visit, amount)
        await state.clear()


async def open_history(_: TelegramObject, visit: Visit, callback_data: HistoryPage) -> None:
    history = await balance_page.get_history(visit.deps.db, visit.user.id, callback_data.number)
    await visit.show(history_screen(visit.t, history))


async def open_purchases(_: TelegramObject, visit: Visit, callback_data: PurchasesPage) -> None:
    page = await balance_page.get_purchases(visit.deps.db, visit.user.id, callback_data.number)
    await visit.show(purchases_screen(visit.t, page, clock.now()))


async def _order(visit: Visit, amount: Money) -> None:
    purchase = await top_ups.place(visit.deps.db, visit.user.id, amount)
    await show_order(visit, purchase.id)
