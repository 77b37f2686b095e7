"""Notifications about one of several subscriptions say which one they mean."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from app.bot.callbacks import BuyGift
from app.bot.formatting import draw_usage_bar
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import (
    copy_key_buttons,
    page_buttons,
    to_plans,
    to_subscription,
)
from app.domain.messages import Button, Screen

NotificationValues = Mapping[str, object]
NotificationRenderer = Callable[[Translator, NotificationValues], Screen]


def select_issued(*, keys: bool) -> str:
    """As texts ask it: whether keys are issued, or what is paid for waits for a panel (P14)."""
    return "yes" if keys else "no"


def read_issued(values: NotificationValues) -> str:
    """By what the renderer says; it says it where they are not."""
    return select_issued(keys=bool(values.get("keys", True)))


def read_instant(values: NotificationValues, name: str) -> datetime:
    return datetime.fromisoformat(str(values[name]))


def read_number(values: NotificationValues, name: str) -> int:
    return int(str(values[name]))


def list_progress_lines(
    t: Translator, values: NotificationValues, done: Html, seldom: Mapping[str, str]
) -> list[str]:
    """The bar of what has ended of the `total`, what came well, and what else there is some of.

    `seldom`: the texts' keys, by the names of their counts.
    """
    total = read_number(values, "total")
    ended = total - read_number(values, "waiting")
    bar = [f"{draw_usage_bar(ended, total)} {ended * 100 // total} %"] if total else []
    others = [
        t(key, count=count) for name, key in seldom.items() if (count := read_number(values, name))
    ]
    return [*bar, done, *others]


def read_subscription_id(values: NotificationValues) -> int | None:
    """Which one it is about; None in rows of older releases."""
    id_ = values.get("subscription")
    return None if id_ is None else int(str(id_))


def build_gift_order(values: NotificationValues) -> BuyGift | None:
    """The same gift again, partly from the balance; None where the money was for no gift."""
    if not values.get("is_gift"):
        return None
    return BuyGift(fresh=True, term_id=read_number(values, "term"), use_balance=True)


def user_link(t: Translator, user_id: object) -> Html:
    """To the chat with them; a word where it is not known who it is."""
    if user_id is None:
        return t("operator-unknown")
    id_ = int(str(user_id))
    return Html(f'<a href="tg://user?id={id_}">{id_}</a>')


def to_its_subscription(
    t: Translator, values: NotificationValues, *, fresh: bool = False
) -> Button:
    return to_subscription(t, subscription_id=read_subscription_id(values), fresh=fresh)


def to_its_plans(t: Translator, values: NotificationValues, *, fresh: bool = False) -> Button:
    """The plans for it."""
    return to_plans(t, subscription_id=read_subscription_id(values), fresh=fresh)


def key_button_rows(t: Translator, values: NotificationValues) -> list[list[Button]]:
    """The subscription's page on the web, and the key for the clipboard, where they can be had."""
    token = values.get("page_token")  # none in rows of older releases
    page = page_buttons(t, str(token) if token else None)
    return [row for row in (page, copy_key_buttons(t, str(values["link"]))) if row]


def with_payment(t: Translator, values: NotificationValues, text: str) -> str:
    """Below what was paid, where the receipt comes with it."""
    paid = values.get("paid")
    return text if paid is None else f"{t('key-paid', price=t.price_text(str(paid)))}\n\n{text}"


def with_subscription_number(render: NotificationRenderer) -> NotificationRenderer:
    """With a line of its number, where the values hold one."""

    def draw(t: Translator, values: NotificationValues) -> Screen:
        screen = render(t, values)
        number = values.get("number")
        if number is None:
            return screen
        return replace(
            screen, text=f"{t('notification-subscription', number=str(number))}\n\n{screen.text}"
        )

    return draw
