"""What people hear about the end of what they paid for, and about what renews itself."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from app.bot.callbacks import PlansPage
from app.bot.screens.buttons import (
    tap,
    to_balance,
    to_menu,
    to_renew,
    to_support,
    to_top_up,
)
from app.bot.screens.letters import named, subscription_of, to_its_subscription
from app.bot.screens.subscription import left_until
from app.bot.texts import Translator
from app.core import clock
from app.core.money import Money
from app.domain.messages import Button, Screen
from app.domain.renewals import Outlook

Values = Mapping[str, object]


def _renewed(t: Translator, values: Values) -> Screen:
    text = t(
        "renewed",
        date=t.date(_instant(values, "expires_at")),
        price=_price(t, values, "price"),
        balance=_price(t, values, "balance"),
    )
    own = to_its_subscription(t, values, fresh=True)
    return Screen(text, [[own], [to_balance(t, fresh=True), to_menu(t, fresh=True)]])


def _renewal_short(t: Translator, values: Values) -> Screen:
    if values.get("outlook") == Outlook.PAUSED:
        return _renewal_paused(t, values)
    text = t(
        "renewal-short",
        left=left_until(t, _instant(values, "ends_at"), clock.now()),
        price=_price(t, values, "price"),
        balance=_price(t, values, "balance"),
        missing=_price(t, values, "missing"),
    )
    return Screen(text, [[_to_top_up(t, values)], [_to_renew(t, values)], [to_menu(t, fresh=True)]])


def _renewal_changed(t: Translator, values: Values) -> Screen:
    if values.get("outlook") == Outlook.PAUSED:
        return _renewal_paused(t, values)
    text = t(
        "renewal-changed",
        left=left_until(t, _instant(values, "ends_at"), clock.now()),
        price=_price(t, values, "price"),
        days=t("days", count=int(str(values["days"]))),
    )
    return Screen(text, [[_to_renew(t, values)], [to_menu(t, fresh=True)]])


def _renewal_paused(t: Translator, values: Values) -> Screen:
    left = left_until(t, _instant(values, "ends_at"), clock.now())
    return Screen(
        t("renewal-paused", left=left), [[_to_renew(t, values)], [to_menu(t, fresh=True)]]
    )


def _paid_time_over(t: Translator, values: Values) -> Screen:
    left = left_until(t, _instant(values, "ends_at"), clock.now())
    return Screen(
        t("paid-time-over", left=left), [[_to_renew(t, values)], [to_menu(t, fresh=True)]]
    )


def _reminder(t: Translator, values: Values) -> Screen:
    expires_at = _instant(values, "expires_at")
    left, date = left_until(t, expires_at, clock.now()), t.date(expires_at)
    outlook = values.get("outlook")
    if outlook == Outlook.RENEWS:
        text = t("reminder-renews", left=left, date=date, price=_price(t, values, "price"))
        own = to_its_subscription(t, values, fresh=True)
        return Screen(text, [[own], [to_menu(t, fresh=True)]])
    buttons = [[_to_renew(t, values)], [to_menu(t, fresh=True)]]
    if outlook == Outlook.SHORT:
        price, missing = _price(t, values, "price"), _price(t, values, "missing")
        text = t("reminder-short", left=left, date=date, price=price, missing=missing)
        return Screen(text, [[_to_top_up(t, values)], *buttons])
    if outlook == Outlook.CHANGED:
        price, days = _price(t, values, "price"), t("days", count=int(str(values["days"])))
        return Screen(t("reminder-changed", left=left, date=date, price=price, days=days), buttons)
    if outlook == Outlook.PAUSED:
        return Screen(t("reminder-paused", left=left, date=date), buttons)
    return Screen(t("reminder", left=left, date=date), buttons)


def _renewal_delayed(t: Translator, values: Values) -> Screen:
    return Screen(t("renewal-delayed"), [[to_its_subscription(t, values, fresh=True)]])


def _renewal_needs_attention(t: Translator, values: Values) -> Screen:
    own = to_its_subscription(t, values, fresh=True)
    return Screen(t("renewal-needs-attention"), [[own, to_support(t, fresh=True)]])


def _to_renew(t: Translator, values: Values) -> Button:
    subscription_id = subscription_of(values)
    if subscription_id is None:
        return tap(t.plain("button-renew"), PlansPage(fresh=True))
    return to_renew(t, subscription_id, fresh=True)


def _to_top_up(t: Translator, values: Values) -> Button:
    minor = values.get("top_up_minor")
    amount = None if minor is None else Money(int(str(minor)), str(values["currency"]))
    return to_top_up(t, amount, fresh=True)


def _instant(values: Values, name: str) -> datetime:
    return datetime.fromisoformat(str(values[name]))


def _price(t: Translator, values: Values, name: str) -> str:
    return t.told_price(str(values[name]))


RENEWAL_NOTICES: Final[dict[str, Callable[[Translator, Values], Screen]]] = {
    "renewed": named(_renewed),
    "renewal-short": named(_renewal_short),
    "renewal-changed": named(_renewal_changed),
    "paid-time-over": named(_paid_time_over),
    "reminder": named(_reminder),
    "renewal-delayed": named(_renewal_delayed),
    "renewal-needs-attention": named(_renewal_needs_attention),
}
