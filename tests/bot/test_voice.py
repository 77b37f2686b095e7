"""The shop and the tracker are one "we" in every text, and of nobody's gender."""

import re
from typing import Final

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from app.bot.i18n import LANGUAGES, LOCALES_PATH

# What a user sends to a friend is said by the user.
USERS_OWN: Final = "friends-share-text"
# "my" stays in both: "My subscription" is what its owner reads on a button.
_FIRST_PERSON: Final = {
    "en": re.compile(r"\b(?:I|me|mine|myself)\b"),
    "ru": re.compile(
        r"\b(?:я|мне|меня|мной|мною)\b"
        r"|\b(?:по|подо|при|за|от|с|у)?(?:буду|жду|могу|хочу|беру|найду|приму|верну|начну|пойму)\b"
        # слежу, покажу, напишу, поищу, помолчу, отвечу; сообщаю, умею; добавлю, куплю.
        r"|\b\w*(?:слежу|вижу|кажу|пишу|ищу|молчу|прошу|отвечу|[ая]ю|\wею|[вблмп]лю|сообщу|проверю)\b"
        r"|\b(?:рекомендую|советую|помню|говорю|посмотрю)\b",
        re.IGNORECASE,
    ),
}
# Where a sentence or a part of it begins with one person's past tense or short form ("Понял",
# "Сам найду"), after the conditional ("бы не заметил"), and both forms in one ("рад(а)").
_GENDERED: Final = re.compile(
    r"(?:^|[.!?…:;,—✅👌✓] )(?:не |уже |ещё )*(?!сначала|канал|остал|закончил|правила)"
    r"(?:\w{3,}[аеиоуыя](?:л|ла|лся|лась)|сама?|рада?|готова?|должен|должна)\b"
    r"|\bбы (?:не )?\w+(?:л|ла|лся|лась)\b"
    r"|\w(?:\(л?-?л?а\)|\(лась\)|/л?а\b)",
    re.IGNORECASE | re.MULTILINE,
)


class _Said(Visitor):
    """The text of a message without names of values and of variants."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def visit_TextElement(self, node: ftl.TextElement) -> None:  # noqa: N802
        self.parts.append(re.sub(r"</?\w+>", "", node.value))


def _texts(language: str) -> dict[str, str]:
    found = {}
    for path in (LOCALES_PATH / language).glob("*.ftl"):
        for entry in FluentParser().parse(path.read_text()).body:
            if isinstance(entry, ftl.Message):
                said = _Said()
                said.visit(entry)
                found[entry.id.name] = "\n".join(said.parts)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_says_i(language: str) -> None:
    texts = _texts(language)
    assert texts.pop(USERS_OWN)
    hits = {key: _FIRST_PERSON[language].search(text) for key, text in texts.items()}
    assert {key: hit.group() for key, hit in hits.items() if hit} == {}


def test_nobody_has_a_gender_in_russian() -> None:
    hits = {key: _GENDERED.search(text) for key, text in _texts("ru").items()}
    assert {key: hit.group() for key, hit in hits.items() if hit} == {}


@pytest.mark.parametrize(
    "text",
    [
        "Понял, ищу дальше",
        "✅ Подписался",
        "Готово. Сама найду",
        "опечатку я бы не заметил",
        "рад(а)",
    ],
)
def test_the_ban_knows_gender_when_it_sees_it(text: str) -> None:
    assert _GENDERED.search(text)
