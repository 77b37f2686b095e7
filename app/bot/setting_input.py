"""Reads a setting's new value the way operators type it."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from pydantic import JsonValue

from app.bot.amounts import read_amount
from app.domain.setting_kinds import SettingKind, get_setting_kind

MAX_SETTING_TEXT: Final = 4000  # a list of tokens is the longest
_MAX_WORD: Final = 200
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
_BETWEEN: Final = re.compile(r"[,;\s]+")
_BETWEEN_AMOUNTS: Final = re.compile(r";\s*|,\s+|\s+")  # a comma may stand in an amount
_CHAIN_VALUE: Final = re.compile(r"([a-z][a-z0-9]{1,15})\s*[:=]?\s*([0-9]{1,18}(?:\.[0-9]{1,18})?)")


def read_setting(name: str, typed: str, currency: str) -> str | None:
    """As JSON, to be checked by the setting's own rules; None for what can't be read."""
    value = _read(get_setting_kind(name), typed.strip()[:MAX_SETTING_TEXT], currency)
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _read(kind: SettingKind, typed: str, currency: str) -> JsonValue:
    if kind is SettingKind.MONEY:
        return _read_minor(typed, currency)
    if kind is SettingKind.MONEY_LIST:
        amounts = [_read_minor(part, currency) for part in _BETWEEN_AMOUNTS.split(typed)]
        return None if None in amounts else list(amounts)
    reader = _READERS.get(kind)
    return reader(typed) if reader else None


def _read_number(typed: str) -> JsonValue:
    bare = "".join(typed.split())
    return int(bare) if _NUMBER.fullmatch(bare) else None


def _read_numbers(typed: str) -> JsonValue:
    parts = [part for part in _BETWEEN.split(typed) if part]
    return [int(part) for part in parts] if all(map(_NUMBER.fullmatch, parts)) else None


def _read_text(typed: str) -> JsonValue:
    return typed if 0 < len(typed) <= _MAX_WORD else None


def _read_lines(typed: str) -> JsonValue:
    return list(typed.split())


def _read_by_chain(typed: str) -> JsonValue:
    lowered = typed.lower()
    if _BETWEEN.sub("", _CHAIN_VALUE.sub("", lowered)):
        return None
    return {chain: _to_number(value) for chain, value in _CHAIN_VALUE.findall(lowered)}


_READERS: Final[Mapping[SettingKind, Callable[[str], JsonValue]]] = {
    SettingKind.NUMBER: _read_number,
    SettingKind.NUMBERS: _read_numbers,
    SettingKind.TEXT: _read_text,
    SettingKind.LINES: _read_lines,
    SettingKind.BY_CHAIN: _read_by_chain,
}


def _read_minor(typed: str, currency: str) -> int | None:
    money = read_amount(typed, currency)
    return money.minor if money else None


def _to_number(value: str) -> int | str:
    """What has a point stays a text: a float would not be what was typed."""
    return value if "." in value else int(value)
