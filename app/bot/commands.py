"""The commands that Telegram lists beside the input field."""

from typing import Final

from app.bot.texts import DEFAULT_LANGUAGE, LANGUAGES, load_texts

NAMES: Final = (
    "menu",
    "plans",
    "trial",
    "subscription",
    "friends",
    "balance",
    "promo",
    "help",
    "support",
    "language",
)


def list_commands() -> dict[str | None, dict[str, str]]:
    """By language code (None: everybody else's): command → description."""
    others: dict[str | None, dict[str, str]] = {None: _describe(DEFAULT_LANGUAGE)}
    spoken = {language: _describe(language) for language in LANGUAGES}
    return others | {
        code: described for code, described in spoken.items() if code != DEFAULT_LANGUAGE
    }


def _describe(language: str) -> dict[str, str]:
    t = load_texts().get(language)
    return {name: t.plain(f"command-{name}") for name in NAMES}
