"""Records who blocked or unblocked the bot; nobody is notified, as a blocked bot can't send."""

import structlog
from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberUpdated

from app.bot.deps import BotDeps
from app.bot.filters import InPrivate
from app.db.outage import is_outage
from app.services import users

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="membership")
    router.my_chat_member.register(record_block_status, InPrivate())
    return router


async def record_block_status(event: ChatMemberUpdated, deps: BotDeps) -> None:
    is_blocked = event.new_chat_member.status == ChatMemberStatus.KICKED
    remember = users.mark_bot_blocked if is_blocked else users.mark_bot_unblocked
    try:
        await remember(deps.db, event.from_user.id)
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("block_status_not_recorded")  # the next message to them finds it out
