"""The bot's own pages as operators write them: which there are, one of them, and its preview."""

from typing import Final

from app.bot.editing_callbacks import (
    ApplyPageText,
    FaqEditPage,
    PagesEditPage,
    PageTextPage,
    RemovePicture,
    ResetPageText,
)
from app.bot.i18n import LANGUAGES, Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.editing.shop_settings import to_editing
from app.bot.screens.help import help_screen
from app.bot.screens.menu import welcome_screen
from app.bot.screens.plans import format_device_limit, format_traffic_limit
from app.domain.messages import Button, Screen, StoredPicture
from app.domain.offer import Offer
from app.domain.pages import PLACEHOLDERS, PageText, PicturePage, ShopPages, get_max_length
from app.domain.shop_settings import ShopSettings

_IN_A_ROW: Final = 2


def pages_edit_screen(t: Translator, language: str, pages: ShopPages) -> Screen:
    own = pages.get_texts(language)
    buttons = [
        callback_button(
            t.plain("page-label", name=name, state="own" if name in own else "standard"),
            PageTextPage(name=name, language=language),
        )
        for name in PageText
    ]
    faq = callback_button(
        t.plain("page-faq", count=len(pages.get_faq(language))), FaqEditPage(language=language)
    )
    rows = [buttons[i : i + _IN_A_ROW] for i in range(0, len(buttons), _IN_A_ROW)]
    others = [
        callback_button(t.plain("page-in-language", language=one), PagesEditPage(language=one))
        for one in LANGUAGES
        if one != language
    ]
    return Screen(t("pages-edit", language=language), [*rows, [faq], [*others], [to_editing(t)]])


def page_text_screen(
    t: Translator,
    name: PageText,
    language: str,
    pages: ShopPages,
    standard: Html | None,
    *,
    note: Html | None = None,
) -> Screen:
    """Asks for the text. `standard`: the text that there is without one of the shop's own."""
    own = pages.get_text(language, name)
    picture = has_picture(pages, name)
    current = own if own is not None else standard
    parts = [
        *([note] if note else []),
        t("page-head", name=name, language=language, state="own" if own else "standard"),
        *([current] if current else []),
        t("page-ask", most=get_max_length(name, has_picture=picture)),
        *([t("page-ask-picture")] if name in {*PicturePage} else []),
        *_placeholder_hint(t, name),
    ]
    reset = callback_button(
        t.plain("page-reset", name=name), ResetPageText(name=name, language=language)
    )
    remove = callback_button(
        t.plain("page-no-picture"), RemovePicture(name=name, language=language)
    )
    rows = [*([[reset]] if own else []), *([[remove]] if picture else [])]
    return Screen("\n\n".join(parts), [*rows, [to_pages(t, language)]])


def page_preview_screen(
    t: Translator,
    name: PageText,
    language: str,
    text: Html | None,
    picture: StoredPicture | None,
    token: str,
) -> Screen:
    """Exactly as users will see it, but for the buttons; None: the page will be gone."""
    return Screen(
        text or t("page-gone"),
        [
            [callback_button(t.plain("page-apply", language=language), ApplyPageText(token=token))],
            [callback_button(t.plain("edit-cancel"), PageTextPage(name=name, language=language))],
        ],
        photo=picture,
    )


def overtaken_page_screen(t: Translator, current: str | None) -> Screen:
    return Screen("\n\n".join([t("edit-overtaken"), current or t("page-standard-again")]))


def get_standard_text(t: Translator, name: PageText, offer: Offer) -> Html | None:
    """In the language of `t`, which has no texts of the shop's own; with placeholders."""
    if name is PageText.WELCOME:
        return Html(welcome_screen(t, "{name}", offer).text)
    if name is PageText.HELP:
        return Html(help_screen(t, offer).text)
    if name is PageText.RULES:
        return None
    return t(name.value, **{one: f"{{{one}}}" for one in PLACEHOLDERS.get(name, ())})


def list_placeholder_samples(
    t: Translator, shop: ShopSettings, operator_name: str | None
) -> dict[str, str]:
    """What is filled in, for a preview; in the language of `t`."""
    return {
        "name": t("page-sample-name", name=operator_name or "Anna"),
        "days": t("days", count=shop.trial_days),
        "traffic": format_traffic_limit(t, shop.trial_traffic_bytes),
        "devices": format_device_limit(t, shop.trial_devices),
    }


def has_picture(pages: ShopPages, name: PageText) -> bool:
    return name in {*PicturePage} and name in pages.pictures


def to_pages(t: Translator, language: str) -> Button:
    return callback_button(t.plain("pages-edit-back"), PagesEditPage(language=language))


def _placeholder_hint(t: Translator, name: PageText) -> list[Html]:
    known = PLACEHOLDERS.get(name)
    if not known:
        return []
    names = ", ".join(f"<code>{{{one}}}</code>" for one in sorted(known))
    return [t("page-placeholders", names=Html(names))]
