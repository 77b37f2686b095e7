"""Telegram's HTML: what becomes an entity, what the page shows, what is refused and where."""

import httpx
import pytest

from sandbox.world.telegram.errors import ApiError
from sandbox.world.telegram.formatting import to_html
from sandbox.world.telegram.html import parse_html
from tests.sandbox.world.peers import Api


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b><strong>b</strong>", "ab", [("bold", 0, 1), ("bold", 1, 1)]),
        ("<I>a</I><em>b</em>", "ab", [("italic", 0, 1), ("italic", 1, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", [("underline", 0, 1), ("underline", 1, 1)]),
        ("<s>a</s><strike>b</strike>", "ab", [("strikethrough", 0, 1), ("strikethrough", 1, 1)]),
        ("<del>a</del>", "a", [("strikethrough", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [("spoiler", 0, 1)]),
        ("<code>a&lt;b</code>", "a<b", [("code", 0, 3)]),
        ("<blockquote>a</blockquote>", "a", [("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ('<tg-emoji emoji-id="5368">👍</tg-emoji>', "👍", [("custom_emoji", 0, 2)]),
        ("👍<b>я<i>👍</i></b>", "👍я👍", [("bold", 2, 3), ("italic", 3, 2)]),
        ("&amp;lt; &quot;&#39;&#x41; &nbsp; &", "&lt; \"'A &nbsp; &", []),
        ("<b></b>x", "x", []),
        ("2 &lt; 3", "2 < 3", []),
    ],
)  # fmt: skip
def test_tags_become_entities_in_utf16_units(
    source: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    parsed = parse_html(source)
    assert parsed.text == text
    assert [(one.type, one.offset, one.length) for one in parsed.entities] == entities


def test_a_link_keeps_its_address_and_a_senseless_one_is_only_text() -> None:
    parsed = parse_html('<a href="https://x.y/?a=1&amp;b=2">l</a> <a href="javascript:1">m</a>')
    assert [(one.type, one.url) for one in parsed.entities] == [
        ("text_link", "https://x.y/?a=1&b=2")
    ]


def test_code_inside_pre_names_its_language() -> None:
    parsed = parse_html('<pre><code class="language-python">x = 1</code></pre>')
    assert [(one.type, one.language) for one in parsed.entities] == [("pre", "python")]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("я <p>x</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("a < b>", 'Unsupported start tag "" at byte offset 2'),
        ("ab<b", "Unclosed start tag at byte offset 2"),
        ("<b>ab", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ab</b>", "Unexpected end tag at byte offset 2"),
        ("<b>ab</i>", 'Unmatched end tag at byte offset 5, expected "</b>", found "</i>"'),
        ("<b>ab</b", "Unclosed end tag at byte offset 5"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a href="x', 'Unclosed start tag "a" at byte offset 0'),
        ('<a ="x">', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
    ],
)
def test_broken_html_is_refused_with_the_place(source: str, error: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {error}"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<b>a <i>&lt;script&gt;</i></b>\nb", "<b>a <i>&lt;script&gt;</i></b>\nb"),
        ("<tg-spoiler>👍</tg-spoiler>", '<span class="tg-spoiler">👍</span>'),
        ("<pre>a</pre>", "<pre>a</pre>"),
        (
            "<a href='https://x.y/?\"&gt;'>l</a>",
            '<a href="https://x.y/?&quot;&gt;" target="_blank" rel="noopener noreferrer">l</a>',
        ),
        (
            '<pre><code class="language-sh">ls</code></pre>',
            '<pre><code class="language-sh">ls</code></pre>',
        ),
        ("<blockquote expandable>q</blockquote>", "<blockquote expandable>q</blockquote>"),
    ],
)
def test_the_page_gets_the_same_formatting_with_everything_escaped(source: str, shown: str) -> None:
    assert to_html(parse_html(source)) == shown


async def test_entities_given_outright_are_shown_and_cannot_smuggle_a_script(
    telegram: Api, client: httpx.AsyncClient, anna: int
) -> None:
    entities = [
        {"type": "text_link", "offset": 0, "length": 2, "url": "javascript:alert(1)"},
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "italic", "offset": 1, "length": 2},
    ]
    await telegram("sendMessage", chat_id=anna, text="<&>", entities=entities)
    state = (await client.get("/world/state")).json()
    assert state["chats"][str(anna)]["messages"][-1]["html"] == "<b>&lt;<i>&amp;</i></b>&gt;"
