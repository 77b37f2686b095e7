"""Tells whoever waits for a slow handler that it goes on (P8); the intake asks for it."""

from aiogram.types import Update

from app.bot.deps import BotDeps
from app.bot.screens.errors import slow_screen
from app.bot.texts import load_texts
from app.domain.messages import Lane


async def tell_slow(deps: BotDeps, update: Update) -> None:
    """Raises the sender's port errors."""
    event = update.message or update.callback_query
    if event is None or event.from_user is None:
        return
    t = load_texts().get(deps.languages.guess(event.from_user))
    # A private chat has its person's id.
    await deps.sender.send(event.from_user.id, slow_screen(t), lane=Lane.PERSON)
