"""Says everything the bot says in the user's language, with every value escaped (P12)."""

import html
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from aiogram.types import User as TelegramUser
from fluent.runtime import FluentBundle, FluentResource

from app.bot import formatting
from app.core.money import Money
from app.domain.pages import fill_placeholders

LANGUAGES: Final = ("en", "ru")
DEFAULT_LANGUAGE: Final = "en"
LOCALES_PATH: Final = Path(__file__).parent / "locales"
_KNOWN_LANGUAGES: Final = 50_000

_ENTRY: Final = re.compile(r"^(?=(-?[a-z][a-z0-9-]*) =)", re.MULTILINE)
_REFERENCE: Final = re.compile(r"\{\s*(-?[a-z][a-z0-9-]*)")

log = structlog.get_logger()


class Html(str):
    """Text that is HTML already: as a value of another text it is not escaped again."""

    __slots__ = ()


class _Texts:
    """Those of one language, each parsed when it is first said.

    To parse all of them takes longer than a tap should, and more memory than those that are said.
    """

    def __init__(self, language: str, folders: Sequence[Path]) -> None:
        # No isolating: Telegram would show the invisible marks in what users copy.
        self._bundle = FluentBundle([language], use_isolating=False)
        self._unparsed: dict[str, str] = {}
        paths = [path for folder in folders for path in sorted((folder / language).glob("*.ftl"))]
        for path in paths:
            _, *parts = _ENTRY.split(path.read_text(encoding="utf-8"))
            self._unparsed.update(zip(parts[::2], parts[1::2], strict=True))

    def format(self, key: str, values: Mapping[str, str | int]) -> tuple[str, list[Exception]]:
        """Also what could not be filled in. Raises LookupError for an unknown key."""
        self._parse(key)
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise LookupError(key)
        text, errors = self._bundle.format_pattern(pattern, dict(values))
        return str(text), errors

    def _parse(self, key: str) -> None:
        """With what it mentions."""
        source = self._unparsed.pop(key, None)
        if source is not None:
            self._bundle.add_resource(FluentResource(source))
            for name in _REFERENCE.findall(source):
                self._parse(name)


class Translator:
    """`own`: texts of the shop's own, as HTML, in place of those of these keys."""

    def __init__(
        self,
        language: str,
        texts: _Texts,
        zone: tzinfo = UTC,
        own: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.language = language
        self._texts = texts
        self._zone = zone
        self._own = own

    def in_zone(self, name: str) -> "Translator":
        """The same with the days and hours of a time zone: Telegram does not send a user's own."""
        return Translator(self.language, self._texts, ZoneInfo(name), self._own)

    def with_own(self, texts: Mapping[str, str]) -> "Translator":
        return Translator(self.language, self._texts, self._zone, texts)

    def __call__(self, key: str, **values: str | int) -> Html:
        """HTML for a message. Raises LookupError for an unknown key."""
        own = self.own(key, **values)
        if own is not None:
            return own
        return Html(self._format(key, {name: _escape(value) for name, value in values.items()}))

    def own(self, key: str, **values: str | int) -> Html | None:
        """The shop's own text for it, if there is one."""
        if key not in self._own:
            return None
        escaped = {name: str(_escape(value)) for name, value in values.items()}
        return Html(fill_placeholders(self._own[key], escaped))

    def plain(self, key: str, **values: str | int) -> str:
        """For buttons, toasts and invoices, which know no markup."""
        return self._format(key, values)

    def date(self, instant: datetime) -> str:
        return formatting.format_long_date(instant, self.language, self._zone)

    def instant(self, moment: datetime) -> str:
        return formatting.format_instant(moment, self.language, self._zone)

    def number(self, number: int) -> str:
        return formatting.format_number(number, self.language)

    def price(self, money: Money) -> str:
        return formatting.format_price(money.amount, money.currency, self.language)

    def price_text(self, text: str) -> str:
        return formatting.format_price_text(text, self.language)

    def size(self, size_bytes: int) -> str:
        return formatting.format_size(size_bytes, self.language)

    def _format(self, key: str, values: Mapping[str, str | int]) -> str:
        text, errors = self._texts.format(key, values)
        if errors:
            # The user still gets the rest of the sentence.
            log.error(
                "text_incomplete", key=key, language=self.language, errors=list(map(str, errors))
            )
        return text


class Translators:
    def __init__(self, translators: Mapping[str, Translator]) -> None:
        self._translators = translators

    def get(self, language: str) -> Translator:
        """The default language's for one that we don't speak."""
        return self._translators.get(language) or self._translators[DEFAULT_LANGUAGE]


@cache
def load_translators(*further: Path) -> Translators:
    """Read once a process. `further` folders of locales add theirs to the bot's."""
    folders = (LOCALES_PATH, *further)
    return Translators(
        {language: Translator(language, _Texts(language, folders)) for language in LANGUAGES}
    )


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


def _escape(value: str | int) -> str | int:
    return value if isinstance(value, Html | int) else html.escape(value, quote=False)
