"""Questions with answers: written, shown as users will see them, put in order."""

from typing import Final

from starlette.responses import Response

from app.admin_web.context import WebContext
from app.admin_web.forms import field
from app.admin_web.html_fields import (
    TextRefusedError,
    html_field,
    read_html_field,
    show_message,
)
from app.admin_web.page import Page
from app.admin_web.views.tables import parse_user_id
from app.admin_web.views.texts.pages import TEXTS_PATH
from app.bot.i18n import LANGUAGES, Html
from app.bot.web.markup import element
from app.core.errors import ChangeOvertakenError, ExpectedError
from app.db.models import FaqEntryRow
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.operator_roles import Permission
from app.domain.pages import MAX_FAQ_ANSWER, MAX_FAQ_ENTRIES, MAX_FAQ_QUESTION, FaqEntry
from app.services.operations.page_admin import (
    NoFaqEntryError,
    add_faq_entry,
    change_faq_entry,
    delete_faq_entry,
    load_shop_pages,
    move_faq_entry_up,
    require_faq_entry,
)

_PATH: Final = f"{ADMIN_WEB_PATH}/faq"
_SEEN: Final = ("seen_question", "seen_answer")


def create_faq_pages() -> list[Page]:
    may = Permission.EDIT_SHOP
    return [
        Page("/faq/{language}", show_faq, may),
        Page("/faq/{language}", arrange, may, method="POST"),
        Page("/faq/{language}/{entry}", show_entry, may),
        Page("/faq/{language}/{entry}", change_entry, may, method="POST"),
    ]


async def show_faq(context: WebContext) -> Response:
    return await _show(context, None)


async def arrange(context: WebContext) -> Response:
    """One higher, or away; the audit has what it was."""
    db, operator = context.deps.db, context.operator_id
    entry_id = parse_user_id(context.form.get("entry", "")) or 0
    try:
        if context.form.get("do") == "up":
            await move_faq_entry_up(db, operator, entry_id)
        elif context.form.get("do") == "delete":
            await delete_faq_entry(db, operator, entry_id)
    except NoFaqEntryError as error:
        return await _show(context, context.t.plain(error.text_key))
    context.deps.shop.forget()
    return context.go(context.path, "saved")


async def show_entry(context: WebContext) -> Response:
    """The word "new" stands for one that is to be."""
    try:
        row = await _find(context)
    except NoFaqEntryError:
        return _show_nothing(context)
    return _ask(context, row, None)


async def change_entry(context: WebContext) -> Response:
    t = context.t
    try:
        row = await _find(context)
        question = _read_question(context)
        answer = read_html_field(context, "answer", MAX_FAQ_ANSWER)
        if _SEEN[0] not in context.form:
            return _preview(context, row, question, answer)
        await _save(context, row, question, answer)
    except NoFaqEntryError:
        return _show_nothing(context)
    except TextRefusedError as error:
        return _ask(context, row, error.text)
    except ChangeOvertakenError:
        return _ask(context, await _find(context), t.plain("edit-overtaken"))
    except ExpectedError as error:
        return _ask(context, row, t.plain(error.text_key))
    context.deps.shop.forget()
    return context.go(f"{_PATH}/{context.path_params['language']}", "saved")


async def _save(context: WebContext, row: FaqEntryRow | None, question: str, answer: str) -> None:
    db, operator, form = context.deps.db, context.operator_id, context.form
    if row is None:
        language = context.path_params["language"]
        await add_faq_entry(db, operator, language, question, answer)
        return
    seen = [form.get(name, "") for name in _SEEN]
    await change_faq_entry(db, operator, row.id, question, answer, seen=seen)


async def _show(context: WebContext, refusal: str | None) -> Response:
    t, language = context.t, context.path_params["language"]
    if language not in LANGUAGES:
        return _show_nothing(context)
    entries = (await load_shop_pages(context.deps.db)).get_faq(language)
    title = f"{t.plain('web-faq')} · {t.plain('page-in-language', language=language)}"
    new = element("a", t.plain("faq-add"), href=f"{_PATH}/{language}/new", class_="chip")
    note = element("p", t.plain("web-faq-note", most=MAX_FAQ_ENTRIES), class_="quiet")
    body = element(
        "div",
        note,
        *([new] if len(entries) < MAX_FAQ_ENTRIES else []),
        *(_show_line(context, entry, is_first=not place) for place, entry in enumerate(entries)),
        element("p", element("a", t.plain("web-texts-back"), href=TEXTS_PATH)),
    )
    return context.refuse(title, refusal, body) if refusal else context.show(title, body)


def _show_line(context: WebContext, entry: FaqEntry, *, is_first: bool) -> Html:
    t, path = context.t, f"{_PATH}/{context.path_params['language']}"
    up = element("button", t.plain("faq-up"), name="do", value="up", class_="plain")
    form = context.post_form(
        path,
        element("input", type="hidden", name="entry", value=str(entry.id)),
        *([] if is_first else [up]),
        element("button", t.plain("faq-delete"), name="do", value="delete", class_="plain"),
        class_="tools",
    )
    link = element("a", entry.question, href=f"{path}/{entry.id}")
    return element("div", element("h2", link), form, class_="card")


def _ask(context: WebContext, row: FaqEntryRow | None, refusal: str | None) -> Response:
    t, given = context.t, context.form
    question = given.get("question", row.question if row else "")
    answer = given.get("answer", row.answer if row else "")
    form = context.post_form(
        context.path,
        field(t.plain("web-faq-question", most=MAX_FAQ_QUESTION), "question", question),
        html_field(context, t.plain("web-faq-answer", most=MAX_FAQ_ANSWER), "answer", answer),
        element("button", t.plain("web-text-preview")),
        class_="card stack wide",
    )
    back = f"{_PATH}/{context.path_params['language']}"
    body = element("div", form, element("p", element("a", t.plain("faq-back"), href=back)))
    title = row.question if row else t.plain("web-faq-new")
    return context.refuse(title, refusal, body) if refusal else context.show(title, body)


def _preview(context: WebContext, row: FaqEntryRow | None, question: str, answer: Html) -> Response:
    t = context.t
    kept = {
        "question": question,
        "answer": answer,
        _SEEN[0]: row.question if row else "",
        _SEEN[1]: row.answer if row else "",
    }
    form = context.post_form(
        context.path,
        element("p", t.plain("edit-preview"), class_="quiet"),
        show_message(element("div", element("b", question), Html("\n\n"), answer)),
        *(element("input", type="hidden", name=name, value=value) for name, value in kept.items()),
        element("button", t.plain("edit-apply")),
        element("a", t.plain("edit-cancel"), href=context.path),
        class_="card stack wide",
    )
    return context.show(question, form)


def _read_question(context: WebContext) -> str:
    """Raises TextRefusedError."""
    question = " ".join(context.form.get("question", "").split())
    if not 0 < len(question) <= MAX_FAQ_QUESTION:
        raise TextRefusedError(context.t.plain("web-faq-question-unfit", most=MAX_FAQ_QUESTION))
    return question


async def _find(context: WebContext) -> FaqEntryRow | None:
    """None of one that is to be. Raises NoFaqEntryError."""
    number, language = context.path_params["entry"], context.path_params["language"]
    if number == "new" and language in LANGUAGES:
        return None
    row = await require_faq_entry(context.deps.db, parse_user_id(number) or 0)
    if row.language != language:
        raise NoFaqEntryError
    return row


def _show_nothing(context: WebContext) -> Response:
    text = element("p", context.t.plain("web-nothing-text"))
    return context.show(context.t.plain("web-nothing"), text, status=404)
