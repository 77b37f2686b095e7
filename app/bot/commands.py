"""The commands that Telegram lists beside the input field."""

from collections.abc import Sequence
from typing import Final

from app.bot.i18n import DEFAULT_LANGUAGE, LANGUAGES, load_translators
from app.domain.offer import Offer
from app.domain.operator_roles import OperatorRole, Permission, has_permission

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
    "news",
    "privacy",
)


_OPERATOR_COMMANDS: Final = {
    "admin": Permission.OPEN_HOME,
    "person": Permission.VIEW_USERS,
    "questions": Permission.ANSWER_QUESTIONS,
    "attention": Permission.SETTLE_ATTENTION,
    "correct": Permission.CORRECT_BALANCES,
    "refund": Permission.REFUND_ORDERS,
    "export": Permission.EXPORT_TABLES,
    "broadcast": Permission.BROADCAST,
    "campaigns": Permission.RUN_CAMPAIGNS,
    "rpc": Permission.VIEW_CHAINS,
    "audit": Permission.VIEW_AUDIT,
    "staff": Permission.APPOINT_STAFF,
}
_GROUP_NAMES: Final = ("track", "watches", "status", "fees", "help")
_TRACKING: Final = ("track", "watches", "status", "fees", "bind", "bridge", "rpc")
_UNLISTED: Final = ("start", "cancel", "paysupport", "unbind", "feed", "forum")


def get_command_name(text: str) -> str | None:
    """In lower case, without the bot's name; None for what is no command."""
    if not text.startswith("/"):
        return None
    return text[1:].partition(" ")[0].partition("@")[0].lower()


def is_command_name(name: str) -> bool:
    return name.lower() in {*COMMAND_NAMES, *_UNLISTED}


def list_all_commands(offer: Offer) -> tuple[_CommandsByLanguage, _CommandsByLanguage]:
    """Those of a private chat, and those of groups; only of what is on."""
    return list_commands(_pick(COMMAND_NAMES, offer)), list_commands(_pick(_GROUP_NAMES, offer))


def list_operator_commands(role: OperatorRole, offer: Offer) -> _CommandsByLanguage:
    """What an operator's own chat lists: their commands first, then those of every chat."""
    return list_commands([*pick_operator_names(role, offer), *_pick(COMMAND_NAMES, offer)])


def pick_operator_names(role: OperatorRole, offer: Offer) -> list[str]:
    names = [name for name, needed in _OPERATOR_COMMANDS.items() if has_permission(role, needed)]
    return _pick(names, offer)


def _pick(names: Sequence[str], offer: Offer) -> list[str]:
    off = set() if offer.tracking else set(_TRACKING)
    if not offer.trial:
        off.add("trial")
    return [name for name in names if name not in off]


LANGUAGE_CODES: Final = (None, *(code for code in LANGUAGES if code != DEFAULT_LANGUAGE))
"""Telegram keeps a list for each; None's is shown to everybody else."""


def list_commands(names: Sequence[str] = COMMAND_NAMES) -> _CommandsByLanguage:
    """By language code (None: everybody else's): command → description."""
    return {code: _describe(code or DEFAULT_LANGUAGE, names) for code in LANGUAGE_CODES}


def _describe(language: str, names: Sequence[str]) -> dict[str, str]:
    t = load_translators().get(language)
    return {name: t.plain(f"command-{name}") for name in names}
