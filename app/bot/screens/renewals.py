"""Notifications about the end of what was paid for, and about auto-renewal."""

from typing import Final

from app.bot.callbacks import PlansPage
from app.bot.i18n import Translator
from app.bot.screens.buttons import (
    callback_button,
    to_balance,
    to_menu,
    to_renew,
    to_support,
    to_top_up,
)
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_instant,
    read_number,
    read_subscription_id,
    to_its_subscription,
    with_subscription_number,
)
from app.bot.screens.subscription import format_time_left
from app.core import clock
from app.core.money import Money
from app.domain.messages import Button, Screen
from app.domain.renewals import RenewalOutlook


def _renewed(t: Translator, values: NotificationValues) -> Screen:
    text = t(
        "renewed",
        date=t.date(read_instant(values, "expires_at")),
        price=_price(t, values, "price"),
        balance=_price(t, values, "balance"),
    )
    own = to_its_subscription(t, values, fresh=True)
    return Screen(text, [[own], [to_balance(t, fresh=True), to_menu(t, fresh=True)]])


def _renewal_short(t: Translator, values: NotificationValues) -> Screen:
    if values.get("outlook") == RenewalOutlook.PAUSED:
        return _renewal_paused(t, values)
    text = t(
        "renewal-short",
        left=format_time_left(t, read_instant(values, "ends_at"), clock.now()),
        price=_price(t, values, "price"),
        balance=_price(t, values, "balance"),
        missing=_price(t, values, "missing"),
    )
    return Screen(text, [[_to_top_up(t, values)], [_to_renew(t, values)], [to_menu(t, fresh=True)]])


def _renewal_changed(t: Translator, values: NotificationValues) -> Screen:
    if values.get("outlook") == RenewalOutlook.PAUSED:
        return _renewal_paused(t, values)
    text = t(
        "renewal-changed",
        left=format_time_left(t, read_instant(values, "ends_at"), clock.now()),
        price=_price(t, values, "price"),
        days=t("days", count=read_number(values, "days")),
    )
    return Screen(text, [[_to_renew(t, values)], [to_menu(t, fresh=True)]])


def _renewal_paused(t: Translator, values: NotificationValues) -> Screen:
    left = format_time_left(t, read_instant(values, "ends_at"), clock.now())
    return Screen(
        t("renewal-paused", left=left), [[_to_renew(t, values)], [to_menu(t, fresh=True)]]
    )


def _paid_time_over(t: Translator, values: NotificationValues) -> Screen:
    left = format_time_left(t, read_instant(values, "ends_at"), clock.now())
    return Screen(
        t("paid-time-over", left=left), [[_to_renew(t, values)], [to_menu(t, fresh=True)]]
    )


def _reminder(t: Translator, values: NotificationValues) -> Screen:
    expires_at = read_instant(values, "expires_at")
    left, date = format_time_left(t, expires_at, clock.now()), t.date(expires_at)
    outlook = values.get("outlook")
    if outlook == RenewalOutlook.RENEWS:
        text = t("reminder-renews", left=left, date=date, price=_price(t, values, "price"))
        own = to_its_subscription(t, values, fresh=True)
        return Screen(text, [[own], [to_menu(t, fresh=True)]])
    buttons = [[_to_renew(t, values)], [to_menu(t, fresh=True)]]
    if outlook == RenewalOutlook.SHORT:
        price, missing = _price(t, values, "price"), _price(t, values, "missing")
        text = t("reminder-short", left=left, date=date, price=price, missing=missing)
        return Screen(text, [[_to_top_up(t, values)], *buttons])
    if outlook == RenewalOutlook.CHANGED:
        price, days = _price(t, values, "price"), t("days", count=read_number(values, "days"))
        return Screen(t("reminder-changed", left=left, date=date, price=price, days=days), buttons)
    if outlook == RenewalOutlook.PAUSED:
        return Screen(t("reminder-paused", left=left, date=date), buttons)
    return Screen(t("reminder", left=left, date=date), buttons)


def _renewal_delayed(t: Translator, values: NotificationValues) -> Screen:
    return Screen(t("renewal-delayed"), [[to_its_subscription(t, values, fresh=True)]])


def _renewal_needs_attention(t: Translator, values: NotificationValues) -> Screen:
    own = to_its_subscription(t, values, fresh=True)
    return Screen(t("renewal-needs-attention"), [[own, to_support(t, fresh=True)]])


def _to_renew(t: Translator, values: NotificationValues) -> Button:
    subscription_id = read_subscription_id(values)
    if subscription_id is None:
        return callback_button(t.plain("button-renew"), PlansPage(fresh=True))
    return to_renew(t, subscription_id, fresh=True)


def _to_top_up(t: Translator, values: NotificationValues) -> Button:
    minor = values.get("top_up_minor")
    amount = None if minor is None else Money(int(str(minor)), str(values["currency"]))
    return to_top_up(t, amount, fresh=True)


def _price(t: Translator, values: NotificationValues, name: str) -> str:
    return t.price_text(str(values[name]))


RENEWAL_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "renewed": with_subscription_number(_renewed),
    "renewal-short": with_subscription_number(_renewal_short),
    "renewal-changed": with_subscription_number(_renewal_changed),
    "paid-time-over": with_subscription_number(_paid_time_over),
    "reminder": with_subscription_number(_reminder),
    "renewal-delayed": with_subscription_number(_renewal_delayed),
    "renewal-needs-attention": with_subscription_number(_renewal_needs_attention),
}
