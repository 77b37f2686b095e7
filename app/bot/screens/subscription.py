"""A user's subscriptions: until when, how much is used, and the key itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape

from app.bot.callbacks import (
    KeyQrPage,
    NewLinkPage,
    OpenSubscription,
    PlansPage,
    SetAutoRenew,
)
from app.bot.formatting import draw_usage_bar
from app.bot.i18n import Html, Translator
from app.bot.qr import MAX_QR_LENGTH, draw_qr
from app.bot.screens.buttons import (
    callback_button,
    copy_key_buttons,
    page_buttons,
    to_connect,
    to_menu,
    to_plans,
    to_purchases,
    to_renew,
    to_support,
    to_top_up,
)
from app.bot.screens.devices import to_devices
from app.bot.screens.extras import extra_devices_lines, to_extras
from app.bot.screens.key_state import (
    awaits_first_key,
    awaits_term,
    format_key_state,
    format_key_state_line,
    format_paid_until,
    waiting_since_lines,
)
from app.bot.screens.plans import format_device_limit, localized_title
from app.db.models import Plan, Subscription
from app.domain.extras import ExtraKind
from app.domain.messages import Button, Screen
from app.domain.offer import Offer
from app.domain.renewals import RenewalOutlook
from app.domain.subscriptions import STATUSES_TO_PROVISION, ActivationStatus
from app.services.access import subscriptions
from app.services.access.renewal_forecasts import RenewalForecast
from app.services.access.subscriptions import has_subscription_ended

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def no_subscription_screen(t: Translator) -> Screen:
    return Screen(t("subscription-none"), [[to_plans(t)], [to_menu(t)]])


def subscription_ended_screen(t: Translator, subscription_id: int | None) -> Screen:
    """Of one that was bought; rows of older releases do not say which."""
    if subscription_id is None:
        return _ended_trial_screen(t, None)
    renew, other = to_renew(t, subscription_id), _to_other_plans(t, subscription_id)
    return Screen(t("subscription-ended"), [[renew], [other], [to_support(t), to_menu(t)]])


def _ended_trial_screen(t: Translator, subscription_id: int | None) -> Screen:
    """There is nothing that could be bought once more."""
    plans = to_plans(t, subscription_id=subscription_id)
    return Screen(t("subscription-ended-trial"), [[plans], [to_support(t), to_menu(t)]])


def _to_other_plans(t: Translator, subscription_id: int) -> Button:
    plans = PlansPage(subscription_id=subscription_id)
    return callback_button(t.plain("subscription-change-plan"), plans)


def subscriptions_screen(
    t: Translator, pages: Sequence[subscriptions.SubscriptionPage], now: datetime
) -> Screen:
    """The choice of one of several."""
    lines = "\n\n".join(_list_line(t, page, now) for page in pages)
    buttons = [[_list_button(t, page, now)] for page in pages]
    return Screen(
        f"{t('subscriptions')}\n\n{lines}", [*buttons, [to_purchases(t)], [to_plans(t), to_menu(t)]]
    )


def get_usable_key(subscription: Subscription, now: datetime) -> str | None:
    """None once it has ended; a renewal that waits for the panel keeps the old key working."""
    return None if has_subscription_ended(subscription, now) else subscription.link


def auto_renew_toast(t: Translator, offer: Offer, *, on: bool) -> str:
    if not on:
        return t.plain("auto-renew-off-toast")
    return t.plain("auto-renew-on-toast" if offer.renewal else "auto-renew-paused-toast")


def subscription_screen(
    t: Translator, page: subscriptions.SubscriptionPage, now: datetime, offer: Offer
) -> Screen:
    if page.forecast is not None and not offer.renewal:
        paused = replace(page.forecast, outlook=RenewalOutlook.PAUSED)
        page = replace(page, forecast=paused, top_up=None)
    if has_subscription_ended(page.subscription, now):
        draw = subscription_ended_screen if page.plan else _ended_trial_screen
        ended = draw(t, page.subscription.id)
        return Screen(f"{ended.text}\n\n{_name(t, page)}", [*ended.buttons, *_to_list(t, page)])
    if page.subscription.activation_status is not ActivationStatus.ACTIVE:
        return _waiting_screen(t, page, now, offer)
    return _active_screen(t, page, now, offer)


def key_qr_screen(t: Translator, link: str, subscription_id: int | None = None) -> Screen:
    """The picture; for a key that is too long for one, its text."""
    back = callback_button(
        t.plain("button-back"), OpenSubscription(subscription_id=subscription_id)
    )
    if len(link) > MAX_QR_LENGTH:
        return Screen(f"{t('subscription-no-qr')}\n\n{as_code(link)}", [[back]])
    return Screen(t("subscription-qr"), [[back]], photo=draw_qr(link))


def as_code(link: str) -> str:
    """One tap copies it; not through a text's value, whose length Fluent bounds."""
    return f"<code>{escape(link)}</code>"


