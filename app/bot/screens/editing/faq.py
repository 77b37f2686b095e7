"""Questions with answers as operators write them."""

from collections.abc import Sequence

from app.bot.editing_callbacks import (
    ApplyFaqEntry,
    ChangeFaqEntry,
    DeleteFaqEntry,
    FaqEditPage,
    FaqEntryEditPage,
    FaqPicturePage,
    MoveFaqEntryUp,
    NewFaqEntry,
    RemoveFaqPicture,
)
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.editing.pages import to_pages
from app.bot.screens.pages import faq_entry_text
from app.db.models import FaqEntryRow
from app.domain.messages import Button, Screen
from app.domain.pages import (
    MAX_FAQ_ANSWER,
    MAX_FAQ_ENTRIES,
    MAX_FAQ_QUESTION,
    FaqEntry,
)


def faq_edit_screen(
    t: Translator,
    language: str,
    entries: Sequence[FaqEntry],
    *,
    has_picture: bool,
    note: Html | None = None,
) -> Screen:
    rows = [[callback_button(one.question, FaqEntryEditPage(entry_id=one.id))] for one in entries]
    is_full = len(entries) >= MAX_FAQ_ENTRIES
    add = [callback_button(t.plain("faq-add"), NewFaqEntry(language=language))]
    change = callback_button(t.plain("faq-picture"), FaqPicturePage(language=language))
    remove = callback_button(t.plain("page-no-picture"), RemoveFaqPicture(language=language))
    head = t("faq-edit", language=language, count=len(entries), most=MAX_FAQ_ENTRIES)
    pictures = [change, *([remove] if has_picture else [])]
    return Screen(
        "\n\n".join([*([note] if note else []), head]),
        [*rows, *([] if is_full else [add]), pictures, [to_pages(t, language)]],
    )


def faq_entry_edit_screen(t: Translator, row: FaqEntryRow) -> Screen:
    change = callback_button(t.plain("faq-change"), ChangeFaqEntry(entry_id=row.id))
    up = callback_button(t.plain("faq-up"), MoveFaqEntryUp(entry_id=row.id))
    delete = callback_button(t.plain("faq-delete"), DeleteFaqEntry(entry_id=row.id))
    text = faq_entry_text(FaqEntry(row.id, row.question, row.answer))
    return Screen(text, [[change, up], [delete], [_to_faq(t, row.language)]])


def ask_for_faq_entry_screen(t: Translator, language: str, *, is_refused: bool = False) -> Screen:
    parts = [
        *([t("faq-unfit")] if is_refused else []),
        t("faq-ask", language=language, question=MAX_FAQ_QUESTION, answer=MAX_FAQ_ANSWER),
    ]
    return Screen("\n\n".join(parts), [[_to_faq(t, language)]])


def ask_for_faq_picture_screen(t: Translator, language: str) -> Screen:
    return Screen(t("faq-ask-picture"), [[_to_faq(t, language)]])


def faq_entry_preview_screen(
    t: Translator, language: str, question: str, answer: str, token: str
) -> Screen:
    """Exactly as users will see it, but for the buttons."""
    return Screen(
        faq_entry_text(FaqEntry(0, question, answer)),
        [
            [callback_button(t.plain("page-apply", language=language), ApplyFaqEntry(token=token))],
            [callback_button(t.plain("edit-cancel"), FaqEditPage(language=language))],
        ],
    )


def _to_faq(t: Translator, language: str) -> Button:
    return callback_button(t.plain("faq-back"), FaqEditPage(language=language))
