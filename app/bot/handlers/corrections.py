"""What the operator does with a person's money, and what he looks at first."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, TelegramObject

from app.bot.amounts import read_signed
from app.bot.callbacks import CancelCorrection, ConfirmCorrection
from app.bot.filters import FromOperator, command
from app.bot.screens.corrections import (
    corrected_screen,
    correction_screen,
    how_to_correct_screen,
    how_to_see_person_screen,
    long_reason_screen,
    not_corrected_screen,
    not_found_screen,
    person_screen,
)
from app.bot.visit import TapAnswer, Visit
from app.core import clock
from app.core.money import Money
from app.domain.user_lookup import read_user_query
from app.services import audit
from app.services.operations import corrections
from app.services.operations.user_lookup import find_user
from app.services.operations.user_page import require_person

_PERSON: Final = re.compile(r"[0-9]{1,15}")  # Telegram's ids have at most 52 bits

_ASKED: Final = "correction"
# A question this old is about a balance that may be another one by now.
ASKED_FOR: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A correction that waits for its tap; there is no room for it in a button."""

    message_id: int
    user_id: int
    amount: Money
    reason: str
    at: datetime


def create_router(operators: tuple[int, ...]) -> Router:
    router = Router(name="corrections")
    from_operator = FromOperator(operators)
    router.message.register(preview, from_operator, command("correct"))
    router.callback_query.register(confirm, from_operator, ConfirmCorrection.filter())
    router.callback_query.register(cancel, from_operator, CancelCorrection.filter())
    router.message.register(open_person, from_operator, command("person"))
    return router


async def preview(
    message: Message, visit: Visit, command: CommandObject, state: FSMContext
) -> None:
    """`/correct <person> <+/-amount> <reason>`."""
    person, typed, reason = [*(command.args or "").split(maxsplit=2), "", "", ""][:3]
    amount = read_signed(typed, visit.shop.currency)
    if not _PERSON.fullmatch(person) or amount is None or not reason:
        most = Money(visit.shop.correction_most_minor, visit.shop.currency)
        await visit.show(how_to_correct_screen(visit.t, most))
        return
    if len(reason) > corrections.LONGEST_REASON:
        await visit.show(long_reason_screen(visit.t, corrections.LONGEST_REASON))
        return
    found = await corrections.preview(visit.deps.db, int(person), amount)
    await audit.record_look(visit.deps.db, visit.user.id, "balance_viewed", f"user:{person}")
    asked = _Asked(message.message_id, int(person), amount, reason, clock.now())
    await state.update_data({_ASKED: _dump(asked)})
    await visit.show(correction_screen(visit.t, found, amount, reason, message.message_id))


async def confirm(
    _: TelegramObject,
    visit: Visit,
    callback_data: ConfirmCorrection,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    """What was asked stays there: of two taps the second finds the entry that the first made."""
    asked = _load((await state.get_data()).get(_ASKED))
    if (
        asked is None
        or asked.message_id != callback_data.message_id
        or clock.now() - asked.at > ASKED_FOR
    ):
        answer.alert(visit.t.plain("error-correction-gone"))
        return
    balance = await corrections.correct(
        visit.deps.db, visit.user.id, asked.message_id, asked.user_id, asked.amount, asked.reason
    )
    await visit.show(corrected_screen(visit.t, asked.user_id, asked.amount, balance))


async def cancel(_: TelegramObject, visit: Visit, state: FSMContext) -> None:
    await state.update_data({_ASKED: None})
    await visit.show(not_corrected_screen(visit.t))


async def open_person(_: TelegramObject, visit: Visit, command: CommandObject) -> None:
    """`/person <@name, id, order or invoice>`."""
    typed = (command.args or "").strip()
    query = read_user_query(typed)
    if query is None:
        await visit.show(how_to_see_person_screen(visit.t))
        return
    found = await find_user(visit.deps.db, query)
    if found is None:
        await visit.show(not_found_screen(visit.t, typed))
        return
    page = await require_person(visit.deps.db, found.id, found.purchase_id)
    await audit.record_look(visit.deps.db, visit.user.id, "person_viewed", f"user:{page.user.id}")
    await visit.show(person_screen(visit.t, page, found, typed, clock.now()))


def _dump(asked: _Asked) -> dict[str, str | int]:
    """As JSON keeps it."""
    return {
        "message_id": asked.message_id,
        "user_id": asked.user_id,
        "minor": asked.amount.minor,
        "currency": asked.amount.currency,
        "reason": asked.reason,
        "at": asked.at.isoformat(),
    }


def _load(kept: dict[str, Any] | None) -> _Asked | None:
    if not kept:
        return None
    amount = Money(kept["minor"], kept["currency"])
    at = datetime.fromisoformat(kept["at"])
    return _Asked(kept["message_id"], kept["user_id"], amount, kept["reason"], at)
