"""The operator's `/refund`: first what it would do, then, once, the refund itself."""

from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import TelegramObject

from app.bot.callbacks import CancelRefund, ConfirmRefund
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import FromOperator, command
from app.bot.screens.refunds import (
    how_to_refund_screen,
    refund_cancelled_screen,
    refund_done_screen,
    refund_preview_screen,
)
from app.core import clock
from app.domain.operator_roles import Permission
from app.domain.refunds import MAX_REFUND_REASON_LENGTH
from app.services import audit
from app.services.payments import refunds

# The reason has no room in a button; it waits here from the preview to the tap.
_REASON: Final = "refund"


def create_router() -> Router:
    router = Router(name="refunds")
    from_operator = FromOperator(Permission.REFUND_ORDERS)
    router.message.register(show_refund_preview, from_operator, command("refund"))
    router.callback_query.register(confirm_refund, from_operator, ConfirmRefund.filter())
    router.callback_query.register(cancel_refund, from_operator, CancelRefund.filter())
    return router


async def show_refund_preview(
    _: TelegramObject, context: BotContext, command: CommandObject, state: FSMContext
) -> None:
    """`/refund <number> <reason>`."""
    number, _space, reason = (command.args or "").strip().partition(" ")
    await preview_typed_refund(context, state, number, reason.strip())


async def preview_typed_refund(
    context: BotContext, state: FSMContext, number: str, reason: str
) -> None:
    if not number or not 0 < len(reason) <= MAX_REFUND_REASON_LENGTH:
        await context.show(how_to_refund_screen(context.t, MAX_REFUND_REASON_LENGTH))
        return
    found = await refunds.preview_refund(context.deps.db, context.deps.payment_methods, number)
    subject = f"purchase:{found.purchase.id}"
    await audit.record_data_access(context.deps.db, context.user.id, "purchase_viewed", subject)
    await state.set_state(None)
    await state.update_data({_REASON: {found.purchase.id.hex: reason}})
    await context.show(refund_preview_screen(context.t, found, reason, clock.now()))


async def confirm_refund(
    _: TelegramObject,
    context: BotContext,
    callback_data: ConfirmRefund,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    id_ = callback_data.purchase_id
    reason = (await state.get_data()).get(_REASON, {}).get(id_.hex)
    if reason is None:
        answer.alert(context.t.plain("refund-preview-gone"))
        return
    deps = context.deps
    purchase = await refunds.refund_purchase(
        deps.db, deps.payment_methods, id_, context.user.id, reason
    )
    await context.show(refund_done_screen(context.t, purchase, clock.now()))


async def cancel_refund(
    _: TelegramObject, context: BotContext, callback_data: CancelRefund, state: FSMContext
) -> None:
    await state.update_data({_REASON: {}})
    await context.show(refund_cancelled_screen(context.t, callback_data.purchase_id))
