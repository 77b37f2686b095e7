"""`/attention`: what operators must decide or look into, and how they settle it."""

from typing import Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator, command
from app.bot.operator_callbacks import (
    AttentionItemPage,
    AttentionPage,
    RetryAllActivations,
    RetryItem,
    SettleItem,
    SettlementPage,
)
from app.bot.screens.attention import (
    ask_for_settlement_screen,
    attention_item_screen,
    attention_screen,
    settlement_too_long_screen,
)
from app.domain.attention import MAX_SETTLEMENT_LENGTH
from app.domain.operator_roles import OperatorRole, Permission
from app.services import audit
from app.services.access.activation import retry_activation, retry_all_activations
from app.services.operations import attention

_ITEM: Final = "attention_item"


class SettlementDialogue(StatesGroup):
    describing = State()


def create_router() -> Router:
    router = Router(name="attention")
    may_settle = FromOperator(Permission.SETTLE_ATTENTION)
    router.message.register(open_attention, may_settle, command("attention"))
    taps = router.callback_query
    taps.register(turn_page, may_settle, AttentionPage.filter())
    taps.register(open_item, may_settle, AttentionItemPage.filter())
    taps.register(ask_for_settlement, may_settle, SettlementPage.filter())
    taps.register(settle_item, may_settle, SettleItem.filter())
    taps.register(retry_item, may_settle, RetryItem.filter())
    taps.register(retry_all, may_settle, RetryAllActivations.filter())
    router.message.register(read_settlement, may_settle, AnswerTo(SettlementDialogue.describing))
    return router


async def open_attention(_: TelegramObject, context: BotContext) -> None:
    await _show_list(context)


async def turn_page(_: TelegramObject, context: BotContext, callback_data: AttentionPage) -> None:
    await _show_list(context, callback_data.page)


async def open_item(
    _: TelegramObject, context: BotContext, callback_data: AttentionItemPage
) -> None:
    """A look at a user's data is on record."""
    await _show_item(context, callback_data.item_id, is_look=True)


async def ask_for_settlement(
    _: TelegramObject, context: BotContext, callback_data: SettlementPage, state: FSMContext
) -> None:
    item = await attention.require_attention_item(
        context.deps.db, _role(context), callback_data.item_id
    )
    await state.set_state(SettlementDialogue.describing)
    await state.update_data({_ITEM: item.id})
    await context.show(ask_for_settlement_screen(context.t, item))


async def read_settlement(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where it is too long, the next message is another try."""
    text = " ".join((message.text or "").split())
    item_id = (await state.get_data()).get(_ITEM)
    if not 0 < len(text) <= MAX_SETTLEMENT_LENGTH:
        await context.show(settlement_too_long_screen(context.t))
        return
    async with ended_afterwards(state):
        await _settle(context, int(item_id or 0), text)


async def settle_item(
    _: TelegramObject, context: BotContext, callback_data: SettleItem, answer: TapAnswer
) -> None:
    was_open = await _settle(context, callback_data.item_id, callback_data.settlement)
    answer.toast(context.t.plain("attention-done" if was_open else "attention-done-before"))


async def retry_item(
    _: TelegramObject, context: BotContext, callback_data: RetryItem, answer: TapAnswer
) -> None:
    db, id_ = context.deps.db, callback_data.item_id
    item = await attention.require_attention_item(db, _role(context), id_)
    await retry_activation(db, int(item.values.get("subscription", 0)), context.user.id)
    answer.toast(context.t.plain("operator-retried"))
    await _show_item(context, id_)


async def retry_all(_: TelegramObject, context: BotContext, answer: TapAnswer) -> None:
    count = await retry_all_activations(context.deps.db, context.user.id)
    answer.toast(context.t.plain("attention-retried-all", count=count))
    await _show_list(context)


async def _settle(context: BotContext, item_id: int, settlement: str) -> bool:
    was_open = await attention.settle_attention_item(
        context.deps.db, context.user.id, _role(context), item_id, settlement
    )
    await _show_item(context, item_id)
    return was_open


async def _show_list(context: BotContext, page: int = 0) -> None:
    listed = await attention.list_attention_items(context.deps.db, _role(context), page)
    await context.show(attention_screen(context.t, listed))


async def _show_item(context: BotContext, item_id: int, *, is_look: bool = False) -> None:
    db = context.deps.db
    item = await attention.require_attention_item(db, _role(context), item_id)
    if is_look and item.user_id is not None:
        subject = f"user:{item.user_id}"
        await audit.record_data_access(db, context.user.id, "attention_viewed", subject)
    await context.show(attention_item_screen(context.t, item, context.role))


def _role(context: BotContext) -> OperatorRole:
    """The filter let operators pass only."""
    return context.role or OperatorRole.SUPPORT
