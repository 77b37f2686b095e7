"""The part of the page by which a device is connected: apps, one-tap links, and what to press."""

from app.bot.callbacks import Platform
from app.bot.i18n import Html, Translator
from app.bot.qr import MAX_QR_LENGTH, draw_qr_as_svg
from app.bot.screens.connect import PLATFORM_NAMES
from app.bot.web.apps import PAGE_APPS, App
from app.bot.web.markup import element, join

_APPS_SHOWN = 3  # the others are behind a fold


def connect_card(t: Translator, link: str, name: str, platform: Platform | None) -> Html:
    """For that platform, the others behind a fold; for none, each behind its own."""
    others = [
        element(
            "details",
            element("summary", PLATFORM_NAMES[other]),
            _steps(t, link, name, other),
        )
        for other in Platform
        if other is not platform
    ]
    if platform is None:
        return element(
            "section", element("h2", t.plain("page-connect-any")), *others, class_="card"
        )
    head = t.plain("page-connect", platform=_bare_name(platform))
    return element(
        "section",
        element("h2", head),
        _steps(t, link, name, platform),
        element("h3", t.plain("page-connect-other")),
        *others,
        class_="card",
    )


def link_card(t: Translator, link: str, *, is_qr_open: bool) -> Html:
    copy = element("button", t.plain("page-copy"), type="button", hidden=True, id="copy")
    code = element("code", link, id="link", data_copied=t.plain("page-copied"))
    return element(
        "section",
        element("h2", t.plain("page-link")),
        element("p", t.plain("page-link-text"), class_="quiet"),
        element("div", code, copy, class_="link"),
        *_qr(t, link, is_open=is_qr_open),
        class_="card link-card",
    )


def _bare_name(platform: Platform) -> str:
    """Without the picture before it."""
    return PLATFORM_NAMES[platform].partition(" ")[2]


def _steps(t: Translator, link: str, name: str, platform: Platform) -> Html:
    apps = PAGE_APPS[platform]
    shown, more = apps[:_APPS_SHOWN], apps[_APPS_SHOWN:]
    fold = [
        element(
            "details",
            element("summary", t.plain("page-more-apps")),
            join(*(_app_row(t, link, name, app) for app in more)),
            class_="more",
        )
    ]
    return element(
        "ol",
        element(
            "li",
            element("b", t.plain("page-step-add")),
            element("p", t.plain("page-step-add-text"), class_="quiet"),
            *(_app_row(t, link, name, app) for app in shown),
            *(fold if more else []),
        ),
        element(
            "li",
            element("b", t.plain("page-step-on")),
            element("p", t.plain(f"page-step-on-{platform.value}"), class_="quiet"),
        ),
    )


def _app_row(t: Translator, link: str, name: str, app: App) -> Html:
    install = element(
        "a",
        t.plain("page-install"),
        href=app.store_url,
        target="_blank",
        rel="noopener noreferrer",
        aria_label=t.plain("page-install-app", app=app.name),
    )
    add = element(
        "a",
        t.plain("page-add"),
        href=app.build_import_link(link, name),
        class_="primary",
        aria_label=t.plain("page-add-app", app=app.name),
    )
    return element("div", element("span", app.name), install, add, class_="app")


def _qr(t: Translator, link: str, *, is_open: bool) -> list[Html]:
    if len(link) > MAX_QR_LENGTH:
        return []
    text = element("p", t.plain("page-qr-text"), class_="quiet")
    summary = element("summary", t.plain("page-qr"))
    return [
        element("details", summary, text, Html(draw_qr_as_svg(link)), class_="qr", open=is_open)
    ]
