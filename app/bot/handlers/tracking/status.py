"""/status: why a transaction waits, or how it ended."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext
from app.bot.filters import command
from app.bot.handlers.tracking.card_view import may_change_watch
from app.bot.late_notice import with_waiting_screen
from app.bot.mentions import classify_message_text, find_message_mentions
from app.bot.rate_limit import TooManyProbesError
from app.bot.screens.tracking.status import ask_status_hash_screen, status_screen
from app.bot.screens.tracking.track import ask_track_hash_screen as off_screen
from app.bot.screens.tracking.track import lookup_screen, unrecognized_hash_screen
from app.bot.topics import get_replied_message
from app.bot.tracking_callbacks import StatusPage
from app.domain.mentions import InputShape
from app.services.tracking.cards import ownership
from app.services.tracking.cards.diagnosis import diagnose_transaction


def create_router() -> Router:
    router = Router(name="status")
    router.message.register(open_status, command("status"))
    router.callback_query.register(open_status_page, StatusPage.filter())
    return router


async def open_status(message: Message, context: BotContext, command: CommandObject) -> None:
    """`/status <hash>`, or as a reply to a card, a notification or any message with a hash."""
    args = (command.args or "").strip()
    replied = get_replied_message(message)
    mentions = find_message_mentions(context.deps, message, args)
    tx_hash = mentions[0].tx_hash if mentions else None
    if not args and replied:
        known = await ownership.find_message_tx_hash(
            context.deps.db, context.chat_id, replied.message_id
        )
        there = find_message_mentions(context.deps, replied)
        tx_hash = known or (there[0].tx_hash if there else None)
    if tx_hash is not None and not (mentions and mentions[0].foreign):
        await _show(context, tx_hash)
    elif args:
        shape, digits = (
            (InputShape.FOREIGN, 0)
            if mentions
            else classify_message_text(context.deps, message, args)
        )
        await context.show(unrecognized_hash_screen(context.t, context.deps.chains, shape, digits))
    else:
        await context.show(ask_status_hash_screen(context.t))


async def open_status_page(
    _: TelegramObject, context: BotContext, callback_data: StatusPage
) -> None:
    """Below: the card it was tapped on stays."""
    context.message_id = None
    await _show(context, callback_data.tx_hash)


async def _show(context: BotContext, tx_hash: str) -> None:
    deps = context.deps
    if not deps.chains.all:
        await context.show(off_screen(context.t, deps.chains, in_group=not context.is_private))
        return
    if deps.probe_limit.take(context.user.id) is not None:
        raise TooManyProbesError
    diagnoses = await with_waiting_screen(
        context,
        diagnose_transaction(deps.db, deps.chains, tx_hash, context.shop),
        lookup_screen(context.t),
    )
    known = await ownership.find_chat_watches(deps.db, context.chat_id, tx_hash)
    for found in diagnoses:
        theirs = next((one for one in known if one.chain in {found.chain, None}), None)
        may_open = theirs is not None and may_change_watch(context, theirs.user_id)
        await context.show(
            status_screen(context.t, deps.chains, found, context.shop, theirs, may_open=may_open)
        )
        context.message_id = None
