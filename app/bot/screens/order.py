"""An order before it is paid: what it gives, what it costs, and the ways to pay."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.bot.callbacks import Buy, CancelPurchase, Pay, UseBalance
from app.bot.screens.buttons import tap, to_menu, to_plans
from app.bot.screens.order_result import foreseen
from app.bot.screens.plans import devices_of, title_of, traffic_of
from app.bot.screens.promo_codes import promo_button, promo_lines
from app.bot.screens.subscription import left_until
from app.bot.texts import Html, Translator
from app.core.money import Money
from app.db.models import Purchase, Subscription
from app.domain.messages import Button, Screen
from app.domain.offer import Offer
from app.domain.payments import PurchaseKind
from app.services.access.subscriptions import has_ended
from app.services.payments.order_page import OrderPage, WayOffer


def order_screen(t: Translator, page: OrderPage, now: datetime, offer: Offer) -> Screen:
    head = order_head(t, page.purchase)
    parts: list[str] = [
        head,
        *_target(t, page, now),
        *foreseen(t, page.purchase, page.result, offer),
    ]
    parts += ["\n".join(money_lines(t, page)), *promo_lines(t, page)]
    if not page.ways:
        parts.append(t("order-no-way"))
    purchase = page.purchase
    buttons = [[_way_button(t, purchase, way)] for way in page.ways]
    buttons += [[toggle] for toggle in _balance_toggle(t, page)]
    if purchase.kind is PurchaseKind.PLAN:
        buttons.append([promo_button(t, page)])
    if page.subscription is not None and not purchase.is_change and purchase.term_id is not None:
        another = Buy(term_id=purchase.term_id, is_new=True)
        buttons.append([tap(t.plain("order-separate"), another)])
    cancel = tap(t.plain("checkout-cancel"), CancelPurchase(purchase_id=purchase.id))
    return Screen("\n\n".join(parts), [*buttons, [cancel]])


def target_screen(
    t: Translator, term_id: int, subscriptions: Sequence[Subscription], changes: Sequence[bool]
) -> Screen:
    """For which of several subscriptions; `changes` tells where the plan would be another."""
    rows = [
        [
            tap(
                t.plain(
                    "order-target-change" if change else "order-target-extend",
                    number=str(subscription.id),
                    date=t.date(subscription.expires_at),
                ),
                Buy(term_id=term_id, subscription_id=subscription.id),
            )
        ]
        for subscription, change in zip(subscriptions, changes, strict=True)
    ]
    new = tap(t.plain("order-target-new"), Buy(term_id=term_id, is_new=True))
    return Screen(t("order-target"), [*rows, [new], [to_plans(t), to_menu(t)]])


def order_head(t: Translator, purchase: Purchase) -> Html:
    if purchase.kind is PurchaseKind.TOP_UP:
        return t("checkout-top-up", amount=t.price(purchase.price))
    return t(
        "order-head",
        title=title_of(purchase.titles, t.language),
        term=_term(t, purchase),
        traffic=traffic_of(t, purchase.traffic_limit_bytes),
        devices=devices_of(t, purchase.device_limit),
    )


def _term(t: Translator, purchase: Purchase) -> Html:
    days = t("days", count=purchase.days)
    if purchase.months is None:
        return days
    return t("order-term", months=t("months", count=purchase.months), days=days)


def money_lines(t: Translator, page: OrderPage) -> list[Html]:
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


def _target(t: Translator, page: OrderPage, now: datetime) -> list[Html]:
    subscription = page.subscription
    if subscription is None:
        return []
    if page.purchase.is_change:
        return _change_lines(t, page, subscription)
    number = str(subscription.id)
    if has_ended(subscription, now):
        return [t("order-revives", number=number)]
    if subscription.expires_at <= now:
        return [t("order-extends-grace", number=number)]
    return [t("order-extends", number=number, date=t.date(subscription.expires_at))]


def _change_lines(t: Translator, page: OrderPage, subscription: Subscription) -> list[Html]:
    """What is left now and what it is worth, and what runs in its place until when."""
    purchase = page.purchase
    title = title_of(purchase.titles, t.language)
    old = title_of(page.old_plan.titles, t.language) if page.old_plan else "VPN"
    now = t(
        "order-change-now",
        number=str(subscription.id),
        title=old,
        left=left_until(t, subscription.expires_at, purchase.created_at),
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


def _way_button(t: Translator, purchase: Purchase, way: WayOffer) -> Button:
    key = f"way-{way.name}" if way.charge.minor else "way-free"
    label = t.plain(key, price=t.price(way.charge))
    return tap(label, Pay(purchase_id=purchase.id, way=way.name))


def _balance_toggle(t: Translator, page: OrderPage) -> list[Button]:
    """To pay a part from the balance, where it holds a part only."""
    purchase, balance = page.purchase, page.balance
    rest = purchase.due.minor + purchase.from_balance_minor
    if purchase.kind is PurchaseKind.TOP_UP or not 0 < balance.minor < rest:
        return []
    use = not purchase.from_balance_minor
    label = t.plain("order-use-balance" if use else "order-keep-balance", amount=t.price(balance))
    return [tap(label, UseBalance(purchase_id=purchase.id, use=use))]
