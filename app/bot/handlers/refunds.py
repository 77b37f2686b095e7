"""The operator's `/refund`: first what it would do, then, once, the refund itself."""

from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import TelegramObject

from app.bot.callbacks import CancelRefund, ConfirmRefund
from app.bot.filters import FromOperator, command
from app.bot.screens.refunds import (
    how_to_refund_screen,
    kept_screen,
    preview_screen,
    refund_done_screen,
)
from app.bot.visit import TapAnswer, Visit
from app.core import clock
from app.domain.refunds import LONGEST_REASON
from app.services import audit
from app.services.payments import refunds

# The reason has no room in a button; it waits here from the preview to the tap.
_REASON: Final = "refund"


def create_router(operators: tuple[int, ...]) -> Router:
    router = Router(name="refunds")
    from_operator = FromOperator(operators)
    router.message.register(preview, from_operator, command("refund"))
    router.callback_query.register(confirm, from_operator, ConfirmRefund.filter())
    router.callback_query.register(cancel, from_operator, CancelRefund.filter())
    return router


async def preview(
    _: TelegramObject, visit: Visit, command: CommandObject, state: FSMContext
) -> None:
    """`/refund <number> <reason>`."""
    number, _space, reason = (command.args or "").strip().partition(" ")
    reason = reason.strip()
    if not number or not 0 < len(reason) <= LONGEST_REASON:
        await visit.show(how_to_refund_screen(visit.t, LONGEST_REASON))
        return
    found = await refunds.preview(visit.deps.db, visit.deps.ways, number)
    subject = f"purchase:{found.purchase.id}"
    await audit.record_look(visit.deps.db, visit.user.id, "purchase_viewed", subject)
    await state.update_data({_REASON: {found.purchase.id.hex: reason}})
    await visit.show(preview_screen(visit.t, found, reason, clock.now()))


async def confirm(
    _: TelegramObject,
    visit: Visit,
    callback_data: ConfirmRefund,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    id_ = callback_data.purchase_id
    reason = (await state.get_data()).get(_REASON, {}).get(id_.hex)
    if reason is None:
        answer.alert(visit.t.plain("refund-preview-gone"))
        return
    deps = visit.deps
    purchase = await refunds.refund(deps.db, deps.ways, deps.operators, id_, visit.user.id, reason)
    await visit.show(refund_done_screen(visit.t, purchase, clock.now()))


async def cancel(
    _: TelegramObject, visit: Visit, callback_data: CancelRefund, state: FSMContext
) -> None:
    await state.update_data({_REASON: {}})
    await visit.show(kept_screen(visit.t, callback_data.purchase_id))
