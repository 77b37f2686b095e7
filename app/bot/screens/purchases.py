"""What a user ordered: its number, what it was, for how much, and how it stands."""

from datetime import datetime

from app.bot.callbacks import OpenOrder, PurchasesPage
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import (
    callback_button,
    pagination_rows,
    to_balance,
    to_gifts,
    to_menu,
    to_plans,
)
from app.bot.screens.plans import localized_title
from app.db.models import Purchase
from app.domain.messages import Screen
from app.domain.payment_methods import BALANCE_METHOD
from app.domain.payments import OPEN_STATUSES, PurchaseKind, PurchaseStatus
from app.services.payments.balance_page import PurchaseHistory


def purchases_screen(t: Translator, page: PurchaseHistory, now: datetime) -> Screen:
    if not page.purchases and not page.number:
        return Screen(t("purchases-none"), [[to_plans(t)], [to_balance(t), to_menu(t)]])
    lines = "\n\n".join(purchase_lines(t, purchase, now) for purchase in page.purchases)
    opens = [
        [
            callback_button(
                t.plain("purchases-open", number=row.number), OpenOrder(purchase_id=row.id)
            )
        ]
        for row in page.purchases
        if _is_open(row, now)
    ]
    page_rows = pagination_rows(
        t, page.number, lambda number: PurchasesPage(number=number), more=page.has_more
    )
    rest = [[to_balance(t), to_gifts(t)], [to_menu(t)]]
    return Screen(f"{t('purchases')}\n\n{lines}", [*opens, *page_rows, *rest])


def _is_open(purchase: Purchase, now: datetime) -> bool:
    return purchase.status in OPEN_STATUSES and purchase.expires_at > now


def purchase_lines(t: Translator, purchase: Purchase, now: datetime) -> Html:
    head = t("purchase", number=purchase.number, date=t.date(purchase.created_at))
    what = t(
        "purchase-what",
        kind=_kind(purchase),
        title=localized_title(purchase.titles, t.language),
        days=t("days", count=purchase.days),
        size=t.size(purchase.traffic_limit_bytes),
        devices=purchase.device_limit,
        subscription=str(purchase.subscription_id),
    )
    state = t("purchase-state", state=_state(purchase, now), until=t.instant(purchase.expires_at))
    return Html(f"{head}\n{what} — {_price(t, purchase)}\n{state}")


def _kind(purchase: Purchase) -> str:
    """The word by which the text knows it."""
    if purchase.is_gift:
        return "for-another"
    extra = purchase.extra_kind
    return f"extra-{extra}" if extra else purchase.kind.value


def _price(t: Translator, purchase: Purchase) -> Html:
    if not purchase.cost.minor:
        return t("purchase-free")
    price = t.price(purchase.cost)
    if purchase.provider is None:
        return t("purchase-price", price=price)
    method = t(
        "purchase-method", method=purchase.provider, charge=t.price(purchase.charge or purchase.due)
    )
    if purchase.provider == BALANCE_METHOD or not purchase.from_balance_minor:
        return t("purchase-paid", price=price, method=method)
    part = t.price(purchase.quote.from_balance)
    return t("purchase-paid-partly", price=price, method=method, part=part)


def _state(purchase: Purchase, now: datetime) -> str:
    """The word by which the texts know it."""
    if purchase.status in OPEN_STATUSES:
        return "waiting" if _is_open(purchase, now) else "late"
    if purchase.status is PurchaseStatus.REFUNDED:
        return f"refunded-{purchase.payout or 'balance'}"
    if purchase.status is not PurchaseStatus.PAID:
        return purchase.status
    if purchase.kind is PurchaseKind.TOP_UP or purchase.is_gift:
        return "gift" if purchase.is_gift else "topped-up"
    if purchase.extra_id is not None:
        return "added" if purchase.delivered_at else "adding"
    state = "delivered" if purchase.delivered_at else "coming"
    return state if purchase.cost.minor else f"free-{state}"
