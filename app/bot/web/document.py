"""The frame of every page: its style and its script stand in it, and nothing else is loaded."""

import hashlib
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from app.bot.i18n import LANGUAGES, Html, Translator
from app.bot.web.markup import element, join

_FOLDER: Final = Path(__file__).parent
_REFRESH_SECONDS: Final = "10"
# https://core.telegram.org/bots/webapps: in a browser, Telegram shows Mini Apps in a frame.
_FRAMES: Final = "https://*.telegram.org"
_SHIELD: Final = "M12 2 4 5v6c0 5 3.4 9.4 8 11 4.6-1.6 8-6 8-11V5z"
_LOGO: Final = Html(
    f'<svg class="logo" viewBox="0 0 24 24" aria-hidden="true"><path d="{_SHIELD}"/>'
    '<path class="tick" d="m8.4 12 2.5 2.6 4.8-5"/></svg>'
)
_ICON: Final = "data:image/svg+xml," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    f'<path fill="#0a6cff" d="{_SHIELD}"/></svg>'
)


@cache
def _read(name: str) -> Html:
    return Html((_FOLDER / name).read_text(encoding="utf-8"))


@cache
def build_content_policy() -> str:
    """The value of Content-Security-Policy: our own style and script by their hashes."""
    return (
        f"default-src 'none'; style-src '{_hash(_read('page.css'))}'; "
        f"script-src '{_hash(_read('page.js'))}'; img-src data:; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {_FRAMES}"
    )


def build_document(
    t: Translator, name: str, head: str, body: Html, *, refreshes: bool = False
) -> str:
    """`name` is what stands on top, `head` the title; `refreshes` by itself, without a script."""
    meta = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="robots", content="noindex, nofollow"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href=_ICON),
    ]
    if refreshes:
        meta.append(element("meta", http_equiv="refresh", content=_REFRESH_SECONDS))
    (other,) = (language for language in LANGUAGES if language != t.language)
    top = element(
        "header",
        element("span", _LOGO, element("b", name), class_="brand"),
        element("a", t.plain("page-language"), href=f"?lang={other}", lang=other, hreflang=other),
    )
    whole = element(
        "html",
        element("head", *meta, element("title", head), element("style", _read("page.css"))),
        element("body", top, element("main", body), element("script", _read("page.js"))),
        lang=t.language,
    )
    return join(Html("<!doctype html>"), whole)


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
