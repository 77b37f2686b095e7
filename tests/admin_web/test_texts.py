"""The texts of the web: the same in both languages, and each one used."""

import ast
import re

from fluent.syntax import FluentParser
from fluent.syntax.ast import Message

from app.bot.i18n import LANGUAGES
from tests.architecture.source import ROOT, modules

_FOLDER = ROOT / "app" / "admin_web"
_PART = re.compile(r"\{[^}]*\}")


def _list_keys(language: str) -> list[str]:
    parser = FluentParser()
    entries = [
        entry
        for path in sorted((_FOLDER / "locales" / language).glob("*.ftl"))
        for entry in parser.parse(path.read_text(encoding="utf-8")).body
    ]
    return [entry.id.name for entry in entries if isinstance(entry, Message)]


def _list_used() -> list[re.Pattern[str]]:
    """Literals, and f-strings as patterns."""
    strings: set[str] = set()
    for module in modules("app"):
        if not module.is_in("app/admin_web/"):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = (
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z-]+"
                    for part in node.values
                )
                strings.add("".join(parts))
    return [re.compile(text) for text in strings if "web-" in text.replace("\\", "")]


def test_both_languages_say_the_same_things_once() -> None:
    english, russian = (_list_keys(language) for language in LANGUAGES)
    assert english == russian
    assert len(set(english)) == len(english)


def test_each_text_is_used() -> None:
    used = _list_used()
    unused = [
        key for key in _list_keys("en") if not any(pattern.fullmatch(key) for pattern in used)
    ]
    assert unused == []
