"""What a person ordered: its number, what it was, for how much, and how it stands."""

from datetime import datetime

from app.bot.callbacks import OrderPage, PurchasesPage
from app.bot.screens.buttons import tap, to_balance, to_menu, to_plans, turn_pages
from app.bot.screens.plans import title_of
from app.bot.texts import Html, Translator
from app.db.models import Purchase
from app.domain.messages import Screen
from app.domain.payments import OPEN, PurchaseKind, PurchaseStatus
from app.domain.ways import BALANCE
from app.services.payments.balance_page import Purchases


def purchases_screen(t: Translator, page: Purchases, now: datetime) -> Screen:
    if not page.purchases and not page.number:
        return Screen(t("purchases-none"), [[to_plans(t)], [to_balance(t), to_menu(t)]])
    lines = "\n\n".join(purchase_lines(t, purchase, now) for purchase in page.purchases)
    opens = [
        [tap(t.plain("purchases-open", number=row.number), OrderPage(purchase_id=row.id))]
        for row in page.purchases
        if is_open(row, now)
    ]
    turns = turn_pages(
        t, page.number, lambda number: PurchasesPage(number=number), more=page.has_more
    )
    return Screen(f"{t('purchases')}\n\n{lines}", [*opens, *turns, [to_balance(t), to_menu(t)]])


def is_open(purchase: Purchase, now: datetime) -> bool:
    return purchase.status in OPEN and purchase.expires_at > now


def purchase_lines(t: Translator, purchase: Purchase, now: datetime) -> Html:
    head = t("purchase", number=purchase.number, date=t.date(purchase.created_at))
    what = t(
        "purchase-what",
        kind=purchase.kind.value,
        title=title_of(purchase.titles, t.language),
        days=t("days", count=purchase.days),
    )
    state = t("purchase-state", state=_state(purchase, now), until=t.instant(purchase.expires_at))
    return Html(f"{head}\n{what} — {_price(t, purchase)}\n{state}")


def _price(t: Translator, purchase: Purchase) -> Html:
    if not purchase.cost.minor:
        return t("purchase-free")
    price = t.price(purchase.cost)
    if purchase.provider is None:
        return t("purchase-price", price=price)
    way = t("purchase-way", way=purchase.provider, charge=t.price(purchase.charge or purchase.due))
    if purchase.provider == BALANCE or not purchase.from_balance_minor:
        return t("purchase-paid", price=price, way=way)
    part = t.price(purchase.quote.from_balance)
    return t("purchase-paid-partly", price=price, way=way, part=part)


def _state(purchase: Purchase, now: datetime) -> str:
    """The word by which the texts know it."""
    if purchase.status in OPEN:
        return "waiting" if is_open(purchase, now) else "late"
    if purchase.status is PurchaseStatus.REFUNDED:
        return f"refunded-{purchase.payout or 'balance'}"
    if purchase.status is not PurchaseStatus.PAID:
        return purchase.status
    if purchase.kind is PurchaseKind.TOP_UP:
        return "topped-up"
    state = "delivered" if purchase.delivered_at else "coming"
    return state if purchase.cost.minor else f"free-{state}"
