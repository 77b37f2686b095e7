"""What operators write of the bot's own pages: texts of their own, pictures, rules and FAQ."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class PageText(StrEnum):
    """The value is the key of the standard text, where there is one. They are stored."""

    WELCOME = "welcome"
    MENU = "menu"
    HELP = "help"
    RULES = "rules"  # there is none until it is written
    TRIAL = "trial"
    CONNECT = "connect"
    CONNECT_IOS = "connect-ios"
    CONNECT_ANDROID = "connect-android"
    CONNECT_WINDOWS = "connect-windows"
    CONNECT_MACOS = "connect-macos"
    PAID = "key-ready-next"
    SUPPORT = "support-ask"
    MAINTENANCE = "maintenance"


class PicturePage(StrEnum):
    WELCOME = "welcome"
    RULES = "rules"
    FAQ = "faq"


# What a text may name in braces, and gets filled in.
PLACEHOLDERS: Final[Mapping[PageText, frozenset[str]]] = {
    PageText.WELCOME: frozenset({"name"}),
    PageText.TRIAL: frozenset({"days", "traffic", "devices"}),
}
_PLACEHOLDER: Final = re.compile(r"\{\s*([^{}\s]{1,32})\s*\}")

# Characters as they are seen. Telegram takes 4096, and 1024 below a picture: names are filled in,
# operators' commands are added to the help, and a key stands before what follows it.
MAX_PAGE_TEXT: Final = 3000
MAX_PAGE_CAPTION: Final = 900
_SHORTER: Final = {PageText.PAID: 200, PageText.MAINTENANCE: 900}

MAX_FAQ_ENTRIES: Final = 20  # in one language: all are buttons of one message
MAX_FAQ_QUESTION: Final = 60
MAX_FAQ_ANSWER: Final = 2000


@dataclass(frozen=True, slots=True)
class FaqEntry:
    id: int
    question: str
    answer: str  # HTML


@dataclass(frozen=True, slots=True)
class ShopPages:
    """`texts` and `faq` by language; a text is HTML. `pictures` are Telegram's file ids."""

    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    faq: Mapping[str, Sequence[FaqEntry]] = field(default_factory=dict)

    def get_texts(self, language: str) -> Mapping[str, str]:
        return self.texts.get(language, {})

    def get_text(self, language: str, name: PageText) -> str | None:
        return self.get_texts(language).get(name)

    def get_faq(self, language: str) -> Sequence[FaqEntry]:
        return self.faq.get(language, ())


def get_max_length(name: PageText, *, has_picture: bool) -> int:
    return _SHORTER.get(name, MAX_PAGE_CAPTION if has_picture else MAX_PAGE_TEXT)


def find_unknown_placeholders(name: PageText, html: str) -> list[str]:
    known = PLACEHOLDERS.get(name, frozenset())
    return [one for one in _PLACEHOLDER.findall(html) if one not in known]


def fill_placeholders(html: str, values: Mapping[str, str]) -> str:
    """`values` are HTML; what is not among them stays as it is written."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), html)
