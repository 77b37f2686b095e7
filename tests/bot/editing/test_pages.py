"""The bot's own pages: texts with formatting, pictures and questions, in force at once."""

from typing import Any

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.db.models import AuditEntry
from app.domain.messages import StoredPicture
from app.domain.pages import PageText
from app.services.operations.page_admin import add_faq_entry, set_page_text
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone, labels

BOLD = [{"type": "bold", "offset": 0, "length": 5}]
PHOTO = [{"file_id": "AgAC-1", "file_unique_id": "1", "width": 90, "height": 90}]


@pytest.fixture
def olga(closed_shop: BotUnderTest) -> Phone:
    return closed_shop.phone(OLGA, "Olga", "en")


async def write(olga: Phone, name: str, text: str, language: str = "en", **more: Any) -> None:  # noqa: ANN401
    await olga.press(f"epage:{name}:{language}")
    await olga.send(text, **more)
    await olga.tap("epagedo")


async def test_a_text_keeps_its_formatting_and_greets_by_name(
    closed_shop: BotUnderTest, olga: Phone
) -> None:
    await olga.send("/admin")
    await olga.tap("edit:")
    await olga.tap("epages")
    assert "Welcome" in labels(olga.screen)[0]
    await olga.tap("epage:welcome:en")
    assert "Hi, {name}! 👋" in olga.text
    await olga.send("Hello { name } & <friends>", entities=BOLD)
    assert olga.screen.text == "<b>Hello</b> Olga &amp; &lt;friends&gt;"
    await closed_shop.ben.send("/start")
    assert "Hi, Ben" in closed_shop.ben.text
    await olga.tap("epagedo")
    assert "Done, it holds now" in olga.text
    await closed_shop.phone(1002, "<Ben>", "en").send("/start")
    assert closed_shop.ben.screen.text == "<b>Hello</b> &lt;Ben&gt; &amp; &lt;friends&gt;"
    await closed_shop.anna.send("/start")
    assert "Привет, Anna" in closed_shop.anna.text

    await olga.tap("epageback")
    assert "Hi, Olga" in olga.text
    await olga.tap("epagedo")
    await closed_shop.ben.send("/start")
    assert "Hi, Ben" in closed_shop.ben.text
    async with closed_shop.deps.db.read_only() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    html = "<b>Hello</b> { name } &amp; &lt;friends&gt;"
    assert [(e.actor, e.subject, e.details) for e in entries] == [
        (f"user:{OLGA}", "page:welcome", {"language": "en", "old": None, "new": html}),
        (f"user:{OLGA}", "page:welcome", {"language": "en", "old": html, "new": None}),
    ]


async def test_the_welcome_has_a_picture(closed_shop: BotUnderTest, olga: Phone) -> None:
    await olga.press("epage:welcome:en")
    await olga.send(photo=PHOTO, caption="Look!")
    assert olga.screen.photo == StoredPicture("AgAC-1")
    await olga.tap("epagedo")
    await closed_shop.ben.send("/start")
    assert (closed_shop.ben.text, closed_shop.ben.screen.photo) == (
        "Look!",
        StoredPicture("AgAC-1"),
    )
    await olga.send("x" * 901)
    assert "901 characters are too many: 900 fit" in olga.text
    await olga.tap("enopic")
    await closed_shop.ben.send("/start")
    assert closed_shop.ben.screen.photo is None


@pytest.mark.parametrize(
    ("name", "message", "reason"),
    [
        ("welcome", {"text": "Dear {customer}"}, "We don’t know {customer}"),
        ("menu", {"text": "x" * 3001}, "3,001 characters are too many"),
        ("key-ready-next", {"text": "x" * 201}, "201 characters are too many"),
        ("menu", {"photo": PHOTO}, "no picture"),
        ("rules", {"sticker": None}, "Send a text or a picture"),
    ],
)
async def test_what_does_not_fit_is_refused_with_the_reason(
    olga: Phone, name: str, message: dict[str, Any], reason: str
) -> None:
    await olga.press(f"epage:{name}:en")
    await olga.send(**message)
    assert reason in olga.text
    assert not any("epagedo" in (b.data or "") for row in olga.screen.buttons for b in row)


async def test_links_are_kept_and_nothing_else_gets_in(olga: Phone) -> None:
    await olga.press("epage:menu:en")
    entities = [
        {"type": "text_link", "offset": 0, "length": 4, "url": 'https://x.org/?a="><b>&c=1'},
        {"type": "text_link", "offset": 5, "length": 3, "url": "javascript:alert(1)"},
        {"type": "text_mention", "offset": 9, "length": 3, "user": {
            "id": 5, "is_bot": False, "first_name": "X"}},
    ]  # fmt: skip
    await olga.send("Site bad Ann", entities=entities)
    link = "https://x.org/?a=&quot;&gt;&lt;b&gt;&amp;c=1"
    assert olga.screen.text == f'<a href="{link}">Site</a> bad Ann'


