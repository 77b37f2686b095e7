"""An order from its invoice to its end."""

from datetime import UTC, datetime
from math import ceil

from app.bot.callbacks import Buy, CancelPurchase, ConfirmPayment
from app.bot.screens.buttons import tap, to_menu, to_plans, to_subscription, to_support
from app.bot.screens.plans import devices_of, title_of, traffic_of
from app.bot.texts import Html, Translator
from app.core.money import Money
from app.db.models import Purchase
from app.domain.messages import Button, Screen
from app.domain.payments import PurchaseStatus


def order_screen(t: Translator, purchase: Purchase, now: datetime) -> Screen:
    """The order as it stands."""
    if purchase.status is PurchaseStatus.PAID:
        return paid_screen(t, t.price(purchase.price))
    if purchase.status in {PurchaseStatus.EXPIRED, PurchaseStatus.CANCELLED}:
        return expired_screen(t)
    return _invoice_screen(t, purchase, now)


def paid_screen(t: Translator, price: str) -> Screen:
    return Screen(t("checkout-paid", price=price), [[to_subscription(t)], [to_menu(t)]])


def expired_screen(t: Translator) -> Screen:
    return Screen(t("checkout-expired"), [[to_plans(t)], [to_support(t), to_menu(t)]])


def provider_away_screen(t: Translator, plan_id: int) -> Screen:
    retry = tap(t.plain("button-try-again"), Buy(plan_id=plan_id))
    return Screen(t("checkout-provider-away"), [[retry], [to_plans(t), to_menu(t)]])


def invoice_description(t: Translator, title: str, days: int) -> str:
    """What the provider shows beside the amount; no markup there."""
    return t.plain("checkout-description", title=title, days=days)


def _invoice_screen(t: Translator, purchase: Purchase, now: datetime) -> Screen:
    price = t.price(Money(purchase.price_minor, purchase.currency))
    text = t(
        "checkout",
        title=title_of(purchase.titles, t.language),
        days=purchase.days,
        traffic=traffic_of(t, purchase.traffic_limit_bytes),
        devices=devices_of(t, purchase.device_limit),
        price=price,
        deadline=_deadline(t, purchase.expires_at, now),
    )
    pay = Button(t.plain("checkout-pay", price=price), url=purchase.pay_url)
    paid = tap(t.plain("checkout-confirm"), ConfirmPayment(purchase_id=purchase.id))
    cancel = tap(t.plain("checkout-cancel"), CancelPurchase(purchase_id=purchase.id))
    return Screen(text, [[pay], [paid], [cancel]])


def _deadline(t: Translator, expires_at: datetime, now: datetime) -> Html:
    minutes = max(ceil((expires_at - now).total_seconds() / 60), 0)
    time = f"{expires_at.astimezone(UTC):%H:%M}"
    return t("checkout-deadline", time=time, minutes=minutes)
