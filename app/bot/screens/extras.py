"""Extra traffic and extra devices: what there is to buy, an order for it, and its result."""

from datetime import datetime
from typing import Final

from app.bot.callbacks import BuyExtra, DevicesPage, ExtrasPage, OpenSubscription
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import (
    callback_button,
    to_balance,
    to_menu,
    to_plans,
    to_subscription,
    to_support,
)
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_instant,
    read_issued,
    read_number,
    read_subscription_id,
    to_its_plans,
    to_its_subscription,
    with_payment,
    with_subscription_number,
)
from app.bot.screens.plans import format_device_limit
from app.core.money import Money
from app.db.models import Purchase, Subscription
from app.domain.extras import ExtraKind, add_extra, count_extra_days
from app.domain.messages import Button, Screen
from app.domain.subscriptions import GIBIBYTE
from app.services.payments.checkout import InvoiceText
from app.services.purchases.extras import ExtraOffer, ExtraOffers


def to_extras(
    t: Translator, subscription_id: int, kind: ExtraKind, *, fresh: bool = False
) -> Button:
    is_traffic = kind is ExtraKind.TRAFFIC
    label = t.plain("extra-traffic-button" if is_traffic else "extra-devices-button")
    page = ExtrasPage(fresh=fresh, subscription_id=subscription_id, kind=kind)
    return callback_button(label, page)


def extras_screen(t: Translator, found: ExtraOffers) -> Screen:
    id_ = found.subscription.id
    if not found.offers:
        plans = to_plans(t, subscription_id=id_)
        return Screen(t("extra-none"), [[to_subscription(t, subscription_id=id_)], [plans]])
    number = str(id_)
    back_to: OpenSubscription | DevicesPage = OpenSubscription(subscription_id=id_)
    if found.kind is ExtraKind.TRAFFIC:
        text = t("extra-traffic", number=number)
    else:
        text = t("extra-devices", number=number, date=t.date(found.subscription.expires_at))
        back_to = DevicesPage(subscription_id=id_)
    buttons = [[_offer_button(t, id_, offer)] for offer in found.offers]
    back = callback_button(t.plain("button-back"), back_to)
    return Screen(text, [*buttons, [back, to_menu(t)]])


def _offer_button(t: Translator, subscription_id: int, offer: ExtraOffer) -> Button:
    extra = offer.extra
    label = extra_label(t, extra.kind, extra.amount, offer.price)
    return callback_button(label, BuyExtra(subscription_id=subscription_id, extra_id=extra.id))


def extra_label(t: Translator, kind: ExtraKind, amount: int, price: Money) -> str:
    if kind is ExtraKind.TRAFFIC:
        size = t.size(amount * GIBIBYTE)
        return t.plain("extra-traffic-choose", size=size, price=t.price(price))
    return t.plain("extra-devices-choose", count=amount, price=t.price(price))


def extra_order_head(t: Translator, purchase: Purchase) -> Html:
    """What it gives, and until when."""
    number = str(purchase.subscription_id)
    if purchase.extra_kind is ExtraKind.TRAFFIC:
        size = t.size(purchase.traffic_limit_bytes)
        return t("extra-order-traffic", size=size, number=number)
    head = t("extra-order-devices", count=purchase.device_limit, number=number)
    until = purchase.base_expires_at or purchase.created_at
    days = t("days", count=count_extra_days(until, purchase.created_at))
    return Html(f"{head}\n\n{t('extra-order-until', days=days, date=t.date(until))}")


def extra_order_lines(
    t: Translator, purchase: Purchase, subscription: Subscription | None
) -> list[Html]:
    """What the subscription has, and will have."""
    if subscription is None:
        return []
    if purchase.extra_kind is ExtraKind.TRAFFIC:
        limit = subscription.traffic_limit_bytes
        after = t.size(add_extra(limit, purchase.traffic_limit_bytes))
        return [t("extra-order-limit", before=t.size(limit), after=after)]
    places = subscription.device_limit
    more_places = add_extra(places, purchase.device_limit)
    return [t("extra-order-places", before=places, after=more_places)]


