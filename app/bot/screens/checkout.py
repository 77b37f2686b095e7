"""An order from its invoice to its end."""

from datetime import datetime, timedelta
from typing import Final

from app.bot.callbacks import BuyTerm, CancelPurchase, ConfirmPayment, OpenOrder
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import (
    callback_button,
    to_balance,
    to_gifts,
    to_menu,
    to_plans,
    to_subscription,
    to_support,
)
from app.bot.screens.extras import (
    describe_extra_invoice,
    extra_paid_screen,
    extra_refunded_screen,
)
from app.bot.screens.notification_parts import select_issued
from app.bot.screens.order import order_head
from app.bot.screens.order_result import (
    drop_paused_renewal,
    order_result_lines,
    receipt_lines,
)
from app.bot.screens.plans import localized_title
from app.db.models import Purchase
from app.domain.messages import Button, Screen
from app.domain.offer import Offer
from app.domain.order_results import OrderResult
from app.domain.payments import OPEN_STATUSES, SOLD_STATUSES, PurchaseKind, PurchaseStatus
from app.domain.subscriptions import is_key_late
from app.services.payments.checkout import InvoiceText

_MAX_TITLE_LENGTH: Final = 32  # https://core.telegram.org/bots/api#sendinvoice


def checkout_screen(
    t: Translator, purchase: Purchase, now: datetime, offer: Offer, result: OrderResult | None
) -> Screen:
    """An order whose payment method was chosen, as it stands."""
    if purchase.kind is PurchaseKind.TOP_UP and purchase.status not in OPEN_STATUSES:
        return _top_up_end_screen(t, purchase)
    if purchase.extra_id is not None and purchase.status in SOLD_STATUSES:
        return _extra_end_screen(t, purchase, now, offer)
    if purchase.status is PurchaseStatus.REFUNDED:
        plans = to_plans(t, subscription_id=purchase.subscription_id)
        text = t("gift-returned") if purchase.is_gift else t("checkout-refunded")
        return Screen(text, [[plans], [to_support(t), to_menu(t)]])
    if purchase.status is PurchaseStatus.PAID:
        return _paid_screen(t, purchase, select_order_issued(purchase, now, offer), offer, result)
    if purchase.status in {PurchaseStatus.EXPIRED, PurchaseStatus.CANCELLED}:
        return order_expired_screen(t, purchase.subscription_id)
    return _invoice_screen(t, purchase, now, order_result_lines(t, purchase, result, offer))


def _extra_end_screen(t: Translator, purchase: Purchase, now: datetime, offer: Offer) -> Screen:
    if purchase.status is PurchaseStatus.REFUNDED:
        return extra_refunded_screen(t, purchase.subscription_id)
    issued = select_order_issued(purchase, now, offer)
    return extra_paid_screen(t, t.price(purchase.paid), issued, purchase.subscription_id)


def _paid_screen(
    t: Translator, purchase: Purchase, issued: str, offer: Offer, result: OrderResult | None
) -> Screen:
    price = t.price(purchase.paid) if purchase.cost.minor else None
    if purchase.is_gift:
        return gift_paid_screen(t, price)
    after = drop_paused_renewal(result, offer) if result else None
    if price is None:
        return free_order_screen(t, issued, purchase.subscription_id, after)
    return order_paid_screen(t, price, issued, purchase.subscription_id, after)


def select_order_issued(purchase: Purchase, now: datetime, offer: Offer) -> str:
    """Of what was paid for: the order's page may be opened long after."""
    if purchase.delivered_at is not None:
        return "done"
    if offer.keys and purchase.paid_at and is_key_late(now - purchase.paid_at):
        return "late"
    return select_issued(keys=offer.keys)


def paid_toast(t: Translator, purchase: Purchase) -> str:
    if purchase.kind is PurchaseKind.TOP_UP:
        return t.plain("top-up-paid-toast")
    if purchase.is_gift:
        return t.plain("gift-paid-toast")
    if purchase.extra_id is not None:
        return t.plain("extra-paid-toast")
    return t.plain("checkout-paid-toast")


def order_paid_screen(
    t: Translator, price: str, issued: str, subscription_id: int | None, after: OrderResult | None
) -> Screen:
    """`after`: what the payment has made of the subscription."""
    follows = what_follows(t, issued, after)
    text = t("checkout-paid", price=price, follows=follows)
    return receipt_screen(t, text, subscription_id, after)


def free_order_screen(
    t: Translator, issued: str, subscription_id: int | None, after: OrderResult | None
) -> Screen:
    text = t("checkout-free", follows=what_follows(t, issued, after))
    return receipt_screen(t, text, subscription_id, after)


