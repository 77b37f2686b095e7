"""Says everything the bot says in the user's language, with every value escaped (P12)."""

import html
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from aiogram.types import User as TelegramUser
from fluent.runtime import FluentBundle, FluentResource

from app.bot import formatting
from app.core.money import Money

LANGUAGES: Final = ("en", "ru")
DEFAULT_LANGUAGE: Final = "en"
LOCALES_PATH: Final = Path(__file__).parent / "locales"
_KNOWN_LANGUAGES: Final = 50_000

log = structlog.get_logger()


class Html(str):
    """Text that is HTML already: as a value of another text it is not escaped again."""

    __slots__ = ()


class Translator:
    def __init__(self, language: str, bundle: FluentBundle, zone: tzinfo = UTC) -> None:
        self.language = language
        self._bundle = bundle
        self._zone = zone

    def in_zone(self, name: str) -> "Translator":
        """The same with the days and hours of a time zone: Telegram does not send a user's own."""
        return Translator(self.language, self._bundle, ZoneInfo(name))

    def __call__(self, key: str, **values: str | int) -> Html:
        """HTML for a message. Raises LookupError for an unknown key."""
        return Html(self._format(key, {name: _escape(value) for name, value in values.items()}))

    def plain(self, key: str, **values: str | int) -> str:
        """For buttons, toasts and invoices, which know no markup."""
        return self._format(key, values)

    def date(self, instant: datetime) -> str:
        return formatting.format_long_date(instant, self.language, self._zone)

    def instant(self, moment: datetime) -> str:
        return formatting.format_instant(moment, self.language, self._zone)

    def price(self, money: Money) -> str:
        return formatting.format_price(money.amount, money.currency, self.language)

    def price_text(self, text: str) -> str:
        return formatting.format_price_text(text, self.language)

    def size(self, size_bytes: int) -> str:
        return formatting.format_size(size_bytes, self.language)

    def _format(self, key: str, values: Mapping[str, str | int]) -> str:
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise LookupError(key)
        text, errors = self._bundle.format_pattern(pattern, dict(values))
        if errors:
            # The user still gets the rest of the sentence.
            log.error(
                "text_incomplete", key=key, language=self.language, errors=list(map(str, errors))
            )
        return str(text)


class Translators:
    def __init__(self, translators: Mapping[str, Translator]) -> None:
        self._translators = translators

    def get(self, language: str) -> Translator:
        """The default language's for one that we don't speak."""
        return self._translators.get(language) or self._translators[DEFAULT_LANGUAGE]


@cache
def load_translators() -> Translators:
    """Read once a process: parsing takes longer than a tap should."""
    return Translators({language: Translator(language, _load(language)) for language in LANGUAGES})


def pick_language(telegram_code: str | None) -> str:
    """Ours for Telegram's IETF tag ("ru", "pt-br"), which not every client sends."""
    code = (telegram_code or "").partition("-")[0].lower()
    return code if code in LANGUAGES else DEFAULT_LANGUAGE


class KnownLanguages:
    """Which one a user was last seen with, for the minutes without a database (P8).

    Bounded: who was seen longest ago is forgotten first.
    """

    def __init__(self, limit: int = _KNOWN_LANGUAGES) -> None:
        self._languages: OrderedDict[int, str] = OrderedDict()
        self._limit = limit

    def remember(self, user_id: int, language: str) -> None:
        self._languages[user_id] = language
        self._languages.move_to_end(user_id)
        if len(self._languages) > self._limit:
            self._languages.popitem(last=False)

    def guess(self, user: TelegramUser) -> str:
        return self._languages.get(user.id) or pick_language(user.language_code)


def _load(language: str) -> FluentBundle:
    # No isolating: Telegram would show the invisible marks in what users copy.
    bundle = FluentBundle([language], use_isolating=False)
    for path in sorted((LOCALES_PATH / language).glob("*.ftl")):
        bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle


def _escape(value: str | int) -> str | int:
    return value if isinstance(value, Html | int) else html.escape(value, quote=False)