def describe_extra_invoice(t: Translator, purchase: Purchase) -> InvoiceText:
    if purchase.extra_kind is ExtraKind.TRAFFIC:
        title = t.plain("extra-invoice-traffic", size=t.size(purchase.traffic_limit_bytes))
    else:
        title = t.plain("extra-invoice-devices", count=purchase.device_limit)
    number = str(purchase.subscription_id)
    return InvoiceText(title, t.plain("extra-invoice-description", number=number))


def extra_paid_screen(
    t: Translator, price: str, issued: str, subscription_id: int | None
) -> Screen:
    text = t("extra-paid", price=price, follows=t("extra-follows", issued=issued))
    return Screen(text, [[to_subscription(t, subscription_id=subscription_id)], [to_menu(t)]])


def extra_refunded_screen(t: Translator, subscription_id: int | None) -> Screen:
    own = to_subscription(t, subscription_id=subscription_id)
    return Screen(t("extra-refunded"), [[own], [to_support(t), to_menu(t)]])


def extra_devices_lines(t: Translator, subscription: Subscription, now: datetime) -> list[Html]:
    """How many of its devices are extra, and until when."""
    until = subscription.extra_devices_until
    if until is None or until <= now or not subscription.device_limit:
        return []
    return [t("extra-in-use", count=subscription.extra_devices, date=t.date(until))]


def _extra_paid(t: Translator, values: NotificationValues) -> Screen:
    price = t.price_text(str(values["price"]))
    return extra_paid_screen(t, price, read_issued(values), read_subscription_id(values))


def _extra_delivered(t: Translator, values: NotificationValues) -> Screen:
    number = str(values["subscription"])
    if values["until"] is None:
        size = t.size(read_number(values, "traffic_bytes"))
        limit = t.size(read_number(values, "limit_bytes"))
        text = t("extra-delivered-traffic", size=size, limit=limit, number=number)
    else:
        date = t.date(read_instant(values, "until"))
        head = t("extra-delivered-devices", count=read_number(values, "devices"), date=date)
        places = read_number(values, "device_limit")
        text = Html(f"{head}\n\n{t('extra-delivered-places', limit=places, number=number)}")
    own = to_its_subscription(t, values, fresh=True)
    return Screen(with_payment(t, values, text), [[own], [to_menu(t, fresh=True)]])


def _extra_devices_over(t: Translator, values: NotificationValues) -> Screen:
    devices = format_device_limit(t, read_number(values, "device_limit"))
    id_ = read_number(values, "subscription")
    listed = callback_button(t.plain("device-button"), DevicesPage(subscription_id=id_))
    own = [to_its_subscription(t, values, fresh=True), to_menu(t, fresh=True)]
    more = extras_row(t, values, ExtraKind.DEVICES)
    return Screen(t("extra-devices-over", devices=devices), [*more, [listed], own])


def extras_row(t: Translator, values: NotificationValues, kind: ExtraKind) -> list[list[Button]]:
    """Below a notification that says whether any can be bought, and where keys are issued."""
    id_ = read_subscription_id(values)
    if id_ is None or not values.get("extras") or not values.get("keys", True):
        return []
    return [[to_extras(t, id_, kind, fresh=True)]]


def _extra_over(t: Translator, values: NotificationValues) -> Screen:
    text = t(
        "extra-over",
        kind=str(values["kind"]),
        reason="ended" if values["has_ended"] else "changed",
        paid=t.price_text(str(values["paid"])),
        price=t.price_text(str(values["price"])),
    )
    plans = to_its_plans(t, values, fresh=True)
    return Screen(text, [[plans], [to_balance(t, fresh=True), to_support(t, fresh=True)]])


def _extra_delayed(t: Translator, values: NotificationValues) -> Screen:
    return Screen(t("extra-delayed"), [[to_its_subscription(t, values)]])


def _extra_needs_attention(t: Translator, values: NotificationValues) -> Screen:
    own = to_its_subscription(t, values)
    return Screen(t("extra-needs-attention"), [[own, to_support(t)]])


EXTRA_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "extra-paid": _extra_paid,
    "extra-delivered": _extra_delivered,
    "extra-devices-over": with_subscription_number(_extra_devices_over),
    "extra-delayed": with_subscription_number(_extra_delayed),
    "extra-needs-attention": with_subscription_number(_extra_needs_attention),
    "payment-extra-over": _extra_over,
}
