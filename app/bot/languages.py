"""Which language a user was last seen with, for the minutes without a database (P8)."""

from collections import OrderedDict

from aiogram.types import User as TelegramUser

from app.bot.i18n import pick_language

_LIMIT = 50_000


class KnownLanguages:
    """Bounded: who was seen longest ago is forgotten first."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._languages: OrderedDict[int, str] = OrderedDict()
        self._limit = limit

    def remember(self, user_id: int, language: str) -> None:
        self._languages[user_id] = language
        self._languages.move_to_end(user_id)
        if len(self._languages) > self._limit:
            self._languages.popitem(last=False)

    def guess(self, user: TelegramUser) -> str:
        return self._languages.get(user.id) or pick_language(user.language_code)
