"""Sends "still working" to a user whose handler is slow (P8); the update intake asks for it."""

import structlog
from aiogram.types import Update

from app.bot.deps import BotDeps
from app.bot.i18n import load_translators
from app.bot.screens.errors import late_notice_screen
from app.bot.topics import send_to_same_topic
from app.domain.ports import PortError

log = structlog.get_logger()


async def send_late_notice(deps: BotDeps, update: Update) -> None:
    event = update.message or update.callback_query
    tapped = update.callback_query.message if update.callback_query else None
    message = update.message or tapped
    if event is None or event.from_user is None or message is None:
        return
    t = load_translators().get(deps.languages.guess(event.from_user))
    try:
        await send_to_same_topic(deps.sender, message, late_notice_screen(t))
    except PortError as error:  # perhaps we may not write there
        log.info("late_notice_unsent", reason=str(error))
