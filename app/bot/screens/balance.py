"""A person's money: what is there, how to add to it, how it came to be so."""

from collections.abc import Sequence
from typing import Final

from app.bot.callbacks import HistoryPage, OtherAmountPage, TopUp, TopUpPage
from app.bot.screens.buttons import (
    tap,
    to_balance,
    to_menu,
    to_plans,
    to_purchases,
    to_support,
    turn_pages,
)
from app.bot.screens.checkout import top_up_expired_screen
from app.bot.screens.notices import Notice, Values
from app.bot.texts import Html, Translator
from app.core.money import Money
from app.db.models import LedgerEntry
from app.domain.messages import Screen
from app.domain.offer import Offer
from app.domain.shop import ShopSettings
from app.domain.ways import BALANCE
from app.services.payments.balance_page import History

_IN_A_ROW: Final = 2


def balance_screen(t: Translator, balances: Sequence[Money], offer: Offer) -> Screen:
    first, *others = balances
    parts = [t("balance", amount=t.price(first))]
    parts += [t("balance-other", amount=t.price(other)) for other in others]
    pays = BALANCE in offer.methods
    parts.append(t("balance-use") if pays else t("balance-kept"))
    can_top_up = pays and len(offer.methods) > 1
    return Screen(
        "\n\n".join(parts),
        [
            *([[tap(t.plain("balance-top-up"), TopUpPage())]] if can_top_up else []),
            [tap(t.plain("balance-history"), HistoryPage()), to_purchases(t)],
            [to_plans(t), to_menu(t)],
        ],
    )


def top_up_screen(t: Translator, shop: ShopSettings) -> Screen:
    """Only amounts that may be chosen: the bounds may have moved since they were set."""
    taps = [
        tap(t.price(Money(minor, shop.currency)), TopUp(amount_minor=minor, currency=shop.currency))
        for minor in shop.top_up_amounts_minor
        if shop.top_up_least_minor <= minor <= shop.top_up_most_minor
    ]
    rows = [taps[at : at + _IN_A_ROW] for at in range(0, len(taps), _IN_A_ROW)]
    other = tap(t.plain("top-up-other"), OtherAmountPage())
    return Screen(t("top-up"), [*rows, [other], [to_balance(t), to_menu(t)]])


def amount_screen(t: Translator, shop: ShopSettings) -> Screen:
    return Screen(t("top-up-amount", **_bounds(t, shop)), [[to_balance(t)]])


def no_amount_screen(t: Translator, shop: ShopSettings) -> Screen:
    return Screen(t("top-up-no-amount", **_bounds(t, shop)), [[to_balance(t)]])


def out_of_bounds_screen(t: Translator, amount: Money, shop: ShopSettings) -> Screen:
    if amount.minor < shop.top_up_least_minor:
        text = t("top-up-too-little", **_bounds(t, shop))
    else:
        text = t("top-up-too-much", **_bounds(t, shop))
    return Screen(text, [[to_balance(t)]])


def history_screen(t: Translator, history: History) -> Screen:
    lines = [_entry_line(t, entry) for entry in history.entries]
    body = "\n\n".join(lines) if lines else t("history-none")
    return Screen(
        f"{t('history')}\n\n{body}",
        [
            *turn_pages(
                t, history.number, lambda number: HistoryPage(number=number), more=history.has_more
            ),
            [to_purchases(t)],
            [to_balance(t), to_menu(t)],
        ],
    )


def signed_price(t: Translator, money: Money) -> str:
    """With + or −, which a currency's own style may hide behind its sign."""
    sign = "−" if money.minor < 0 else "+"
    return f"{sign}{t.price(Money(abs(money.minor), money.currency))}"


def _entry_line(t: Translator, entry: LedgerEntry) -> Html:
    amount = Money(entry.amount_minor, entry.currency)
    line = t(
        "history-entry",
        amount=signed_price(t, amount),
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


def _corrected(t: Translator, values: Values) -> Screen:
    amount = str(values["amount"])
    words = {
        "amount": t.told_price(amount.removeprefix("-")),
        "balance": t.told_price(str(values["balance"])),
        "reason": str(values["reason"]),
    }
    if amount.startswith("-"):
        text = t("balance-corrected-down", **words)
    else:
        text = t("balance-corrected-up", **words)
    history = tap(t.plain("balance-history"), HistoryPage(fresh=True))
    return Screen(text, [[history], [to_support(t, fresh=True)]])


def _balance_short(t: Translator, values: Values) -> Screen:
    prices = {name: t.told_price(str(values[name])) for name in ("paid", "price")}
    buttons = [[to_plans(t, fresh=True)], [to_balance(t, fresh=True)]]
    return Screen(t("payment-balance-short", **prices), buttons)


def _top_up_expired(t: Translator, _: Values) -> Screen:
    return top_up_expired_screen(t)


BALANCE_NOTICES: Final[dict[str, Notice]] = {
    "balance-corrected": _corrected,
    "payment-balance-short": _balance_short,
    "top-up-expired": _top_up_expired,
}
