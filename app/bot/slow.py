"""Tells whoever waits for a slow handler that it goes on (P8); the intake asks for it."""

from aiogram.types import Update

from app.bot.deps import BotDeps
from app.bot.screens.errors import slow_screen
from app.bot.texts import load_texts
from app.bot.topics import send_beside


async def tell_slow(deps: BotDeps, update: Update) -> None:
    """Raises the sender's port errors."""
    event = update.message or update.callback_query
    tapped = update.callback_query.message if update.callback_query else None
    message = update.message or tapped
    if event is None or event.from_user is None or message is None:
        return
    t = load_texts().get(deps.languages.guess(event.from_user))
    await send_beside(deps.sender, message, slow_screen(t))
