"""A user's money: what is there, how to add to it, how it came to be so."""

from collections.abc import Sequence
from typing import Final

from app.bot.callbacks import HistoryPage, OtherAmountPage, TopUp, TopUpPage
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import (
    callback_button,
    pagination_rows,
    to_balance,
    to_menu,
    to_plans,
    to_purchases,
    to_support,
)
from app.bot.screens.checkout import top_up_expired_screen
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues
from app.core.money import Money
from app.db.models import LedgerEntry
from app.domain.messages import Screen
from app.domain.offer import Offer
from app.domain.payment_methods import BALANCE_METHOD
from app.domain.shop_settings import ShopSettings
from app.services.payments.balance_page import BalanceHistory

_IN_A_ROW: Final = 2


def balance_screen(t: Translator, balances: Sequence[Money], offer: Offer) -> Screen:
    first, *others = balances
    parts = [t("balance", amount=t.price(first))]
    parts += [t("balance-other", amount=t.price(other)) for other in others]
    pays = BALANCE_METHOD in offer.methods
    parts.append(t("balance-use") if pays else t("balance-kept"))
    can_top_up = pays and len(offer.methods) > 1
    return Screen(
        "\n\n".join(parts),
        [
            *([[callback_button(t.plain("balance-top-up"), TopUpPage())]] if can_top_up else []),
            [callback_button(t.plain("balance-history"), HistoryPage()), to_purchases(t)],
            [to_plans(t), to_menu(t)],
        ],
    )


def top_up_screen(t: Translator, shop: ShopSettings) -> Screen:
    """Only amounts that may be chosen: the bounds may have moved since they were set."""
    taps = [
        callback_button(
            t.price(Money(minor, shop.currency)), TopUp(amount_minor=minor, currency=shop.currency)
        )
        for minor in shop.top_up_amounts_minor
        if shop.top_up_least_minor <= minor <= shop.top_up_most_minor
    ]
    rows = [taps[at : at + _IN_A_ROW] for at in range(0, len(taps), _IN_A_ROW)]
    other = callback_button(t.plain("top-up-other"), OtherAmountPage())
    return Screen(t("top-up"), [*rows, [other], [to_balance(t), to_menu(t)]])


def ask_top_up_amount_screen(t: Translator, shop: ShopSettings) -> Screen:
    return Screen(t("top-up-amount", **_bounds(t, shop)), [[to_balance(t)]])


def amount_not_read_screen(t: Translator, shop: ShopSettings) -> Screen:
    return Screen(t("top-up-no-amount", **_bounds(t, shop)), [[to_balance(t)]])


def amount_out_of_bounds_screen(t: Translator, amount: Money, shop: ShopSettings) -> Screen:
    if amount.minor < shop.top_up_least_minor:
        text = t("top-up-too-little", **_bounds(t, shop))
    else:
        text = t("top-up-too-much", **_bounds(t, shop))
    return Screen(text, [[to_balance(t)]])


def balance_history_screen(t: Translator, history: BalanceHistory) -> Screen:
    lines = [balance_entry_line(t, entry) for entry in history.entries]
    body = "\n\n".join(lines) if lines else t("history-none")
    return Screen(
        f"{t('history')}\n\n{body}",
        [
            *pagination_rows(
                t, history.number, lambda number: HistoryPage(number=number), more=history.has_more
            ),
            [to_purchases(t)],
            [to_balance(t), to_menu(t)],
        ],
    )


def format_signed_price(t: Translator, money: Money) -> str:
    """With + or −, which a currency's own style may hide behind its sign."""
    sign = "−" if money.minor < 0 else "+"
    return f"{sign}{t.price(Money(abs(money.minor), money.currency))}"


def balance_entry_line(t: Translator, entry: LedgerEntry) -> Html:
    amount = Money(entry.amount_minor, entry.currency)
    line = t(
        "history-entry",
        amount=format_signed_price(t, amount),
        kind=entry.kind.value,
        sign="minus" if amount.minor < 0 else "plus",
        date=t.date(entry.created_at),
    )
    if entry.reason is None:
        return line
    return Html(f"{line}\n{t('history-reason', reason=entry.reason)}")


def _bounds(t: Translator, shop: ShopSettings) -> dict[str, str]:
    bounds = {"least": shop.top_up_least_minor, "most": shop.top_up_most_minor}
    return {name: t.price(Money(minor, shop.currency)) for name, minor in bounds.items()}


def _corrected(t: Translator, values: NotificationValues) -> Screen:
    amount = str(values["amount"])
    arguments = {
        "amount": t.price_text(amount.removeprefix("-")),
        "balance": t.price_text(str(values["balance"])),
        "reason": str(values["reason"]),
    }
    if amount.startswith("-"):
        text = t("balance-corrected-down", **arguments)
    else:
        text = t("balance-corrected-up", **arguments)
    history = callback_button(t.plain("balance-history"), HistoryPage(fresh=True))
    return Screen(text, [[history], [to_support(t, fresh=True)]])


def _balance_short(t: Translator, values: NotificationValues) -> Screen:
    prices = {name: t.price_text(str(values[name])) for name in ("paid", "price")}
    buttons = [[to_plans(t, fresh=True)], [to_balance(t, fresh=True)]]
    return Screen(t("payment-balance-short", **prices), buttons)


def _top_up_expired(t: Translator, _: NotificationValues) -> Screen:
    return top_up_expired_screen(t)


BALANCE_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "balance-corrected": _corrected,
    "payment-balance-short": _balance_short,
    "top-up-expired": _top_up_expired,
}