async def test_rules_have_a_button_where_they_are_written(
    closed_shop: BotUnderTest, olga: Phone
) -> None:
    """P14."""
    ben, anna = closed_shop.ben, closed_shop.anna
    await ben.send("/menu")
    assert "📜 Rules" not in labels(ben.screen)
    await write(olga, "rules", "Be kind.")
    await ben.send("/menu")
    await ben.tap("rules")
    assert ben.text == "Be kind."
    await ben.send("/help")
    assert "📜 Rules" in labels(ben.screen)
    await anna.send("/menu")
    assert "📜 Правила" not in labels(anna.screen)
    await olga.press("epageback:rules:en")
    assert "will be gone" in olga.text
    await olga.tap("epagedo")
    answer = await ben.press("rules:0")
    assert answer is not None
    assert "outdated" in (answer.text or "")


async def test_questions_are_written_ordered_changed_and_deleted(
    closed_shop: BotUnderTest, olga: Phone
) -> None:
    ben = closed_shop.ben
    await olga.press("efaq:en")
    await olga.tap("efaqnew")
    await olga.send("Only a question?")
    assert "Question and answer are needed" in olga.text
    await olga.send(
        "Is it 🚀 fast?\nYes, very fast.", entities=[{"type": "bold", "offset": 15, "length": 3}]
    )
    assert olga.screen.text == "<b>Is it 🚀 fast?</b>\n\n<b>Yes</b>, very fast."
    await olga.tap("efaqdo")
    await olga.tap("efaqnew")
    await olga.send("And cheap?\nYes.")
    await olga.tap("efaqdo")
    assert labels(olga.screen)[:2] == ["Is it 🚀 fast?", "And cheap?"]
    first, second = [b.data or "" for row in olga.screen.buttons[:2] for b in row]
    await olga.press(second)
    await olga.tap("efaqup")
    assert labels(olga.screen)[:2] == ["And cheap?", "Is it 🚀 fast?"]
    await ben.send("/menu")
    await ben.tap("faq")
    assert labels(ben.screen)[:2] == ["And cheap?", "Is it 🚀 fast?"]
    fast = ben.screen.buttons[1][0].data or ""
    await ben.press(fast)
    assert "Yes, very fast." in ben.text
    await olga.press(second)
    await olga.tap("efaqchange")
    await olga.send("And cheap?\nVery.")
    await olga.tap("efaqdo")
    await ben.tap("faq:")
    await ben.tap("faqone")
    assert "Very." in ben.text
    for entry in (first, second):
        await olga.press(entry)
        await olga.tap("efaqdrop")
    await ben.send("/menu")
    assert "📖 Questions and answers" not in labels(ben.screen)
    gone = await ben.press(fast)
    assert gone is not None
    assert "outdated" in (gone.text or "")


async def test_there_are_twenty_questions_in_a_language(
    closed_shop: BotUnderTest, olga: Phone
) -> None:
    for number in range(20):
        await add_faq_entry(closed_shop.deps.db, OLGA, "en", f"Question {number}?", "x")
    await olga.press("efaqnew:en")
    await olga.send("One more?\nNo.")
    full = await olga.tap("efaqdo")
    assert full is not None
    assert "20 already" in (full.text or "")


async def test_the_later_of_two_sees_the_other_text(closed_shop: BotUnderTest, olga: Phone) -> None:
    await olga.press("epage:menu:en")
    await olga.send("Mine")
    await set_page_text(closed_shop.deps.db, 5, PageText.MENU, "en", "Theirs", seen=None)
    await olga.tap("epagedo")
    assert "Somebody else" in olga.chat[-2].screen.text
    assert "Theirs" in olga.chat[-2].screen.text
    assert olga.text == "Mine"
    await olga.tap("epagedo")
    await closed_shop.ben.send("/menu")
    assert closed_shop.ben.text == "Mine"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_page_shows_its_standard_text(closed_shop: BotUnderTest, language: str) -> None:
    olga = closed_shop.phone(OLGA, "Olga", language)
    await olga.press(f"epages:0:{language}")
    for name in PageText:
        await olga.press(f"epage:{name}:{language}")
        assert len(olga.text) > 100
    await olga.press(f"efaqpic:{language}")
    await olga.send(photo=PHOTO)
    await olga.tap("efaqnopic")
    assert not any("efaqnopic" in (b.data or "") for row in olga.screen.buttons for b in row)