def format_time_left(t: Translator, expires_at: datetime, now: datetime) -> Html:
    """Whole days, below a day hours, below an hour minutes: never more than there is."""
    left = max(expires_at - now, timedelta())
    if left >= _DAY:
        return t("days", count=left // _DAY)
    if left >= _HOUR:
        return t("hours", count=left // _HOUR)
    return t("minutes", count=left // _MINUTE)


def get_subscription_title(t: Translator, plan: Plan | None, *, is_trial: bool) -> str:
    """Its plan's title, where it has one."""
    if plan is not None:
        return localized_title(plan.titles, t.language)
    return t.plain("subscription-trial") if is_trial else t.plain("subscription-gift")


def _name(t: Translator, page: subscriptions.SubscriptionPage) -> Html:
    subscription = page.subscription
    title = get_subscription_title(t, page.plan, is_trial=subscription.is_trial)
    return t("subscription-name", title=title, number=str(subscription.id))


def _waiting_screen(
    t: Translator, page: subscriptions.SubscriptionPage, now: datetime, offer: Offer
) -> Screen:
    subscription = page.subscription
    facts = [_name(t, page), *waiting_since_lines(t, page), *_waiting_term(t, page, now)]
    parts: list[str] = [t("subscription"), format_key_state(t, page, now, offer), "\n".join(facts)]
    if subscription.link:
        is_new = subscription.retired_access_id is not None
        works = t("subscription-key") if is_new else t("subscription-key-works")
        parts += [works, as_code(subscription.link)]
    refresh = callback_button(
        t.plain("button-refresh"), OpenSubscription(subscription_id=subscription.id)
    )
    return Screen("\n\n".join(parts), [[refresh], *_to_list(t, page), [to_support(t), to_menu(t)]])


def _waiting_term(t: Translator, page: subscriptions.SubscriptionPage, now: datetime) -> list[Html]:
    """No end of what does not work yet."""
    if awaits_first_key(page):
        return []
    return [format_paid_until(t, page) if awaits_term(page) else _term(t, page.subscription, now)]


def _active_screen(
    t: Translator, page: subscriptions.SubscriptionPage, now: datetime, offer: Offer
) -> Screen:
    subscription = page.subscription
    link = subscription.link or ""
    facts = [
        _name(t, page),
        _term(t, subscription, now),
        _traffic(t, page),
        t("subscription-devices", devices=format_device_limit(t, subscription.device_limit)),
        *extra_devices_lines(t, subscription, now),
    ]
    if page.forecast is not None:
        facts.append(_renewal(t, page.forecast))
    newline = "\n"
    text = (
        f"{t('subscription')}\n\n{newline.join(facts)}\n\n{t('subscription-key')}\n{as_code(link)}"
    )
    return Screen(text, _active_buttons(t, page, link, offer))


def _renewal(t: Translator, forecast: RenewalForecast) -> Html:
    price = t.price(forecast.term.price)
    if forecast.outlook is RenewalOutlook.PAUSED:
        return t("subscription-renewal-paused")
    if forecast.outlook is RenewalOutlook.RENEWS:
        return t("subscription-renews", price=price)
    if forecast.outlook is RenewalOutlook.SHORT:
        return t("subscription-renews-short", missing=t.price(forecast.missing))
    return t("subscription-renews-changed", price=price, days=t("days", count=forecast.term.days))


def _active_buttons(
    t: Translator, page: subscriptions.SubscriptionPage, link: str, offer: Offer
) -> list[list[Button]]:
    subscription = page.subscription
    id_ = subscription.id
    refresh = callback_button(t.plain("button-refresh"), OpenSubscription(subscription_id=id_))
    new_link = callback_button(t.plain("subscription-renew-link"), NewLinkPage(subscription_id=id_))
    return [
        [
            callback_button(t.plain("button-qr"), KeyQrPage(subscription_id=id_)),
            *copy_key_buttons(t, link),
        ],
        page_buttons(t, subscription.page_token),
        [to_connect(t), to_devices(t, id_)] if page.has_devices else [to_connect(t)],
        [refresh, to_renew(t, id_)],
        *([[to_extras(t, id_, ExtraKind.TRAFFIC)]] if page.sells_traffic and offer.keys else []),
        [new_link, _to_other_plans(t, id_)] if page.plan else [new_link],
        *_missing_money(t, page),
        *_auto_renewal(t, subscription, offer),
        [to_purchases(t)],
        *_to_list(t, page),
        [to_menu(t)],
    ]


def _missing_money(t: Translator, page: subscriptions.SubscriptionPage) -> list[list[Button]]:
    is_short = page.forecast is not None and page.forecast.outlook is RenewalOutlook.SHORT
    return [[to_top_up(t, page.top_up)]] if is_short else []


def _auto_renewal(t: Translator, subscription: Subscription, offer: Offer) -> list[list[Button]]:
    """Only what was bought has a price at which it could be renewed."""
    if subscription.is_trial or subscription.term_id is None:
        return []
    on = not subscription.auto_renew
    if on and not offer.renewal:
        return []
    label = t.plain("subscription-auto-renew") if on else t.plain("subscription-no-auto-renew")
    return [[callback_button(label, SetAutoRenew(subscription_id=subscription.id, on=on))]]


def _to_list(t: Translator, page: subscriptions.SubscriptionPage) -> list[list[Button]]:
    return (
        [] if page.is_only else [[callback_button(t.plain("subscription-all"), OpenSubscription())]]
    )


def _term(t: Translator, subscription: Subscription, now: datetime) -> Html:
    if subscription.expires_at <= now:
        left = format_time_left(t, subscription.ends_at, now)
        return t("subscription-grace", date=t.date(subscription.ends_at), left=left)
    left = format_time_left(t, subscription.expires_at, now)
    return t("subscription-until", date=t.date(subscription.expires_at), left=left)


def _traffic(t: Translator, page: subscriptions.SubscriptionPage) -> Html:
    limit_bytes, used_bytes = page.subscription.traffic_limit_bytes, page.used_bytes
    if used_bytes is None:
        return t("subscription-traffic-unknown")
    used = t.size(used_bytes)
    if not limit_bytes:
        return t("subscription-traffic-unlimited", used=used)
    bar = draw_usage_bar(used_bytes, limit_bytes)
    return t("subscription-traffic", used=used, limit=t.size(limit_bytes), bar=bar)


def _list_line(t: Translator, page: subscriptions.SubscriptionPage, now: datetime) -> Html:
    return Html(f"{_name(t, page)}\n{_list_state(t, page, now)}")


def _list_state(t: Translator, page: subscriptions.SubscriptionPage, now: datetime) -> Html:
    subscription = page.subscription
    if has_subscription_ended(subscription, now):
        return t("subscriptions-ended", date=t.date(subscription.ends_at))
    if subscription.activation_status in STATUSES_TO_PROVISION:
        return format_key_state_line(t, page)
    return _term(t, subscription, now)


def _list_button(t: Translator, page: subscriptions.SubscriptionPage, now: datetime) -> Button:
    subscription = page.subscription
    number = str(subscription.id)
    title = get_subscription_title(t, page.plan, is_trial=subscription.is_trial)
    if has_subscription_ended(subscription, now):
        label = t.plain("subscriptions-ended-button", number=number, title=title)
    else:
        label = t.plain("subscriptions-button", number=number, title=title)
    return callback_button(label, OpenSubscription(subscription_id=subscription.id))
