"""How an operator corrects a user's balance: first what it would do, then, once, the correction."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, TelegramObject

from app.bot.amounts import read_signed_amount
from app.bot.callbacks import CancelCorrection, ConfirmCorrection
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import FromOperator, command
from app.bot.screens.corrections import (
    correction_cancelled_screen,
    correction_done_screen,
    correction_preview_screen,
    how_to_correct_screen,
    reason_too_long_screen,
)
from app.core import clock
from app.core.money import Money
from app.domain.operator_roles import Permission
from app.services import audit
from app.services.operations import corrections

_USER_ID: Final = re.compile(r"[0-9]{1,15}")  # Telegram's ids have at most 52 bits

_PENDING: Final = "correction"
# A question this old is about a balance that may be another one by now.
_CONFIRMATION_LIFETIME: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _PendingCorrection:
    """A correction that waits for its tap; there is no room for it in a button."""

    message_id: int
    user_id: int
    amount: Money
    reason: str
    at: datetime


def create_router() -> Router:
    router = Router(name="corrections")
    may_correct = FromOperator(Permission.CORRECT_BALANCES)
    router.message.register(show_correction_preview, may_correct, command("correct"))
    router.callback_query.register(confirm_correction, may_correct, ConfirmCorrection.filter())
    router.callback_query.register(cancel_correction, may_correct, CancelCorrection.filter())
    return router


async def show_correction_preview(
    message: Message, context: BotContext, command: CommandObject, state: FSMContext
) -> None:
    """`/correct <person> <+/-amount> <reason>`."""
    user_id, typed = [*(command.args or "").split(maxsplit=1), "", ""][:2]
    await preview_typed_correction(context, state, message.message_id, user_id, typed)


async def preview_typed_correction(
    context: BotContext, state: FSMContext, message_id: int, user_id: str, asked: str
) -> None:
    """`asked`: an amount with its sign, then the reason."""
    typed, reason = [*asked.split(maxsplit=1), "", ""][:2]
    amount = read_signed_amount(typed, context.shop.currency)
    if not _USER_ID.fullmatch(user_id) or amount is None or not reason:
        most = Money(context.shop.correction_most_minor, context.shop.currency)
        await context.show(how_to_correct_screen(context.t, most))
        return
    if len(reason) > corrections.MAX_CORRECTION_REASON_LENGTH:
        await context.show(
            reason_too_long_screen(context.t, corrections.MAX_CORRECTION_REASON_LENGTH)
        )
        return
    found = await corrections.preview_correction(context.deps.db, int(user_id), amount)
    await audit.record_data_access(
        context.deps.db, context.user.id, "balance_viewed", f"user:{user_id}"
    )
    pending = _PendingCorrection(message_id, int(user_id), amount, reason, clock.now())
    await state.set_state(None)
    await state.update_data({_PENDING: _dump(pending)})
    await context.show(correction_preview_screen(context.t, found, amount, reason, message_id))


async def confirm_correction(
    _: TelegramObject,
    context: BotContext,
    callback_data: ConfirmCorrection,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    """What was asked stays there: of two taps the second finds the entry that the first made."""
    asked = _load((await state.get_data()).get(_PENDING))
    if (
        asked is None
        or asked.message_id != callback_data.message_id
        or clock.now() - asked.at > _CONFIRMATION_LIFETIME
    ):
        answer.alert(context.t.plain("error-correction-gone"))
        return
    balance = await corrections.correct_balance(
        context.deps.db,
        context.user.id,
        asked.message_id,
        asked.user_id,
        asked.amount,
        asked.reason,
    )
    await context.show(correction_done_screen(context.t, asked.user_id, asked.amount, balance))


async def cancel_correction(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.update_data({_PENDING: None})
    await context.show(correction_cancelled_screen(context.t))


def _dump(asked: _PendingCorrection) -> dict[str, str | int]:
    """As JSON keeps it."""
    return {
        "message_id": asked.message_id,
        "user_id": asked.user_id,
        "minor": asked.amount.minor,
        "currency": asked.amount.currency,
        "reason": asked.reason,
        "at": asked.at.isoformat(),
    }


def _load(stored: dict[str, Any] | None) -> _PendingCorrection | None:
    if not stored:
        return None
    amount = Money(stored["minor"], stored["currency"])
    at = datetime.fromisoformat(stored["at"])
    return _PendingCorrection(stored["message_id"], stored["user_id"], amount, stored["reason"], at)
