"""Pages that exist where operators have written them: the rules, and questions with answers."""

from collections.abc import Sequence
from html import escape

from app.bot.callbacks import FaqEntryPage, FaqPage, RulesPage
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_menu, to_support
from app.domain.messages import Button, Screen, StoredPicture
from app.domain.offer import Offer
from app.domain.pages import FaqEntry, PageText


def rules_screen(t: Translator, picture: StoredPicture | None) -> Screen | None:
    """None where there are none in this language."""
    text = t.own(PageText.RULES)
    return None if text is None else Screen(text, [[to_support(t), to_menu(t)]], photo=picture)


def faq_screen(t: Translator, entries: Sequence[FaqEntry], picture: StoredPicture | None) -> Screen:
    rows = [[callback_button(one.question, FaqEntryPage(entry_id=one.id))] for one in entries]
    return Screen(t("faq"), [*rows, [to_support(t), to_menu(t)]], photo=picture)


def faq_entry_screen(t: Translator, entry: FaqEntry) -> Screen:
    back = callback_button(t.plain("button-back"), FaqPage())
    return Screen(faq_entry_text(entry), [[back], [to_support(t), to_menu(t)]])


def faq_entry_text(entry: FaqEntry) -> Html:
    return Html(f"<b>{escape(entry.question, quote=False)}</b>\n\n{entry.answer}")


def to_own_pages(t: Translator, offer: Offer) -> list[list[Button]]:
    """A row for those that there are (P14)."""
    faq = [callback_button(t.plain("button-faq"), FaqPage())] if offer.faq else []
    rules = [callback_button(t.plain("button-rules"), RulesPage())] if offer.rules else []
    return [[*faq, *rules]] if faq or rules else []
