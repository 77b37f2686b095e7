"""Dates, prices and sizes the way each language writes them, and how much of a limit is used."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_DOWN, Decimal
from typing import Final

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from babel.units import format_unit

from app.domain.subscriptions import GIBIBYTE

_STARS: Final = "XTR"
_DATES: Final = {"ru": "d MMMM y", "en": "MMMM d, y"}
_DAYS: Final = {"ru": "d MMMM", "en": "MMMM d"}
_SHORT_DAYS: Final = {"ru": "d MMM", "en": "MMM d"}
# Other abbreviations mean several zones, or nothing: those zones are shown by their offset.
_ZONES: Final = {"MSK": {"ru": "МСК", "en": "MSK"}}
_MEBIBYTE: Final = 1024**2
_BAR_CELLS: Final = 10


def format_long_date(instant: datetime, language: str, zone: tzinfo = UTC) -> str:
    """Like "22 ноября 2026"."""
    return format_date(instant.astimezone(zone), _DATES[language], locale=language)


def format_short_day(day: date, language: str) -> str:
    """Like "5 нояб.", "Nov 5"."""
    return format_date(day, _SHORT_DAYS[language], locale=language)


def format_month(day: date, language: str) -> str:
    """Like "нояб. 26", "Nov 26": the month it is in."""
    return format_date(day, "LLL yy", locale=language)


def format_number(number: int, language: str) -> str:
    """Like "1 284", "1,284"."""
    return format_decimal(number, locale=language)


def format_instant(moment: datetime, language: str, zone: tzinfo = UTC) -> str:
    """Like "18:40, 29 ноября (МСК)", "18:40, November 29 (UTC+05:00)"."""
    local = moment.astimezone(zone)
    day = format_date(local, _DAYS[language], locale=language)
    return f"{local:%H:%M}, {day} ({_zone(local, language)})"


def _zone(local: datetime, language: str) -> str:
    names = _ZONES.get(local.tzname() or "")
    return names[language] if names else str(timezone(local.utcoffset() or timedelta()))


def format_price(amount: Decimal, currency: str, language: str) -> str:
    """Like "$4.99", "4,99 $"; a currency without a sign keeps its code behind the number."""
    has_sign = get_currency_symbol(currency, locale=language) != currency
    # An amount finer than cents is no price of ours: rounded, it could look like one.
    if has_sign and amount == round(amount, 2):
        return format_currency(amount, currency, locale=language)
    number = format_decimal(amount, "#,##0.##################", locale=language)
    if currency == _STARS:
        return f"{number}\N{NO-BREAK SPACE}⭐"
    return f"{number}\N{NO-BREAK SPACE}{currency}"


def format_price_text(text: str, language: str) -> str:
    """The same for "4.99 USD"; what a provider sent in another form stays as it is."""
    amount, _, currency = text.partition(" ")
    try:
        return format_price(Decimal(amount), currency, language) if currency else text
    except (ArithmeticError, ValueError):
        return text


def format_size(size_bytes: int, language: str) -> str:
    """Like "1.5 GB", "512 MB": multiples of 1024, as panels and providers mean these names.

    Rounded down: no more is left than there is, and a limit is used up only when it is.
    """
    if size_bytes < GIBIBYTE:
        return format_unit(
            size_bytes // _MEBIBYTE, "digital-megabyte", length="short", locale=language
        )
    gigabytes = (Decimal(size_bytes) / GIBIBYTE).quantize(Decimal("0.1"), ROUND_DOWN)
    return format_unit(gigabytes, "digital-gigabyte", length="short", locale=language)


def draw_usage_bar(used: int, limit: int) -> str:
    """▓▓▓░░░░░░░; any use shows, and it is full only at the limit."""
    filled = min(used * _BAR_CELLS // limit, _BAR_CELLS)
    if used and not filled:
        filled = 1
    return "▓" * filled + "░" * (_BAR_CELLS - filled)
