"""P12: what users call themselves and their things is one visible line that links to nothing."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.names import (
    clean_label,
    clean_name,
    clean_username,
    cut_text,
    drop_hidden_characters,
    format_full_name,
)

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Anna", "Anna"),
        ("  Anna \n Maria\u2028X ", "Anna Maria X"),
        ("Mr. Smith", "Mr. Smith"),
        ("J.R.R. Tolkien", "J.R.R. Tolkien"),
        ("O’Neil-Müller (C#, v1.5)", "O’Neil-Müller (C#, v1.5)"),
        (f"{FAMILY} {ENGLAND} ❤\ufe0f", f"{FAMILY} {ENGLAND} ❤\ufe0f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u202eannA", "annA"),
        ("A\N{REPLACEMENT CHARACTER}", "A"),
        ("A\u2066n\u2069na\u061c", "Anna"),
        ("An\u200bn\ufeffa\u2060\u00ad", "Anna"),
        ("An\u200dna", "Anna"),
        ("\u3164\u2800\u115f\u200b", ""),
        ("\ud800\U000e0041", ""),
        ("", ""),
        (None, ""),
        ("Z" + "\u0338" * 30, "Z" + "\u0338" * 3),
        ("t.me/spam", "t me/spam"),
        ("join t\u200b.me/x", "join t me/x"),
        ("https://evil.com/a", "evil com/a"),
        ("h\u2060ttps://evil", "evil"),
        ("tg://resolve?domain=x", "resolve?domain=x"),
        ("ton://transfer/x", "transfer/x"),
        ("casino.COM", "casino COM"),
        ("сайт.рф", "сайт рф"),
        ("evil。com", "evil com"),
        ("see 1.2.3.4", "see 1 2 3 4"),
        ("@admin", "admin"),
        ("(@admin)", "(admin)"),
        ("@@/@admin", "admin"),
        ("me@mail.com", "me@mail com"),
        ("/start now", "start now"),
        ("#rent", "rent"),
        ("My <b>wallet</b>", "My <b>wallet</b>"),
        ("<@/x", "<x"),
        ("$TON $500", "TON $500"),
    ],
)
def test_a_name_is_one_visible_line_without_links(text: str | None, clean: str) -> None:
    assert clean_name(text) == clean


# What Telegram's server makes links of, by the rules that its own library publishes.
LINKS = re.compile(
    r"(?<!\w)@\w|(?<![\w/<>])/[a-zA-Z]|\w+://|(?<=\S)\.[^\W\d_]{2}|(?<!\w)#\w|(?<!\w)\$[A-Z]"
)
TEXT = st.text(
    st.sampled_from("aZ9.:/@#$<> -_\u200b\u200d\u202e\u0301あ\U0001f469\U0001f1e6")
    | st.characters()
)


@given(TEXT)
def test_whatever_is_written_nothing_links_or_hides(text: str) -> None:
    clean = clean_name(text)

    assert LINKS.search(clean) is None
    assert clean_name(clean) == clean
    assert len(clean) <= 64
    assert clean == clean.strip()
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn"}
    seen = [letter for letter in clean if unicodedata.category(letter) in hidden]
    assert set(seen) <= {"\u200c", "\u200d"} | {chr(code) for code in range(0xE0020, 0xE0080)}


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        (f"a{FAMILY}", 4, "a"),
        ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 3, "\U0001f1e9\U0001f1ea"),
        ("e\u0301e\u0301", 3, "e\u0301"),
        ("a\U0001f44d\U0001f3fd", 2, "a"),
        ("ab❤\ufe0f", 3, "ab"),
        ("\u0301" * 9, 3, "\u0301" * 3),
    ],
)
def test_a_cut_leaves_no_half_of_a_character(text: str, limit: int, kept: str) -> None:
    assert cut_text(text, limit) == kept


def test_a_label_of_nothing_visible_is_none() -> None:
    assert clean_label("\u200b") is None


@pytest.mark.parametrize(("text", "username"), [("anna_1", "anna_1"), ("a<b", None), (None, None)])
def test_a_username_is_what_telegram_allows(text: str | None, username: str | None) -> None:
    assert clean_username(text) == username


@pytest.mark.parametrize(
    ("first_name", "username", "shown"),
    [
        ("Anna", "anna", "Anna (@anna)"),
        ("Anna", None, "Anna"),
        ("", "anna", "@anna"),
        ("", None, "7"),
    ],
)
def test_operators_can_always_name_a_user(
    first_name: str, username: str | None, shown: str
) -> None:
    assert format_full_name(7, first_name, username) == shown


def test_questions_keep_their_lines_and_links_and_lose_what_is_not_seen() -> None:
    assert drop_hidden_characters("see\nhttps://x.org\u202e!\u200b") == "see\nhttps://x.org!"
