"""The commands that Telegram lists beside the input field."""

from collections.abc import Sequence
from typing import Final

from app.bot.texts import DEFAULT_LANGUAGE, LANGUAGES, load_texts
from app.domain.offer import Offer

Commands = dict[str | None, dict[str, str]]

NAMES: Final = (
    "menu",
    "plans",
    "trial",
    "subscription",
    "friends",
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


OPERATOR_NAMES: Final = ("person", "correct", "refund", "rpc")
_GROUP_NAMES: Final = ("track", "watches", "status", "fees", "help")
_TRACKING: Final = ("track", "watches", "status", "fees", "bind", "bridge", "rpc")
_UNLISTED: Final = ("start", "cancel", "paysupport", "unbind")


def is_command_name(name: str) -> bool:
    return name.lower() in {*NAMES, *_UNLISTED}


def list_all_commands(offer: Offer) -> tuple[Commands, Commands]:
    """Those of a private chat, and those of groups; only of what is on."""
    return list_commands(_pick(NAMES, offer)), list_commands(_pick(_GROUP_NAMES, offer))


def list_operators_commands(offer: Offer) -> Commands:
    """What an operator's own chat lists: their commands first, then those of every chat."""
    return list_commands([*pick_operator_names(offer), *_pick(NAMES, offer)])


def pick_operator_names(offer: Offer) -> list[str]:
    return _pick(OPERATOR_NAMES, offer)


def _pick(names: Sequence[str], offer: Offer) -> list[str]:
    off = set() if offer.tracking else set(_TRACKING)
    if not offer.trial:
        off.add("trial")
    return [name for name in names if name not in off]


def list_commands(names: Sequence[str] = NAMES) -> Commands:
    """By language code (None: everybody else's): command → description."""
    others: Commands = {None: _describe(DEFAULT_LANGUAGE, names)}
    spoken = {language: _describe(language, names) for language in LANGUAGES}
    return others | {
        code: described for code, described in spoken.items() if code != DEFAULT_LANGUAGE
    }


def _describe(language: str, names: Sequence[str]) -> dict[str, str]:
    t = load_texts().get(language)
    return {name: t.plain(f"command-{name}") for name in names}
