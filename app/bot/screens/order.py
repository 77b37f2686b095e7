"""An order before it is paid: what it gives, what it costs, and the payment methods."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.bot.callbacks import BuyGift, BuyTerm, CancelPurchase, PayOrder, UseBalance
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_menu, to_plans
from app.bot.screens.extras import extra_order_head, extra_order_lines
from app.bot.screens.order_result import order_result_lines
from app.bot.screens.plans import format_device_limit, format_traffic_limit, localized_title
from app.bot.screens.promo_codes import promo_code_button, promo_code_lines
from app.bot.screens.subscription import format_time_left
from app.core.money import Money
from app.db.models import Purchase, Subscription
from app.domain.messages import Button, Screen
from app.domain.offer import Offer
from app.domain.payments import PurchaseKind
from app.services.access.subscriptions import has_subscription_ended
from app.services.payments.order_page import OrderPage, PaymentMethodOffer


def order_screen(t: Translator, page: OrderPage, now: datetime, offer: Offer) -> Screen:
    head = order_head(t, page.purchase)
    parts: list[str] = [
        head,
        *_what_it_is_for(t, page, now),
        *order_result_lines(t, page.purchase, page.result, offer),
    ]
    parts.append("\n".join(_price_lines(t, page)))
    if page.purchase.extra_id is None:
        parts += promo_code_lines(t, page)
    if not page.payment_methods:
        parts.append(t("order-no-method"))
    purchase = page.purchase
    buttons = [[_method_button(t, purchase, method)] for method in page.payment_methods]
    buttons += [[toggle] for toggle in _balance_toggle(t, page)]
    if purchase.kind is PurchaseKind.PLAN and purchase.extra_id is None:
        buttons.append([promo_code_button(t, page)])
    buttons += [[toggle] for toggle in _gift_toggle(t, purchase)]
    if page.subscription is not None and not purchase.is_change and purchase.term_id is not None:
        another = BuyTerm(term_id=purchase.term_id, is_new=True)
        buttons.append([callback_button(t.plain("order-separate"), another)])
    cancel = callback_button(t.plain("checkout-cancel"), CancelPurchase(purchase_id=purchase.id))
    return Screen("\n\n".join(parts), [*buttons, [cancel]])


def order_target_screen(
    t: Translator, term_id: int, subscriptions: Sequence[Subscription], changes: Sequence[bool]
) -> Screen:
    """For which of several subscriptions; `changes` says where the plan would be another."""
    rows = [
        [
            callback_button(
                t.plain(
                    "order-target-change" if change else "order-target-extend",
                    number=str(subscription.id),
                    date=t.date(subscription.expires_at),
                ),
                BuyTerm(term_id=term_id, subscription_id=subscription.id),
            )
        ]
        for subscription, change in zip(subscriptions, changes, strict=True)
    ]
    new = callback_button(t.plain("order-target-new"), BuyTerm(term_id=term_id, is_new=True))
    gift = callback_button(t.plain("order-as-gift"), BuyGift(term_id=term_id))
    return Screen(t("order-target"), [*rows, [new], [gift], [to_plans(t), to_menu(t)]])


def order_head(t: Translator, purchase: Purchase) -> Html:
    if purchase.kind is PurchaseKind.TOP_UP:
        return t("checkout-top-up", amount=t.price(purchase.price))
    if purchase.extra_id is not None:
        return extra_order_head(t, purchase)
    head = t(
        "order-head",
        title=localized_title(purchase.titles, t.language),
        term=format_term(t, purchase.months, purchase.days),
        traffic=format_traffic_limit(t, purchase.traffic_limit_bytes),
        devices=format_device_limit(t, purchase.device_limit),
    )
    return Html(f"{head}\n\n{t('order-gift')}") if purchase.is_gift else head


def format_term(t: Translator, months: int | None, days: int) -> Html:
    if months is None:
        return t("days", count=days)
    return t("order-term", months=t("months", count=months), days=t("days", count=days))


def _gift_toggle(t: Translator, purchase: Purchase) -> list[Button]:
    """The same for another user, or for oneself after all."""
    if purchase.term_id is None or purchase.kind is not PurchaseKind.PLAN:
        return []
    if purchase.is_gift:
        return [callback_button(t.plain("order-for-me"), BuyTerm(term_id=purchase.term_id))]
    return [callback_button(t.plain("order-as-gift"), BuyGift(term_id=purchase.term_id))]


def _price_lines(t: Translator, page: OrderPage) -> list[Html]:
    """The price, and only what makes it another one."""
    quote = page.purchase.quote
    lines = []
    if quote.due != quote.price:
        lines.append(t("order-price", price=t.price(quote.price)))
    parts = {
        "order-discount": quote.discount,
        "order-credit": quote.credit,
        "order-from-balance": quote.from_balance,
    }
    lines += [t(key, amount=t.price(part)) for key, part in parts.items() if part.minor]
    lines.append(t("order-due", price=t.price(quote.due)))
    surplus = quote.credit.minor - quote.cost.minor
    if surplus > 0:
        lines.append(t("order-surplus", amount=t.price(Money(surplus, quote.price.currency))))
    return lines


def _what_it_is_for(t: Translator, page: OrderPage, now: datetime) -> list[Html]:
    subscription = page.subscription
    if page.purchase.extra_id is not None:
        return extra_order_lines(t, page.purchase, subscription)
    if subscription is None:
        return []
    if page.purchase.is_change:
        return _change_lines(t, page, subscription)
    number = str(subscription.id)
    if has_subscription_ended(subscription, now):
        return [t("order-revives", number=number)]
    if subscription.expires_at <= now:
        return [t("order-extends-grace", number=number)]
    return [t("order-extends", number=number, date=t.date(subscription.expires_at))]


def _change_lines(t: Translator, page: OrderPage, subscription: Subscription) -> list[Html]:
    """What is left now and what it is worth, and what runs in its place until when."""
    purchase = page.purchase
    title = localized_title(purchase.titles, t.language)
    old = localized_title(page.old_plan.titles, t.language) if page.old_plan else "VPN"
    now = t(
        "order-change-now",
        number=str(subscription.id),
        title=old,
        left=format_time_left(t, subscription.expires_at, purchase.created_at),
        date=t.date(subscription.expires_at),
        traffic=_traffic_left(t, purchase, subscription),
    )
    credit = purchase.quote.credit
    worth = (
        t("order-change-worth", amount=t.price(credit))
        if credit.minor
        else t("order-change-nothing")
    )
    then = t("order-change-then", title=title, days=t("days", count=purchase.days))
    lines = [Html(f"{now}\n{worth}"), then]
    if purchase.created_at + timedelta(days=purchase.days) < subscription.expires_at:
        lines.append(t("order-change-sooner", date=t.date(subscription.expires_at)))
    return lines


def _traffic_left(t: Translator, purchase: Purchase, subscription: Subscription) -> Html:
    limit = subscription.traffic_limit_bytes
    if not limit:
        return t("traffic-unlimited")
    return t("traffic-limited", size=t.size(max(limit - purchase.base_used_bytes, 0)))


def _method_button(t: Translator, purchase: Purchase, method: PaymentMethodOffer) -> Button:
    key = f"method-{method.name}" if method.charge.minor else "method-free"
    label = t.plain(key, price=t.price(method.charge))
    return callback_button(label, PayOrder(purchase_id=purchase.id, method=method.name))


def _balance_toggle(t: Translator, page: OrderPage) -> list[Button]:
    """To pay a part from the balance, where it holds a part only."""
    purchase, balance = page.purchase, page.balance
    rest = purchase.due.minor + purchase.from_balance_minor
    if purchase.kind is PurchaseKind.TOP_UP or not 0 < balance.minor < rest:
        return []
    use = not purchase.from_balance_minor
    label = t.plain("order-use-balance" if use else "order-keep-balance", amount=t.price(balance))
    return [callback_button(label, UseBalance(purchase_id=purchase.id, use=use))]
