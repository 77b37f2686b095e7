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
from app.bot.context import BotContext
from app.bot.filters import AnswerTo, command
from app.bot.handlers.order import show_order
from app.bot.screens.balance import (
    amount_not_read_screen,
    amount_out_of_bounds_screen,
    ask_top_up_amount_screen,
    balance_history_screen,
    balance_screen,
    top_up_screen,
)
from app.bot.screens.purchases import purchases_screen
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
    router.callback_query.register(open_top_up_amounts, TopUpPage.filter())
    router.callback_query.register(order_top_up, TopUp.filter())
    router.callback_query.register(ask_top_up_amount, OtherAmountPage.filter())
    router.callback_query.register(open_balance_history, HistoryPage.filter())
    router.callback_query.register(open_purchases, PurchasesPage.filter())
    router.message.register(read_top_up_amount, AnswerTo(TopUpDialogue.typing))
    return router


async def open_balance(_: TelegramObject, context: BotContext) -> None:
    balances = await balance_page.get_balances(context.deps.db, context.user.id)
    await context.show(balance_screen(context.t, balances, context.offer))


async def open_top_up_amounts(_: TelegramObject, context: BotContext) -> None:
    await context.show(top_up_screen(context.t, context.shop))


async def order_top_up(_: TelegramObject, context: BotContext, callback_data: TopUp) -> None:
    await _order(context, Money(callback_data.amount_minor, callback_data.currency))


async def ask_top_up_amount(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(TopUpDialogue.typing)
    await context.show(ask_top_up_amount_screen(context.t, context.shop))


async def read_top_up_amount(message: Message, context: BotContext, state: FSMContext) -> None:
    """After any other text the user is asked again, and stays in the dialogue."""
    shop = context.shop
    amount = read_amount(message.text or "", shop.currency)
    if amount is None:
        await context.show(amount_not_read_screen(context.t, shop))
    elif not shop.top_up_least_minor <= amount.minor <= shop.top_up_most_minor:
        await context.show(amount_out_of_bounds_screen(context.t, amount, shop))
    else:
        await _order(context, amount)
        await state.clear()


async def open_balance_history(
    _: TelegramObject, context: BotContext, callback_data: HistoryPage
) -> None:
    history = await balance_page.get_balance_history(
        context.deps.db, context.user.id, callback_data.number
    )
    await context.show(balance_history_screen(context.t, history))


async def open_purchases(
    _: TelegramObject, context: BotContext, callback_data: PurchasesPage
) -> None:
    page = await balance_page.get_purchase_history(
        context.deps.db, context.user.id, callback_data.number
    )
    await context.show(purchases_screen(context.t, page, clock.now()))


async def _order(context: BotContext, amount: Money) -> None:
    purchase = await top_ups.place_top_up(context.deps.db, context.user.id, amount)
    await show_order(context, purchase.id)
