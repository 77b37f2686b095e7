"""A subscription's page for browsers, in its user's language: what it is, and how to connect."""

from datetime import datetime
from typing import Final

from app.bot.callbacks import Platform
from app.bot.i18n import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    Html,
    Translator,
    load_translators,
    pick_language,
)
from app.bot.screens.devices import format_device_seen
from app.bot.screens.plans import format_device_limit
from app.bot.screens.subscription import format_time_left, get_subscription_title
from app.bot.web.apps import recognize_platform
from app.bot.web.connecting import connect_card, link_card
from app.bot.web.document import build_content_policy, build_document
from app.bot.web.markup import element, join
from app.core import clock
from app.domain.customer_page import PageNotice, PageReader
from app.domain.ports import Device
from app.services.access.customer_page import CustomerPage
from app.services.access.devices import SubscriptionDevices
from app.services.access.subscriptions import has_subscription_ended

_SHOWN_DEVICES: Final = 5  # or the way to connect is far below
_POCKET: Final = (Platform.IOS, Platform.ANDROID)  # cannot scan what they show themselves


class CustomerPageRenderer:
    """A PageRenderer."""

    @property
    def content_policy(self) -> str:
        return build_content_policy()

    def render(self, page: CustomerPage, link: str | None, reader: PageReader) -> str:
        """`link` is what apps import; without one the key is still to come."""
        language = _pick_language(reader, page.language)
        t = load_translators().get(language).in_zone(page.shop.time_zone)
        now = clock.now()
        subscription = page.shown.subscription
        title = get_subscription_title(t, page.shown.plan, is_trial=subscription.is_trial)
        is_over = has_subscription_ended(subscription, now)
        if is_over:
            body = _ended(t, subscription.ends_at, reader)
        elif link is None:
            body = _notice_card(t, "coming", [], element("div", class_="spin", aria_hidden="true"))
        else:
            name = f"@{reader.bot_name}" if reader.bot_name else title
            platform = recognize_platform(reader.user_agent)
            body = join(
                element(
                    "div",
                    _status_card(t, page, now, reader),
                    link_card(t, link, is_qr_open=platform not in _POCKET),
                ),
                element("div", connect_card(t, link, name, platform), _in_browser(t)),
            )
        return build_document(
            t,
            title,
            f"{title} · {t.plain('page-title')}",
            join(body, _footer(t, page.shop.support_contact, reader)),
            refreshes=link is None and not is_over,
        )

    def render_notice(self, notice: PageNotice, reader: PageReader) -> str:
        t = load_translators().get(_pick_language(reader, None))
        card = _notice_card(t, notice, _to_bot(t, "page-open-bot", reader))
        head = t.plain(f"page-{notice}-head")
        return build_document(t, t.plain("page-title"), head, join(card, _footer(t, None, reader)))


def _pick_language(reader: PageReader, own: str | None) -> str:
    """What was chosen, else the user's own, else what the browser asks for."""
    if reader.language in LANGUAGES:
        return reader.language or DEFAULT_LANGUAGE
    first_tag = reader.accept_language.partition(",")[0].partition(";")[0].strip()
    return own or pick_language(first_tag)


def _status_card(t: Translator, page: CustomerPage, now: datetime, reader: PageReader) -> Html:
    subscription = page.shown.subscription
    limit, used = subscription.traffic_limit_bytes, page.shown.used_bytes
    is_over, is_spent = subscription.expires_at <= now, bool(limit and used and used >= limit)
    state = "grace" if is_over else "spent" if is_spent else "active"
    ends_at = subscription.ends_at if is_over else subscription.expires_at
    left = format_time_left(t, ends_at, now)
    trouble = [element("p", t.plain("page-spent-text"))] if is_spent else []
    return element(
        "section",
        element("p", t.plain(f"page-{state}"), class_=f"chip {state}"),
        element("h1", t.plain("page-until", date=t.date(ends_at))),
        element("p", t("page-grace-left" if is_over else "page-left", left=left), class_="left"),
        *trouble,
        *_traffic(t, limit, used),
        *_devices(t, subscription.device_limit, page.devices, now),
        *(_to_bot(t, "page-renew", reader) if is_over or is_spent else []),
        class_="card status",
    )


def _devices(
    t: Translator, limit: int, listed: SubscriptionDevices | None, now: datetime
) -> list[Html]:
    """How many places are taken, and by what; an address is nothing to show (P12)."""
    if listed is None:
        said = t.plain("page-devices", devices=format_device_limit(t, limit))
        return [element("p", said, class_="quiet")]
    count = len(listed.devices)
    key = "page-addresses-taken" if listed.are_addresses else "page-devices-taken"
    head = element("p", t.plain(key, count=count, limit=limit), class_="quiet")
    shown = [] if listed.are_addresses else listed.devices[:_SHOWN_DEVICES]
    lines = [_device(t, device, now) for device in shown]
    if shown and count > len(shown):
        lines.append(element("li", t.plain("page-more-devices", count=count - len(shown))))
    return [head, *([element("ul", *lines, class_="devices quiet")] if lines else [])]


def _device(t: Translator, device: Device, now: datetime) -> Html:
    name = element("span", device.name or t.plain("device-nameless"))
    if device.seen_at is None:
        return element("li", name)
    return element("li", name, element("small", format_device_seen(t, now - device.seen_at)))


def _traffic(t: Translator, limit: int, used: int | None) -> list[Html]:
    if used is None:
        key = "page-traffic-unknown" if limit else "page-traffic-unknown-unlimited"
        text = t.plain(key, **({"limit": t.size(limit)} if limit else {}))
        return [element("p", text, class_="quiet")]
    if not limit:
        text = t.plain("page-traffic-unlimited", used=t.size(used))
        return [element("p", text, class_="quiet")]
    said = t.plain(
        "page-traffic",
        used=t.size(used),
        limit=t.size(limit),
        left=t.size(max(limit - used, 0)),
    )
    percent = str(min(used * 100 // limit, 100))
    bar = element("progress", max="100", value=percent, aria_label=said)
    return [bar, element("p", said, class_="quiet")]


def _ended(t: Translator, ended_at: datetime, reader: PageReader) -> Html:
    date = t.date(ended_at)
    return element(
        "section",
        element("p", t.plain("page-ended"), class_="chip ended"),
        element("h1", t.plain("page-ended-head")),
        element("p", t.plain("page-ended-text", date=date)),
        *_to_bot(t, "page-renew", reader),
        class_="card notice",
    )


def _notice_card(t: Translator, notice: str, buttons: list[Html], *picture: Html) -> Html:
    return element(
        "section",
        *picture,
        element("h1", t.plain(f"page-{notice}-head")),
        element("p", t.plain(f"page-{notice}-text")),
        *buttons,
        class_="card notice",
    )


def _in_browser(t: Translator) -> Html:
    """Shown by the script in a Mini App, where a link to another app may open nothing."""
    return element(
        "a", t.plain("page-in-browser"), href="", target="_blank", id="browser", hidden=True
    )


def _to_bot(t: Translator, key: str, reader: PageReader) -> list[Html]:
    if reader.bot_name is None:
        return []
    return [element("a", t.plain(key), href=f"https://t.me/{reader.bot_name}", class_="primary")]


def _footer(t: Translator, support: str | None, reader: PageReader) -> Html:
    links = [(t.plain("page-open-bot"), reader.bot_name)] if reader.bot_name else []
    if support is not None:
        links.append((t.plain("page-support"), support.removeprefix("@")))
    return element(
        "footer", *(element("a", label, href=f"https://t.me/{name}") for label, name in links)
    )
