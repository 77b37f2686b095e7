"""The page's own words, in both its languages: read from its files, no browser needed."""

import json
import re
from pathlib import Path

import pytest

_PAGE = Path(__file__).parents[3] / "sandbox" / "page"
_STRING = r'"((?:[^"\\]|\\.)*)"'
_SAID = re.compile(rf"\bt\({_STRING}")
_COUNTED = re.compile(rf"\btn\({_STRING}, {_STRING}")
_IN_HTML = re.compile(r'aria-label="([^"]+)"|<title>([^<]+)<|data-t>([^<]+)<')
_RUSSIAN = re.compile(rf"^  {_STRING}: (.+),$", re.MULTILINE)
_PLACE = re.compile(r"\{(\w+)\}")
_WITHOUT_TEXTS = {"i18n.js", "ru.js"}
# Attributes that a user sees or a screen reader speaks; written as they stand, nobody could
# translate them.
_BARE = re.compile(rf'\b(?:"aria-label"|title|text|placeholder|label|note): {_STRING}')
_SAME_IN_ALL = {"Crypto Pay", "OK"}


def _files() -> list[Path]:
    return [one for one in (_PAGE / "js").glob("*.js") if one.name not in _WITHOUT_TEXTS]


def _english() -> set[str]:
    """What the page says; of counted words the form for many."""
    code = "\n".join(one.read_text() for one in _files())
    html = _IN_HTML.findall((_PAGE / "index.html").read_text())
    said = set(_SAID.findall(code)) | {many for _, many in _COUNTED.findall(code)}
    return said | {"".join(groups) for groups in html}


def _russian() -> dict[str, str | list[str]]:
    entries = _RUSSIAN.findall((_PAGE / "js" / "ru.js").read_text())
    return {english: json.loads(russian) for english, russian in entries}


def test_everything_the_page_says_is_there_in_russian_and_nothing_else() -> None:
    assert _english() == set(_russian())


def test_both_languages_fill_in_the_same_values() -> None:
    for english, russian in _russian().items():
        forms = russian if isinstance(russian, list) else [russian]
        for form in forms:
            assert set(_PLACE.findall(form)) == set(_PLACE.findall(english)), english


def test_what_is_counted_has_the_three_forms_of_russian() -> None:
    counted = {many for one in _files() for _, many in _COUNTED.findall(one.read_text())}
    lists = {english for english, russian in _russian().items() if isinstance(russian, list)}
    assert counted == lists
    assert all(len(_russian()[english]) == 3 for english in counted)


@pytest.mark.parametrize("file", _files(), ids=lambda file: file.name)
def test_no_words_are_shown_that_cannot_be_translated(file: Path) -> None:
    bare = set(_BARE.findall(file.read_text())) - _SAME_IN_ALL
    assert {words for words in bare if re.search(r"[A-Za-z]{2}", words)} == set()
