"""Tells whoever waits for a slow handler that it goes on (P8); the intake asks for it."""

from aiogram.types import Update

from app.bot.deps import BotDeps
from app.bot.screens.errors import slow_screen
from app.bot.texts import load_texts
from app.bot.topics import topic_of
from app.domain.messages import Lane


async def tell_slow(deps: BotDeps, update: Update) -> None:
    """Raises the sender's port errors."""
    event = update.message or update.callback_query
    tapped = update.callback_query.message if update.callback_query else None
    message = update.message or tapped
    if event is None or event.from_user is None or message is None:
        return
    t = load_texts().get(deps.languages.guess(event.from_user))
    await deps.sender.send(
        message.chat.id, slow_screen(t), lane=Lane.PERSON, thread_id=topic_of(message)
    )
