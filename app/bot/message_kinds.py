"""What users send: the kinds of message that a bot can pass on, and those that it can't."""

from typing import Final

from aiogram.enums import ContentType

# What Telegram copies: https://core.telegram.org/bots/api#copymessage
PASSED_ON_KINDS: Final = frozenset(
    {
        ContentType.TEXT,
        ContentType.ANIMATION,
        ContentType.AUDIO,
        ContentType.CONTACT,
        ContentType.DICE,
        ContentType.DOCUMENT,
        ContentType.LOCATION,
        ContentType.PHOTO,
        ContentType.STICKER,
        ContentType.VENUE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
    }
)
# Users send these, too; the rest are Telegram's own service messages.
REFUSED_KINDS: Final = frozenset(
    {
        ContentType.CHECKLIST,
        ContentType.GAME,
        ContentType.PAID_MEDIA,
        ContentType.POLL,
        ContentType.STORY,
    }
)
