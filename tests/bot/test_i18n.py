"""Both languages say the same things, whole, and to everybody's grammar."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from app.bot import i18n
from app.bot.commands import list_commands
from app.bot.i18n import LANGUAGES, LOCALES_PATH, Html, load_translators, pick_language
from app.bot.renderer import NOTIFICATION_RENDERERS
from tests.architecture.source import modules

# Texts that button answers show: Telegram takes 200 characters there, and no markup.
ANSWERS = re.compile(
    r"error-.*|.*-toast|button-outdated|one-moment|language-set|refund-preview-gone"
    r"|checkout-(not-paid-yet|cannot-ask|not-open)|operator-(retried|nothing-to-retry|not-a-question)"
    r"|trial-not-open"
)


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


@cache
def _entries(language: str) -> list[ftl.EntryType]:
    resources = [
        FluentParser().parse(path.read_text()) for path in sorted(_files(language).values())
    ]
    return [entry for resource in resources for entry in resource.body]


def _files(language: str) -> dict[str, Path]:
    return {path.name: path for path in (LOCALES_PATH / language).glob("*.ftl")}


@cache
def _messages(language: str) -> dict[str, set[str]]:
    """Key → its variables."""
    found = {}
    for entry in _entries(language):
        if isinstance(entry, ftl.Message):
            variables = _Variables()
            variables.visit(entry)
            found[entry.id.name] = variables.names
    return found


def _used() -> Iterator[tuple[str, set[str], str]]:
    """Key, given values and place of every `t("…")` and `t.plain("…")` in the bot."""
    for module in modules("app/bot"):
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            first = node.args[0]
            is_text = ast.unparse(node.func) in {"t", "t.plain", "context.t", "context.t.plain"}
            if is_text and isinstance(first, ast.Constant) and isinstance(first.value, str):
                given = {word.arg or "**" for word in node.keywords}
                yield first.value, given, module.at(node, "")


def _named() -> tuple[set[str], tuple[str, ...]]:
    """Every string of the product, and how those begin that it puts together (f"method-{name}")."""
    named, begun = set(NOTIFICATION_RENDERERS), set()
    for module in modules("app/admin_web", "app/bot", "app/core", "app/domain", "app/services"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
    return named, tuple(start for start in begun if re.fullmatch(r"[a-z]+(-[a-z]+)*-", start))


def _error_keys() -> set[str]:
    """`text_key = "…"` of every expected error."""
    found = set()
    for module in modules("app/core", "app/services", "app/domain"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(
                node.value, ast.Constant
            ):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if "text_key" in map(ast.unparse, targets):
                    found.add(str(node.value.value))
    return found


def test_every_file_can_be_read_whole() -> None:
    junk = [entry for code in LANGUAGES for entry in _entries(code) if isinstance(entry, ftl.Junk)]
    assert junk == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_means_the_same_parsed_alone(language: str) -> None:
    """As the bot does it, when it says one for the first time."""
    alone = {
        key: next(entry for entry in FluentParser().parse(source).body if hasattr(entry, "id"))
        for key, source in i18n._Texts(language, [LOCALES_PATH])._unparsed.items()
    }
    whole = [entry for entry in _entries(language) if isinstance(entry, ftl.Message | ftl.Term)]
    assert len(alone) == len(whole) > 500
    for entry in whole:
        sign = "-" if isinstance(entry, ftl.Term) else ""
        assert entry.equals(alone[f"{sign}{entry.id.name}"], ignored_fields=["span", "comment"])


def test_a_text_brings_along_what_it_mentions() -> None:
    """It stands in another file."""
    t = i18n.Translator("en", i18n._Texts("en", [LOCALES_PATH]))
    assert "We’re not issuing keys right now." in t("trial-key-delayed", issued="no")


def test_the_languages_have_the_same_files_and_keys_once() -> None:
    assert _files("ru").keys() == _files("en").keys()
    assert _messages("ru").keys() == _messages("en").keys()
    for language in LANGUAGES:
        keys = [e.id.name for e in _entries(language) if isinstance(e, ftl.Message)]
        assert len(keys) == len(set(keys))


def test_the_languages_use_the_same_values() -> None:
    assert _messages("ru") == _messages("en")


def test_every_used_key_is_defined_and_gets_its_values() -> None:
    texts = _messages("en")
    problems = [
        f"{place}{key}: {sorted(given)} for {sorted(texts.get(key, {'nothing, it is missing'}))}"
        for key, given, place in _used()
        # A spread value (**prices) is shown by what renders it, below.
        if key not in texts or ("**" not in given and given != texts[key])
    ]
    assert problems == []
    assert len(list(_used())) > 50


def test_every_expected_error_has_a_text() -> None:
    assert _error_keys() >= {"error-unexpected", "error-plan-gone", "operator-not-a-question"}
    assert _error_keys() <= _messages("en").keys()


def _refusals() -> Iterator[tuple[str, set[str], str]]:
    """Key, given values and place of every change that is refused."""
    classes = {"ChangeRefusedError", "ChangeOvertakenError", "PromoCodeTakenError"}
    for module in modules("app"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in classes:
                _, key = node.args
                given = {str(word.arg) for word in node.keywords}
                yield ast.literal_eval(key), given, module.at(node, "")


def test_every_refusal_has_a_text_beside_the_command_lines_sentence() -> None:
    texts, refusals = _messages("en"), list(_refusals())
    assert [place + key for key, given, place in refusals if given != texts.get(key)] == []
    assert len(refusals) > 50


def test_no_text_is_left_over() -> None:
    named, begun = _named()
    left = {key for key in _messages("en") if key not in named and not key.startswith(begun)}
    assert left == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_buttons_answer_fits_and_has_no_markup(language: str) -> None:
    """P8: an answer that Telegram refuses is none."""
    t = load_translators().get(language)
    for key in filter(ANSWERS.fullmatch, _messages(language)):
        assert len(t.plain(key)) <= 200, key
        assert not re.search(r"[<>]|&\w+;", t.plain(key)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_russian_stays_russian_and_english_english(language: str) -> None:
    """But for the two buttons that lead to the languages, which speak both."""
    foreign = re.compile(r"[а-яё]", re.IGNORECASE)
    for entry in _entries(language):
        if isinstance(entry, ftl.Message) and not entry.id.name.endswith("-language"):
            parts = entry.value.elements if entry.value else []
            text = "".join(part.value for part in parts if isinstance(part, ftl.TextElement))
            if language == "en":
                assert not foreign.search(text), entry.id.name


@pytest.mark.parametrize(
    ("count", "days", "hours"),
    [
        (1, "1 день", "1 час"),
        (2, "2 дня", "2 часа"),
        (5, "5 дней", "5 часов"),
        (11, "11 дней", "11 часов"),
        (21, "21 день", "21 час"),
        (22, "22 дня", "22 часа"),
        (365, "365 дней", "365 часов"),
    ],
)
def test_russian_counts_days_and_hours(count: int, days: str, hours: str) -> None:
    t = load_translators().get("ru")
    assert (t("days", count=count), t("hours", count=count)) == (days, hours)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 устройство"),
        (2, "до 2 устройств"),
        (5, "до 5 устройств"),
        (11, "до 11 устройств"),
        (21, "до 21 устройства"),
    ],
)
def test_russian_counts_devices(count: int, text: str) -> None:
    assert load_translators().get("ru")("devices", count=count) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(1, "1 минуту"), (2, "2 минуты"), (5, "5 минут"), (11, "11 минут"), (21, "21 минуту")],
)
def test_russian_counts_the_minutes_of_an_invoice(minutes: int, text: str) -> None:
    sentence = load_translators().get("ru")("checkout-deadline", minutes=minutes, until="14:35")
    assert f"ещё {text}, до 14:35." in sentence


@pytest.mark.parametrize(("count", "text"), [(1, "1 day"), (2, "2 days"), (21, "21 days")])
def test_english_counts(count: int, text: str) -> None:
    assert load_translators().get("en")("days", count=count) == text


def test_values_are_escaped_and_never_twice() -> None:
    """P12: what somebody calls themselves is text, not markup."""
    t = load_translators().get("en")
    assert "<b>&lt;b&gt;&amp;</b>" in t("menu-hello", name="<b>&")
    assert "<b><i>x</i></b>" in t("menu-hello", name=Html("<i>x</i>"))
    assert "<b>&" in t.plain("menu-hello", name="<b>&")


@pytest.mark.parametrize(
    ("code", "language"),
    [("ru", "ru"), ("ru-RU", "ru"), ("en", "en"), ("pt-br", "en"), ("", "en"), (None, "en")],
)
def test_telegrams_language_picks_ours(code: str | None, language: str) -> None:
    assert pick_language(code) == language


def test_an_unknown_language_is_answered_in_the_default_one() -> None:
    assert load_translators().get("xx").language == "en"


def test_a_missing_value_costs_a_word_and_not_the_sentence() -> None:
    assert "Hi," in load_translators().get("en")("menu-hello")


def test_commands_are_described_as_telegram_takes_them() -> None:
    commands = list_commands()
    assert commands.keys() == {None, "ru"}
    assert commands[None].keys() == commands["ru"].keys()
    for descriptions in commands.values():
        for name, text in descriptions.items():
            assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
            assert 1 <= len(text) <= 256
