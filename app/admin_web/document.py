"""The frame of every page, and the headers that keep it to itself (P12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import HTMLResponse

from app.admin_web.static_files import get_static_url
from app.bot.i18n import Html, Translator, load_translators
from app.bot.web.markup import element, join
from app.domain.admin_web import ADMIN_WEB_PATH

_LOCALES: Final = Path(__file__).parent / "locales"
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of what is kept by nobody on its way, pages and files.
PRIVATE_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HEADERS: Final = PRIVATE_HEADERS | {
    "Content-Security-Policy": _POLICY,
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class NavLink:
    """`is_here`: the page that is shown belongs to it."""

    path: str
    label: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page for the operator who sees it."""

    links: Sequence[NavLink]
    operator: str  # name and role
    form_token: str


@cache
def get_web_translator(language: str) -> Translator:
    return load_translators(_LOCALES).get(language)


def answer_page(
    t: Translator, title: str, body: Html, *, frame: Frame | None = None, status: int = 200
) -> HTMLResponse:
    """Without a frame, for a stranger: a notice of its own."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} · Tollgate"),
        element("link", rel="icon", href=get_static_url("icon.svg")),
        element("link", rel="stylesheet", href=get_static_url("admin.css")),
        element("script", src=get_static_url("admin.js"), defer=True),
    )
    main = element("main", element("h1", title), body)
    content = join(_head(t, frame), main, _foot(t, frame)) if frame else main
    whole = element(
        "html",
        head,
        element("body", content, class_="framed" if frame else "notice"),
        lang=t.language,
    )
    return HTMLResponse(join(Html("<!doctype html>"), whole), status, _HEADERS)


def post_form(form_token: str, path: str, *content: str, class_: str | None = None) -> Html:
    """One that changes something, with the token that no other site knows."""
    token = element("input", type="hidden", name="form_token", value=form_token)
    return element("form", token, *content, method="post", action=path, class_=class_)


def _head(t: Translator, frame: Frame) -> Html:
    links = [
        element("a", link.label, href=link.path, aria_current="page" if link.is_here else None)
        for link in frame.links
    ]
    nav = element("nav", *links, aria_label=t.plain("web-menu"))
    return element("header", element("b", "Tollgate"), nav)


def _foot(t: Translator, frame: Frame) -> Html:
    """Who is signed in, and how they leave."""
    leave = post_form(
        frame.form_token,
        f"{ADMIN_WEB_PATH}/logout",
        element("button", t.plain("web-logout"), name="where", value="here"),
        element("button", t.plain("web-logout-everywhere"), name="where", value="everywhere"),
    )
    return element("footer", element("span", frame.operator), leave)
