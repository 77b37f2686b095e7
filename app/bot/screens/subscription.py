"""What a person has: until when, how much is used, and the key itself."""

from datetime import datetime, timedelta
from html import escape

from app.bot.callbacks import PlansPage, QrPage, SubscriptionPage
from app.bot.progress import draw_bar
from app.bot.qr import LONGEST, draw_qr
from app.bot.screens.buttons import (
    copy_key,
    tap,
    to_connect,
    to_menu,
    to_plans,
    to_support,
)
from app.bot.screens.plans import devices_of
from app.bot.texts import Html, Translator
from app.db.models import Subscription
from app.domain.messages import Screen
from app.domain.ports import Usage
from app.domain.subscriptions import ActivationStatus
from app.services import subscriptions

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_ENDED = frozenset({ActivationStatus.REMOVAL_PENDING, ActivationStatus.REMOVED})


def no_subscription_screen(t: Translator) -> Screen:
    return Screen(t("subscription-none"), [[to_plans(t)], [to_menu(t)]])


def ended_screen(t: Translator) -> Screen:
    return Screen(t("subscription-ended"), [[to_plans(t)], [to_support(t), to_menu(t)]])


def get_usable_key(subscription: Subscription, now: datetime) -> str | None:
    """None once it has ended; a renewal that waits for the panel keeps the old key working."""
    ended = subscription.activation_status in _ENDED or subscription.expires_at <= now
    return None if ended else subscription.link


def subscription_screen(
    t: Translator, page: subscriptions.SubscriptionPage, now: datetime
) -> Screen:
    subscription = page.subscription
    if subscription.activation_status in _ENDED or subscription.expires_at <= now:
        return ended_screen(t)
    if subscription.activation_status is ActivationStatus.PENDING:
        return _waiting_screen(t, subscription, now, t("subscription-pending"))
    if subscription.activation_status is ActivationStatus.NEEDS_ATTENTION:
        return _waiting_screen(t, subscription, now, t("subscription-needs-attention"))
    return _active_screen(t, page, now)


def qr_screen(t: Translator, link: str) -> Screen:
    """The picture; for a key that is too long for one, its text."""
    back = tap(t.plain("button-back"), SubscriptionPage())
    if len(link) > LONGEST:
        return Screen(f"{t('subscription-no-qr')}\n\n{as_code(link)}", [[back]])
    return Screen(t("subscription-qr"), [[back]], photo=draw_qr(link))


def as_code(link: str) -> str:
    """One tap copies it; not through a text's value, whose length Fluent bounds."""
    return f"<code>{escape(link)}</code>"


def left_until(t: Translator, expires_at: datetime, now: datetime) -> Html:
    """Whole days and hours, rounded up: who has just bought 30 days has 30 left."""
    left = max(expires_at - now, timedelta())
    return t("days", count=-(-left // _DAY)) if left > _DAY else t("hours", count=-(-left // _HOUR))


def _waiting_screen(
    t: Translator, subscription: Subscription, now: datetime, state: Html
) -> Screen:
    parts: list[str] = [t("subscription"), state, _term(t, subscription, now)]
    if subscription.link:
        parts += [t("subscription-key-works"), as_code(subscription.link)]
    refresh = tap(t.plain("button-refresh"), SubscriptionPage())
    return Screen("\n\n".join(parts), [[refresh], [to_support(t), to_menu(t)]])


def _active_screen(t: Translator, page: subscriptions.SubscriptionPage, now: datetime) -> Screen:
    subscription = page.subscription
    link = subscription.link or ""
    facts = [
        _term(t, subscription, now),
        _traffic(t, subscription.traffic_limit_bytes, page.usage),
        t("subscription-devices", devices=devices_of(t, subscription.device_limit)),
    ]
    newline = "\n"
    text = (
        f"{t('subscription')}\n\n{newline.join(facts)}\n\n{t('subscription-key')}\n{as_code(link)}"
    )
    return Screen(
        text,
        [
            [tap(t.plain("button-qr"), QrPage()), *copy_key(t, link)],
            [to_connect(t)],
            [
                tap(t.plain("button-refresh"), SubscriptionPage()),
                tap(t.plain("button-renew"), PlansPage()),
            ],
            [to_menu(t)],
        ],
    )


def _term(t: Translator, subscription: Subscription, now: datetime) -> Html:
    left = left_until(t, subscription.expires_at, now)
    return t("subscription-until", date=t.date(subscription.expires_at), left=left)


def _traffic(t: Translator, limit_bytes: int, usage: Usage | None) -> Html:
    if usage is None:
        return t("subscription-traffic-unknown")
    used = t.size(usage.used_bytes)
    if not limit_bytes:
        return t("subscription-traffic-unlimited", used=used)
    bar = draw_bar(usage.used_bytes, limit_bytes)
    return t("subscription-traffic", used=used, limit=t.size(limit_bytes), bar=bar)
