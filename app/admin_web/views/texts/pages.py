"""Texts in place of the standard ones: typed, shown as users will see them, then in force."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from app.admin_web.context import WebContext
from app.admin_web.html_fields import (
    TextRefusedError,
    html_field,
    read_html_field,
    show_message,
)
from app.admin_web.page import Page
from app.bot.i18n import LANGUAGES, Html, Translator, load_translators
from app.bot.screens.editing.pages import (
    get_standard_text,
    has_picture,
    list_placeholder_samples,
)
from app.bot.web.markup import element
from app.core.errors import ChangeOvertakenError
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.offer import Offer
from app.domain.operator_roles import Permission
from app.domain.pages import (
    PLACEHOLDERS,
    PageText,
    ShopPages,
    fill_placeholders,
    find_unknown_placeholders,
    get_max_length,
)
from app.services.operations.page_admin import load_shop_pages, set_page_text

TEXTS_PATH: Final = f"{ADMIN_WEB_PATH}/texts"
_RESET: Final = "reset"


def create_text_pages() -> list[Page]:
    may = Permission.EDIT_SHOP
    return [
        Page("/texts", show_texts, may, nav="web-texts"),
        Page("/texts/{language}/{name}", show_text, may),
        Page("/texts/{language}/{name}", change_text, may, method="POST"),
    ]


async def show_texts(context: WebContext) -> Response:
    """In both languages, with those that are the shop's own marked."""
    t = context.t
    pages = await load_shop_pages(context.deps.db)
    sections = []
    for language in LANGUAGES:
        own = pages.get_texts(language)
        lines = [
            element(
                "li", element("a", _label(t, name, own), href=f"{TEXTS_PATH}/{language}/{name}")
            )
            for name in PageText
        ]
        faq = element(
            "a",
            t.plain("page-faq", count=len(pages.get_faq(language))),
            href=f"{ADMIN_WEB_PATH}/faq/{language}",
        )
        head = element("h2", t.plain("page-in-language", language=language))
        links = element("ul", *lines, element("li", faq), class_="plain-list")
        sections.append(element("section", head, links, class_="card"))
    note = element("p", t.plain("web-texts-note"), class_="quiet")
    body = element("div", note, element("div", *sections, class_="charts"))
    return context.show(t.plain("web-texts"), body)


async def show_text(context: WebContext) -> Response:
    name = _read_name(context)
    if name is None:
        return _show_nothing(context)
    pages = await load_shop_pages(context.deps.db)
    return await _ask(context, name, pages, None)


async def change_text(context: WebContext) -> Response:
    """First how it will look; then, with what was seen there, the change itself."""
    name, db = _read_name(context), context.deps.db
    if name is None:
        return _show_nothing(context)
    pages = await load_shop_pages(db)
    try:
        html = None if context.form.get("do") == _RESET else _read_html(context, name, pages)
        if "seen" not in context.form:
            return _preview(context, name, pages, html)
        seen = context.form["seen"] or None
        language = context.path_params["language"]
        await set_page_text(db, context.operator_id, name, language, html, seen=seen)
    except TextRefusedError as error:
        return await _ask(context, name, pages, error.text)
    except ChangeOvertakenError:
        overtaken = context.t.plain("edit-overtaken")
        return await _ask(context, name, await load_shop_pages(db), overtaken)
    context.deps.shop.forget()
    return context.go(context.path, "saved")


def _read_html(context: WebContext, name: PageText, pages: ShopPages) -> Html:
    """Raises TextRefusedError."""
    longest = get_max_length(name, has_picture=has_picture(pages, name))
    html = read_html_field(context, "html", longest)
    unknown = find_unknown_placeholders(name, html)
    if unknown:
        text = context.t.plain("web-text-placeholder", name=f"{{{unknown[0]}}}")
        raise TextRefusedError(text)
    return html


async def _ask(
    context: WebContext, name: PageText, pages: ShopPages, refusal: str | None
) -> Response:
    t, language = context.t, context.path_params["language"]
    own = pages.get_text(language, name)
    standard = _get_standard(context, name, language)
    value = context.form.get("html", own or standard or "")
    longest = get_max_length(name, has_picture=has_picture(pages, name))
    label = t.plain("web-text-field", most=longest)
    buttons = [element("button", t.plain("web-text-preview"), name="do", value="save")]
    if own is not None:
        reset = t.plain("page-reset", name=name)
        buttons.append(element("button", reset, name="do", value=_RESET, class_="plain"))
    form = context.post_form(
        context.path,
        html_field(context, label, "html", value),
        *_list_placeholders(t, name),
        element("div", *buttons, class_="tools"),
        class_="card stack wide",
    )
    now = t.plain("web-text-now", state="standard" if own is None else "own")
    back = element("p", element("a", t.plain("web-texts-back"), href=TEXTS_PATH))
    body = element("div", element("p", now, class_="quiet"), form, back)
    title = _title(context, name)
    return context.refuse(title, refusal, body) if refusal else context.show(title, body)


def _preview(context: WebContext, name: PageText, pages: ShopPages, html: Html | None) -> Response:
    t, language = context.t, context.path_params["language"]
    text = html or _get_standard(context, name, language)
    if text is None:
        shown = element("p", t.plain("page-gone"))
    else:
        samples = list_placeholder_samples(_of(context, language), context.shop, context.name)
        shown = show_message(Html(fill_placeholders(text, samples)))
    kept = {
        "html": html or "",
        "do": _RESET if html is None else "save",
        "seen": pages.get_text(language, name) or "",
    }
    form = context.post_form(
        context.path,
        element("p", t.plain("edit-preview"), class_="quiet"),
        shown,
        *(element("input", type="hidden", name=key, value=value) for key, value in kept.items()),
        element("button", t.plain("page-apply", language=language)),
        element("a", t.plain("edit-cancel"), href=context.path),
        class_="card stack wide",
    )
    return context.show(_title(context, name), form)


def _get_standard(context: WebContext, name: PageText, language: str) -> Html | None:
    deps = context.deps
    offer = Offer(
        methods=tuple(method.name for method in deps.payment_methods.list_open(context.shop)),
        trial=context.shop.trial_enabled,
        tracking=bool(deps.chains.all),
        keys=deps.panel is not None,
    )
    return get_standard_text(_of(context, language), name, offer)


def _of(context: WebContext, language: str) -> Translator:
    """Of the bot, in the text's language and without the shop's own texts."""
    return load_translators().get(language).in_zone(context.shop.time_zone)


def _list_placeholders(t: Translator, name: PageText) -> list[Html]:
    known = sorted(PLACEHOLDERS.get(name, ()))
    if not known:
        return []
    names = ", ".join(f"{{{one}}}" for one in known)
    return [element("p", t.plain("page-placeholders", names=names), class_="quiet")]


def _label(t: Translator, name: PageText, own: Mapping[str, str]) -> str:
    return t.plain("page-label", name=name, state="own" if name in own else "standard")


def _title(context: WebContext, name: PageText) -> str:
    t, language = context.t, context.path_params["language"]
    return f"{_label(t, name, {})} · {t.plain('page-in-language', language=language)}"


def _read_name(context: WebContext) -> PageText | None:
    """None where there is no such text."""
    if context.path_params["language"] not in LANGUAGES:
        return None
    try:
        return PageText(context.path_params["name"])
    except ValueError:
        return None


def _show_nothing(context: WebContext) -> Response:
    text = element("p", context.t.plain("web-nothing-text"))
    return context.show(context.t.plain("web-nothing"), text, status=404)