def gift_paid_screen(t: Translator, price: str | None) -> Screen:
    """Without a price, a promo code has paid for it."""
    head = t("gift-paid", price=price) if price else t("gift-paid-free")
    return Screen(f"{head}\n\n{t('gift-paid-next')}", [[to_gifts(t)], [to_menu(t)]])


def order_expired_screen(t: Translator, subscription_id: int | None) -> Screen:
    plans = to_plans(t, subscription_id=subscription_id)
    return Screen(t("checkout-expired"), [[plans], [to_balance(t)], [to_support(t), to_menu(t)]])


def _top_up_end_screen(t: Translator, purchase: Purchase) -> Screen:
    amount = t.price(purchase.price)
    if purchase.status is PurchaseStatus.REFUNDED:
        return Screen(t("top-up-refunded", amount=amount), [[to_balance(t)], [to_menu(t)]])
    if purchase.status is PurchaseStatus.PAID:
        return Screen(t("top-up-paid", amount=amount), [[to_plans(t)], [to_balance(t)]])
    return top_up_expired_screen(t)


def top_up_expired_screen(t: Translator) -> Screen:
    return Screen(t("top-up-expired"), [[to_balance(t)], [to_support(t), to_menu(t)]])


def provider_away_screen(t: Translator, purchase: Purchase) -> Screen:
    retry = callback_button(t.plain("button-try-again"), OpenOrder(purchase_id=purchase.id))
    plans = to_plans(t, subscription_id=purchase.subscription_id)
    return Screen(t("checkout-provider-away"), [[retry], [plans, to_menu(t)]])


def panel_away_screen(t: Translator, buy: BuyTerm) -> Screen:
    """A change of plan needs to know what was used."""
    retry = callback_button(t.plain("button-try-again"), buy)
    plans = to_plans(t, subscription_id=buy.subscription_id)
    return Screen(t("checkout-panel-away"), [[retry], [plans, to_menu(t)]])


def describe_invoice(t: Translator, purchase: Purchase) -> InvoiceText:
    """No markup there, and few characters in the title."""
    if purchase.kind is PurchaseKind.TOP_UP:
        price = t.price(purchase.price)
        return InvoiceText(
            t.plain("checkout-top-up-title"), t.plain("checkout-top-up-description", price=price)
        )
    if purchase.extra_id is not None:
        return describe_extra_invoice(t, purchase)
    title = localized_title(purchase.titles, t.language)
    description = t.plain("checkout-description", title=title, days=purchase.days)
    return InvoiceText(title[:_MAX_TITLE_LENGTH], description)


def what_follows(t: Translator, issued: str, after: OrderResult | None) -> Html:
    """Of a key that is to come, or of a new term where the key is there already."""
    has_key = "yes" if after is not None and after.has_key else "no"
    return t("checkout-follows", issued=issued, has_key=has_key)


def receipt_screen(
    t: Translator, text: Html, subscription_id: int | None, after: OrderResult | None
) -> Screen:
    own = to_subscription(t, subscription_id=subscription_id)
    if after is not None:
        which = t("order-result-which", number=str(subscription_id))
        text = Html("\n".join([f"{text}\n", which, *receipt_lines(t, after)]))
    return Screen(text, [[own], [to_menu(t)]])


def _invoice_screen(t: Translator, purchase: Purchase, now: datetime, before: list[Html]) -> Screen:
    price = t.price(purchase.charge or purchase.due)
    deadline = _deadline(t, purchase.expires_at, now)
    bill = t(f"checkout-{purchase.provider}", price=price, deadline=deadline)
    number = purchase.subscription_id
    is_named = number and purchase.extra_id is None  # an extra's head says it
    which = [t("order-result-which", number=str(number))] if is_named else []
    text = "\n\n".join([order_head(t, purchase), *which, *before, bill])
    pay = Button(t.plain("checkout-pay", price=price), url=purchase.pay_url)
    paid = callback_button(t.plain("checkout-confirm"), ConfirmPayment(purchase_id=purchase.id))
    cancel = callback_button(t.plain("checkout-cancel"), CancelPurchase(purchase_id=purchase.id))
    other = callback_button(t.plain("checkout-other-method"), OpenOrder(purchase_id=purchase.id))
    return Screen(text, [[pay], [paid], [other], [cancel]])


def _deadline(t: Translator, expires_at: datetime, now: datetime) -> Html:
    minutes = max((expires_at - now) // timedelta(minutes=1), 0)
    return t("checkout-deadline", until=t.instant(expires_at), minutes=minutes)
