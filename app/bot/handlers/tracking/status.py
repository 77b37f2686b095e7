"""/status: why a transaction waits, or how it ended."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message, TelegramObject

from app.bot.filters import command
from app.bot.handlers.tracking.showing import is_theirs
from app.bot.mentions import find_in, judge_in
from app.bot.probe_budget import TooManyProbesError
from app.bot.screens.tracking.status import ask_screen, status_screen
from app.bot.screens.tracking.track import ask_screen as off_screen
from app.bot.screens.tracking.track import looking_screen, no_hash_screen
from app.bot.slowly import and_tell
from app.bot.topics import replied_to
from app.bot.tracking_callbacks import StatusPage
from app.bot.visit import Visit
from app.domain.mentions import Shape
from app.services.tracking.cards import ownership
from app.services.tracking.cards.diagnosis import diagnose


def create_router() -> Router:
    router = Router(name="status")
    router.message.register(open_status, command("status"))
    router.callback_query.register(open_page, StatusPage.filter())
    return router


async def open_status(message: Message, visit: Visit, command: CommandObject) -> None:
    """`/status <hash>`, or as an answer to a card, a letter or any message with a hash."""
    args = (command.args or "").strip()
    replied = replied_to(message)
    mentions = find_in(visit.deps, message, args)
    tx_hash = mentions[0].tx_hash if mentions else None
    if not args and replied:
        known = await ownership.find_hash(visit.deps.db, visit.chat_id, replied.message_id)
        there = find_in(visit.deps, replied)
        tx_hash = known or (there[0].tx_hash if there else None)
    if tx_hash is not None and not (mentions and mentions[0].foreign):
        await _show(visit, tx_hash)
    elif args:
        shape, digits = (Shape.FOREIGN, 0) if mentions else judge_in(visit.deps, message, args)
        await visit.show(no_hash_screen(visit.t, visit.deps.chains, shape, digits))
    else:
        await visit.show(ask_screen(visit.t))


async def open_page(_: TelegramObject, visit: Visit, callback_data: StatusPage) -> None:
    """Below: the card it was tapped on stays."""
    visit.message_id = None
    await _show(visit, callback_data.tx_hash)


async def _show(visit: Visit, tx_hash: str) -> None:
    deps = visit.deps
    if not deps.chains.all:
        await visit.show(off_screen(visit.t, deps.chains, in_group=not visit.is_private))
        return
    if deps.probes.take(visit.user.id) is not None:
        raise TooManyProbesError
    diagnoses = await and_tell(
        visit, diagnose(deps.db, deps.chains, tx_hash, visit.shop), looking_screen(visit.t)
    )
    known = await ownership.find_watches(deps.db, visit.chat_id, tx_hash)
    for found in diagnoses:
        theirs = next((one for one in known if one.chain in {found.chain, None}), None)
        may_open = theirs is not None and is_theirs(visit, theirs.user_id)
        await visit.show(
            status_screen(visit.t, deps.chains, found, visit.shop, theirs, may_open=may_open)
        )
        visit.message_id = None
