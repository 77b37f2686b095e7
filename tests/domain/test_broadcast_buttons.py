"""Buttons as operators type them."""

import pytest

from app.domain.broadcast_buttons import ButtonLineError, parse_buttons


@pytest.mark.parametrize(
    ("typed", "buttons"),
    [
        ("Site — https://example.org", [["Site", "https://example.org"]]),
        ("Site - example.org/a-b", [["Site", "https://example.org/a-b"]]),
        ("Our – new – site – http://example.org", [["Our – new – site", "http://example.org"]]),
        ("Chat: t.me/chat", [["Chat", "https://t.me/chat"]]),
        ("Chat | tg://resolve?domain=chat", [["Chat", "tg://resolve?domain=chat"]]),
        ("One--a.org\n\n  Two  —  b.org ", [["One", "https://a.org"], ["Two", "https://b.org"]]),
        (f"{'x' * 64} — a.org", [["x" * 64, "https://a.org"]]),
        ("Сайт — https://пример.рф/?a=1&b=<2>", [["Сайт", "https://пример.рф/?a=1&b=<2>"]]),
    ],
)
def test_a_line_is_a_button(typed: str, buttons: list[list[str]]) -> None:
    assert parse_buttons(typed) == buttons


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " \n ",
        "Site",
        "https://example.org",
        "Site — nowhere",
        "Site — javascript:alert(1)",
        "Site — ftp://example.org",
        "Site — https://",
        "Site — https://[",
        f"{'x' * 65} — a.org",
        f"Site — https://a.org/{'x' * 1024}",
        "\u200b — a.org",
    ],
)
def test_what_is_none_is_said(typed: str) -> None:
    with pytest.raises(ButtonLineError) as raised:
        parse_buttons(typed)
    assert len(raised.value.line) <= 100


def test_there_are_eight_at_most() -> None:
    lines = [f"{number} — a.org" for number in range(9)]
    assert len(parse_buttons("\n".join(lines[:8]))) == 8
    with pytest.raises(ButtonLineError) as raised:
        parse_buttons("\n".join(lines))
    assert raised.value.line == "8 — a.org"
