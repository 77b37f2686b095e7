"""The bot's own texts and its questions, edited on the web by the chat's services."""

import html

import pytest
from sqlalchemy import select

from app.admin_web.typed_html import TypedHtmlError, parse_typed_html
from app.bot.i18n import LANGUAGES
from app.db.models import AuditEntry
from app.domain.operator_roles import OperatorRole
from app.domain.pages import MAX_FAQ_ENTRIES, PageText
from app.services.operations.page_admin import add_faq_entry, load_shop_pages, set_page_text
from tests.admin_web.site import MANAGER, Site
from tests.admin_web.test_user_actions import hidden
from tests.support.stall import OLGA


def unescape(fields: dict[str, str]) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in fields.items()}


@pytest.mark.parametrize(
    ("typed", "kept", "length"),
    [
        ("a < b & c\r\nd", "a &lt; b &amp; c\nd", 11),
        ("<strong>x</strong> <i><u>y</u></i>", "<b>x</b> <i><u>y</u></i>", 3),
        ('<a href="https://x.example/?a=1&b" onclick="z">x</a>', None, 1),
        ("<blockquote expandable class=q>x</blockquote>", None, 1),
        ("&lt;script&gt;", "&lt;script&gt;", 8),
        ("I <3 you", "I &lt;3 you", 8),
    ],
)
def test_telegrams_formatting_is_kept_and_the_rest_is_text(
    typed: str, kept: str | None, length: int
) -> None:
    found = parse_typed_html(typed)
    assert found.length == length
    assert kept is None or found.html == kept
    assert "onclick" not in found.html
    assert "class" not in found.html


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b>x",
        "x</b>",
        "<b><i>x</b></i>",
        "<b/>",
        "<code><b>x</b></code>",
        "<b><pre>x</pre></b>",
        "<b><strong>x</strong></b>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="https://[x">x</a>',
        "<a>x</a>",
        "<!-- x -->",
        "<!doctype html>",
        "<?php x ?>",
        "<![CDATA[x]]>",
        "<tg-emoji emoji-id=1>x</tg-emoji>",
    ],
)
def test_what_telegram_would_refuse_or_a_browser_run_is_refused(typed: str) -> None:
    """P12."""
    with pytest.raises(TypedHtmlError):
        parse_typed_html(typed)


async def test_each_text_has_a_page_in_each_language(site: Site) -> None:
    browser = await site.sign_in()
    overview = (await browser.get("/texts")).text
    for language in LANGUAGES:
        for name in PageText:
            path = f"/texts/{language}/{name}"
            assert f'href="/admin{path}"' in overview
            assert "<textarea" in (await browser.get(path)).text
    for path in ("/texts/en/none", "/texts/xx/menu", "/faq/xx", "/faq/en/7", "/faq/xx/new"):
        assert (await browser.get(path)).status_code == 404, path


async def test_a_text_is_shown_then_in_force_then_standard_again(site: Site) -> None:
    browser, db = await site.sign_in(MANAGER), site.deps.db
    path = "/texts/en/welcome"
    typed = "<b>Hi, {name}</b>\r\n5 < 6"
    preview = await browser.post(path, {"html": typed})
    assert "<b>Hi, " in preview.text
    assert "{name}" not in preview.text.partition('class="message"')[2].partition("</div>")[0]
    assert (await load_shop_pages(db)).get_text("en", PageText.WELCOME) is None
    done = await browser.post(path, unescape(hidden(preview)))
    assert done.headers["Location"] == f"/admin{path}?done=saved"
    own = "<b>Hi, {name}</b>\n5 &lt; 6"
    assert (await load_shop_pages(db)).get_text("en", PageText.WELCOME) == own
    assert "&lt;b&gt;Hi, {name}&lt;/b&gt;" in (await browser.get(path)).text

    late = await browser.post(path, unescape(hidden(preview)))
    assert late.status_code == 422
    assert "changed this meanwhile" in late.text
    for wrong, says in (
        ("<img src=x onerror=alert(1)>", "can’t stand there"),
        ("Hi {price}", "We don’t know {price}"),
        ("x" * 3001, "too many"),
        (" ", "Write a text first"),
    ):
        refused = await browser.post(path, {"html": wrong})
        assert refused.status_code == 422
        assert says in refused.text
        assert "<img" not in refused.text
    standard = await browser.post(path, {"do": "reset"})
    await browser.post(path, unescape(hidden(standard)))
    assert (await load_shop_pages(db)).get_text("en", PageText.WELCOME) is None
    async with db.read_only() as session:
        rows = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "page_text_changed")
        )
        assert [(row.actor, row.details["new"]) for row in rows] == [
            (f"user:{MANAGER}", own),
            (f"user:{MANAGER}", None),
        ]


async def test_a_text_of_the_chat_is_no_markup_in_its_field(site: Site) -> None:
    """P12: what stands in the database is a value of the field, whatever it is."""
    evil = "</textarea><script>alert(2)</script>"
    await set_page_text(site.deps.db, OLGA, PageText.HELP, "en", evil, seen=None)
    text = (await (await site.sign_in()).get("/texts/en/help")).text
    assert "alert(2)</script>" not in text


async def test_questions_are_written_ordered_and_deleted(site: Site) -> None:
    browser, db = await site.sign_in(MANAGER), site.deps.db
    for question in ("First?", "Second?"):
        preview = await browser.post(
            "/faq/en/new", {"question": question, "answer": "<i>Yes</i> & no"}
        )
        assert "<i>Yes</i>" in preview.text
        done = await browser.post("/faq/en/new", unescape(hidden(preview)))
        assert done.headers["Location"] == "/admin/faq/en?done=saved"
    first, second = (await load_shop_pages(db)).get_faq("en")
    assert (first.question, first.answer) == ("First?", "<i>Yes</i> &amp; no")
    await browser.post("/faq/en", {"do": "up", "entry": str(second.id)})
    changed = await browser.post(f"/faq/en/{first.id}", {"question": "Third?", "answer": "x"})
    seen = unescape(hidden(changed))
    assert (await browser.post(f"/faq/en/{first.id}", seen)).status_code == 303
    assert (await browser.post(f"/faq/en/{first.id}", seen)).status_code == 422
    questions = [entry.question for entry in (await load_shop_pages(db)).get_faq("en")]
    assert questions == ["Second?", "Third?"]
    assert (await browser.get(f"/faq/ru/{first.id}")).status_code == 404
    for wrong in ({"question": ""}, {"question": "x" * 61}, {"answer": ""}, {"answer": "<b>"}):
        fields = {"question": "Q", "answer": "A", **wrong}
        assert (await browser.post("/faq/en/new", fields)).status_code == 422, wrong
    await browser.post("/faq/en", {"do": "delete", "entry": str(second.id)})
    assert len((await load_shop_pages(db)).get_faq("en")) == 1
    for number in range(MAX_FAQ_ENTRIES - 1):
        await add_faq_entry(db, MANAGER, "en", f"Question {number}", "x")
    full = await browser.post("/faq/en/new", unescape(hidden(preview)))
    assert full.status_code == 422
    assert "/faq/en/new" not in (await browser.get("/faq/en")).text
    support = await site.sign_in_as(OperatorRole.SUPPORT)
    for path in ("/texts", "/texts/en/help", "/faq/en", "/faq/en/new"):
        assert (await support.get(path)).status_code == 403
