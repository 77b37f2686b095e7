"""What the operator does with a person's money, and what he looks at first."""

import re
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message, TelegramObject

from app.bot.amounts import read_signed
from app.bot.filters import FromOperator, command
from app.bot.screens.corrections import (
    corrected_screen,
    how_to_correct_screen,
    how_to_see_person_screen,
    long_reason_screen,
    person_screen,
)
from app.bot.visit import Visit
from app.core import clock
from app.services.money import corrections
from app.services.money.balance_page import require_person

_PERSON: Final = re.compile(r"[0-9]{1,15}")  # Telegram's ids have at most 52 bits


def create_router(operators: tuple[int, ...]) -> Router:
    router = Router(name="corrections")
    from_operator = FromOperator(operators)
    router.message.register(correct, from_operator, command("correct"))
    router.message.register(open_person, from_operator, command("person"))
    return router


async def correct(message: Message, visit: Visit, command: CommandObject) -> None:
    """`/correct <person> <+/-amount> <reason>`."""
    person, typed, reason = [*(command.args or "").split(maxsplit=2), "", "", ""][:3]
    amount = read_signed(typed, visit.shop.currency)
    if not _PERSON.fullmatch(person) or amount is None or not reason:
        await visit.show(how_to_correct_screen(visit.t, visit.shop.currency))
        return
    if len(reason) > corrections.LONGEST_REASON:
        await visit.show(long_reason_screen(visit.t, corrections.LONGEST_REASON))
        return
    balance = await corrections.correct(
        visit.deps.db, visit.user.id, message.message_id, int(person), amount, reason
    )
    await visit.show(corrected_screen(visit.t, int(person), amount, balance))


async def open_person(_: TelegramObject, visit: Visit, command: CommandObject) -> None:
    """`/person <id>`."""
    person = (command.args or "").strip()
    if not _PERSON.fullmatch(person):
        await visit.show(how_to_see_person_screen(visit.t))
        return
    page = await require_person(visit.deps.db, int(person))
    await visit.show(person_screen(visit.t, page, clock.now()))
