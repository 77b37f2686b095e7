"""What the bot does not understand is answered too; registered last (P8)."""

from typing import Final

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.types import Message, TelegramObject

from app.bot.screens.menu import hint_screen, menu_screen
from app.bot.visit import TapAnswer, Visit

# What people send; the rest are Telegram's own notes about the chat.
_SENT: Final = frozenset(
    {
        ContentType.TEXT,
        ContentType.ANIMATION,
        ContentType.AUDIO,
        ContentType.CHECKLIST,
        ContentType.CONTACT,
        ContentType.DICE,
        ContentType.DOCUMENT,
        ContentType.GAME,
        ContentType.LOCATION,
        ContentType.PAID_MEDIA,
        ContentType.PHOTO,
        ContentType.POLL,
        ContentType.STICKER,
        ContentType.STORY,
        ContentType.VENUE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
    }
)


def create_router() -> Router:
    router = Router(name="unknown")
    router.message.register(hint)
    router.callback_query.register(tell_outdated)
    return router


async def hint(message: Message, visit: Visit) -> None:
    if visit.is_private and message.content_type in _SENT:
        is_command = (message.text or "").startswith("/")
        await visit.show(hint_screen(visit.t, visit.offer, is_command=is_command))


async def tell_outdated(_: TelegramObject, visit: Visit, answer: TapAnswer) -> None:
    """The menu comes as a new message: the old one may be a letter worth keeping."""
    if not visit.is_private:
        answer.alert(visit.t.plain("group-outdated-toast"))
        return
    answer.alert(visit.t.plain("button-outdated"))
    await visit.send(menu_screen(visit.t, visit.offer))
