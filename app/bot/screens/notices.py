"""What people hear from the outbox: a payment, a key, an end, an answer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Final

from app.bot.callbacks import BuyWithBalance, SubscriptionPage, SupportPage
from app.bot.qr import LONGEST, draw_qr
from app.bot.screens.buttons import (
    copy_key,
    tap,
    to_balance,
    to_menu,
    to_plans,
    to_support,
)
from app.bot.screens.checkout import expired_screen, free_screen, paid_screen
from app.bot.screens.connect import platform_buttons
from app.bot.screens.letters import (
    named,
    read_issued,
    subscription_of,
    to_its_plans,
    to_its_subscription,
)
from app.bot.screens.menu import menu_screen
from app.bot.screens.subscription import as_code, ended_screen
from app.bot.texts import Translator
from app.domain.messages import Screen
from app.domain.offer import Offer
from app.domain.order_results import from_values

Values = Mapping[str, object]
Notice = Callable[[Translator, Values], Screen]


def _payment_received(t: Translator, values: Values) -> Screen:
    price = t.told_price(str(values["price"]))
    return paid_screen(t, price, read_issued(values), subscription_of(values), from_values(values))


def _order_confirmed(t: Translator, values: Values) -> Screen:
    return free_screen(t, read_issued(values), subscription_of(values), from_values(values))


def _payment_short(t: Translator, values: Values) -> Screen:
    return Screen(t("payment-short", **_prices(t, values)), [[to_support(t, fresh=True)]])


def _payment_second(t: Translator, values: Values) -> Screen:
    return Screen(t("payment-second", **_prices(t, values)), [[to_support(t, fresh=True)]])


def _key_ready(t: Translator, values: Values) -> Screen:
    link = str(values["link"])
    date = t.date(datetime.fromisoformat(str(values["expires_at"])))
    text = f"{t('key-ready', date=date)}\n\n{as_code(link)}\n\n{t('key-ready-next')}"
    copy = copy_key(t, link)
    buttons = [*([copy] if copy else []), *platform_buttons(fresh=True), [to_menu(t, fresh=True)]]
    return Screen(text, buttons, photo=draw_qr(link) if len(link) <= LONGEST else None)


def _subscription_extended(t: Translator, values: Values) -> Screen:
    date = t.date(datetime.fromisoformat(str(values["expires_at"])))
    return Screen(
        t("subscription-extended", date=date),
        [[to_its_subscription(t, values, fresh=True)], [to_menu(t, fresh=True)]],
    )


def _topped_up(t: Translator, values: Values) -> Screen:
    amounts = {name: t.told_price(str(values[name])) for name in ("amount", "balance")}
    return Screen(t("topped-up", **amounts), [[to_plans(t)], [to_menu(t)]])


def _payment_changed(t: Translator, values: Values) -> Screen:
    return Screen(
        t("payment-changed", **_prices(t, values)),
        [[to_its_plans(t, values, fresh=True)], [to_support(t, fresh=True)]],
    )


def _payment_offer_over(t: Translator, values: Values) -> Screen:
    rest = [to_balance(t, fresh=True), to_support(t, fresh=True)]
    if values["today"] is None:
        text = t("payment-offer-gone", **_prices(t, values))
        return Screen(text, [[to_its_plans(t, values, fresh=True)], rest])
    buy = BuyWithBalance(
        fresh=True,
        term_id=int(str(values["term"])),
        subscription_id=subscription_of(values),
        is_new=bool(values["is_separate"]),
    )
    today = t.told_price(str(values["today"]))
    text = t("payment-offer-over", **_prices(t, values), today=today)
    return Screen(text, [[tap(t.plain("payment-offer-buy"), buy)], rest])


def _key_delayed(t: Translator, values: Values) -> Screen:
    own = to_its_subscription(t, values)
    return Screen(t("key-delayed", issued=read_issued(values)), [[own]])


def _key_needs_attention(t: Translator, values: Values) -> Screen:
    own = to_its_subscription(t, values)
    return Screen(t("key-needs-attention"), [[own, to_support(t)]])


def _invoice_expired(t: Translator, values: Values) -> Screen:
    return expired_screen(t, subscription_of(values))


def _subscription_ended(t: Translator, values: Values) -> Screen:
    screen = ended_screen(t, subscription_of(values))
    if values.get("number") is None:
        return screen
    others = tap(t.plain("letter-subscriptions"), SubscriptionPage(fresh=True))
    return Screen(screen.text, [screen.buttons[0], [others], *screen.buttons[1:]])


def _support_answer(t: Translator, values: Values) -> Screen:
    letter = escape(str(values["text"]), quote=False)
    again = tap(t.plain("support-again"), SupportPage(fresh=True))
    return Screen(
        f"{t('support-answer')}\n\n<blockquote>{letter}</blockquote>",
        [[again], [to_menu(t, fresh=True)]],
    )


def _group_crowded(t: Translator, _: Values) -> Screen:
    return Screen(t("group-crowded"))


def _answer_late(t: Translator, _: Values) -> Screen:
    return Screen(f"{t('answer-late')}\n\n{t('menu')}", menu_screen(t, Offer()).buttons)


def _prices(t: Translator, values: Values) -> dict[str, str]:
    return {name: t.told_price(str(values[name])) for name in ("paid", "price")}


NOTICES: Final[dict[str, Notice]] = {
    "payment-received": _payment_received,
    "order-confirmed": _order_confirmed,
    "payment-short": _payment_short,
    "payment-second": _payment_second,
    "key-ready": named(_key_ready),
    "payment-changed": _payment_changed,
    "payment-offer-over": _payment_offer_over,
    "topped-up": _topped_up,
    "subscription-extended": named(_subscription_extended),
    "key-delayed": named(_key_delayed),
    "key-needs-attention": named(_key_needs_attention),
    "invoice-expired": _invoice_expired,
    "subscription-ended": named(_subscription_ended),
    "support-answer": _support_answer,
    "answer-late": _answer_late,
    "group-crowded": _group_crowded,
}
