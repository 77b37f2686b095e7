"""The commands that Telegram lists beside the input field."""

from collections.abc import Sequence
from typing import Final

from app.bot.i18n import DEFAULT_LANGUAGE, LANGUAGES, load_translators
from app.domain.offer import Offer

_CommandsByLanguage = dict[str | None, dict[str, str]]

COMMAND_NAMES: Final = (
    "menu",
    "plans",
    "trial",
    "subscription",
    "friends",
    "gifts",
    "balance",
    "promo",
    "track",
    "watches",
    "status",
    "fees",
    "bind",
    "bridge",
    "help",
    "support",
    "language",
    "privacy",
)


_OPERATOR_COMMAND_NAMES: Final = ("person", "correct", "refund", "export", "rpc")
_GROUP_NAMES: Final = ("track", "watches", "status", "fees", "help")
_TRACKING: Final = ("track", "watches", "status", "fees", "bind", "bridge", "rpc")
_UNLISTED: Final = ("start", "cancel", "paysupport", "unbind")


def is_command_name(name: str) -> bool:
    return name.lower() in {*COMMAND_NAMES, *_UNLISTED}


def list_all_commands(offer: Offer) -> tuple[_CommandsByLanguage, _CommandsByLanguage]:
    """Those of a private chat, and those of groups; only of what is on."""
    return list_commands(_pick(COMMAND_NAMES, offer)), list_commands(_pick(_GROUP_NAMES, offer))


def list_operator_commands(offer: Offer) -> _CommandsByLanguage:
    """What an operator's own chat lists: their commands first, then those of every chat."""
    return list_commands([*pick_operator_names(offer), *_pick(COMMAND_NAMES, offer)])


def pick_operator_names(offer: Offer) -> list[str]:
    return _pick(_OPERATOR_COMMAND_NAMES, offer)


def _pick(names: Sequence[str], offer: Offer) -> list[str]:
    off = set() if offer.tracking else set(_TRACKING)
    if not offer.trial:
        off.add("trial")
    return [name for name in names if name not in off]


def list_commands(names: Sequence[str] = COMMAND_NAMES) -> _CommandsByLanguage:
    """By language code (None: everybody else's): command → description."""
    others: _CommandsByLanguage = {None: _describe(DEFAULT_LANGUAGE, names)}
    translated = {language: _describe(language, names) for language in LANGUAGES}
    return others | {
        code: described for code, described in translated.items() if code != DEFAULT_LANGUAGE
    }


def _describe(language: str, names: Sequence[str]) -> dict[str, str]:
    t = load_translators().get(language)
    return {name: t.plain(f"command-{name}") for name in names}
