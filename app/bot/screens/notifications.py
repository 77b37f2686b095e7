"""Notifications to users: a payment, a key, an end, an answer."""

from typing import Final

from app.bot.callbacks import BuyTermWithBalance, OpenSubscription
from app.bot.i18n import Translator
from app.bot.qr import MAX_QR_LENGTH, draw_qr
from app.bot.screens.buttons import (
    callback_button,
    to_balance,
    to_menu,
    to_plans,
    to_support,
)
from app.bot.screens.checkout import (
    free_order_screen,
    order_expired_screen,
    order_paid_screen,
)
from app.bot.screens.connect import platform_buttons
from app.bot.screens.menu import menu_screen
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    build_gift_order,
    key_button_rows,
    read_instant,
    read_issued,
    read_number,
    read_subscription_id,
    to_its_plans,
    to_its_subscription,
    with_payment,
    with_subscription_number,
)
from app.bot.screens.subscription import as_code, subscription_ended_screen
from app.domain.messages import Screen
from app.domain.offer import Offer
from app.domain.order_results import parse_order_result


def _payment_received(t: Translator, values: NotificationValues) -> Screen:
    price = t.price_text(str(values["price"]))
    return order_paid_screen(
        t, price, read_issued(values), read_subscription_id(values), parse_order_result(values)
    )


def _order_confirmed(t: Translator, values: NotificationValues) -> Screen:
    return free_order_screen(
        t, read_issued(values), read_subscription_id(values), parse_order_result(values)
    )


def _payment_short(t: Translator, values: NotificationValues) -> Screen:
    return Screen(t("payment-short", **_prices(t, values)), [[to_support(t, fresh=True)]])


def _payment_second(t: Translator, values: NotificationValues) -> Screen:
    return Screen(t("payment-second", **_prices(t, values)), [[to_support(t, fresh=True)]])


def _key_ready(t: Translator, values: NotificationValues) -> Screen:
    link = str(values["link"])
    date = t.date(read_instant(values, "expires_at"))
    ready = with_payment(t, values, t("key-ready", date=date))
    text = f"{ready}\n\n{as_code(link)}\n\n{t('key-ready-next')}"
    buttons = [
        *key_button_rows(t, values),
        *platform_buttons(fresh=True),
        [to_menu(t, fresh=True)],
    ]
    return Screen(text, buttons, photo=draw_qr(link) if len(link) <= MAX_QR_LENGTH else None)


def _subscription_extended(t: Translator, values: NotificationValues) -> Screen:
    date = t.date(read_instant(values, "expires_at"))
    return Screen(
        with_payment(t, values, t("subscription-extended", date=date)),
        [[to_its_subscription(t, values, fresh=True)], [to_menu(t, fresh=True)]],
    )


def _topped_up(t: Translator, values: NotificationValues) -> Screen:
    amounts = {name: t.price_text(str(values[name])) for name in ("amount", "balance")}
    return Screen(t("topped-up", **amounts), [[to_plans(t)], [to_menu(t)]])


def _payment_changed(t: Translator, values: NotificationValues) -> Screen:
    return Screen(
        t("payment-changed", **_prices(t, values)),
        [[to_its_plans(t, values, fresh=True)], [to_support(t, fresh=True)]],
    )


def _payment_offer_over(t: Translator, values: NotificationValues) -> Screen:
    rest = [to_balance(t, fresh=True), to_support(t, fresh=True)]
    if values["today"] is None:
        text = t("payment-offer-gone", **_prices(t, values))
        return Screen(text, [[to_its_plans(t, values, fresh=True)], rest])
    buy = build_gift_order(values) or BuyTermWithBalance(
        fresh=True,
        term_id=read_number(values, "term"),
        subscription_id=read_subscription_id(values),
        is_new=bool(values["is_separate"]),
    )
    today = t.price_text(str(values["today"]))
    text = t("payment-offer-over", **_prices(t, values), today=today)
    return Screen(text, [[callback_button(t.plain("payment-offer-buy"), buy)], rest])


def _key_delayed(t: Translator, values: NotificationValues) -> Screen:
    own = to_its_subscription(t, values)
    return Screen(t("key-delayed", issued=read_issued(values)), [[own]])


def _key_needs_attention(t: Translator, values: NotificationValues) -> Screen:
    own = to_its_subscription(t, values)
    return Screen(t("key-needs-attention"), [[own, to_support(t)]])


def _invoice_expired(t: Translator, values: NotificationValues) -> Screen:
    return order_expired_screen(t, read_subscription_id(values))


def _subscription_ended(t: Translator, values: NotificationValues) -> Screen:
    screen = subscription_ended_screen(t, read_subscription_id(values))
    if values.get("number") is None:
        return screen
    others = callback_button(t.plain("notification-subscriptions"), OpenSubscription(fresh=True))
    return Screen(screen.text, [screen.buttons[0], [others], *screen.buttons[1:]])


def _days_changed(t: Translator, values: NotificationValues) -> Screen:
    days, until = read_number(values, "days"), read_instant(values, "until")
    key = "days-granted" if days > 0 else "days-taken"
    text = t(
        key,
        days=t("days", count=abs(days)),
        until=t.date(until),
        reason=str(values["reason"]),
    )
    own = callback_button(t.plain("button-subscription"), OpenSubscription(fresh=True))
    return Screen(text, [[own], [to_support(t, fresh=True)]])


def _group_crowded(t: Translator, _: NotificationValues) -> Screen:
    return Screen(t("group-crowded"))


def _answer_late(t: Translator, _: NotificationValues) -> Screen:
    return Screen(f"{t('answer-late')}\n\n{t('menu')}", menu_screen(t, Offer()).buttons)


def _prices(t: Translator, values: NotificationValues) -> dict[str, str]:
    return {name: t.price_text(str(values[name])) for name in ("paid", "price")}


ORDER_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "payment-received": _payment_received,
    "order-confirmed": _order_confirmed,
    "payment-short": _payment_short,
    "payment-second": _payment_second,
    "key-ready": with_subscription_number(_key_ready),
    "payment-changed": _payment_changed,
    "payment-offer-over": _payment_offer_over,
    "topped-up": _topped_up,
    "subscription-extended": with_subscription_number(_subscription_extended),
    "key-delayed": with_subscription_number(_key_delayed),
    "key-needs-attention": with_subscription_number(_key_needs_attention),
    "invoice-expired": _invoice_expired,
    "subscription-ended": with_subscription_number(_subscription_ended),
    "days-changed": with_subscription_number(_days_changed),
    "answer-late": _answer_late,
    "group-crowded": _group_crowded,
}
