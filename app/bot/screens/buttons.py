"""The buttons that many screens share."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlencode

from aiogram.filters.callback_data import CallbackData

from app.bot.callbacks import (
    BalancePage,
    ConnectPage,
    GiftsPage,
    MenuPage,
    OpenSubscription,
    PlansPage,
    PurchasesPage,
    RenewSubscription,
    SupportPage,
    TopUp,
)
from app.bot.i18n import Translator
from app.bot.operator_callbacks import HomePage
from app.core.money import Money
from app.domain.customer_page import build_page_path
from app.domain.messages import Button

# https://core.telegram.org/api/links#share-links
_SHARE: Final = "https://t.me/share/url"
_MAX_COPY_LENGTH = 256  # https://core.telegram.org/bots/api#copytextbutton


def callback_button(label: str, data: CallbackData) -> Button:
    return Button(label, data=data.pack())


def to_username(label: str, name: str) -> Button:
    """Opens the chat of a @name."""
    return Button(label, url=f"https://t.me/{name.removeprefix('@')}")


def to_menu(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("button-menu"), MenuPage(fresh=fresh))


def to_home(t: Translator, *, fresh: bool = False) -> Button:
    """The operators'."""
    return callback_button(t.plain("home-back"), HomePage(fresh=fresh))


def to_plans(t: Translator, *, subscription_id: int | None = None, fresh: bool = False) -> Button:
    """For that subscription, where one is meant."""
    page = PlansPage(fresh=fresh, subscription_id=subscription_id)
    return callback_button(t.plain("button-plans"), page)


def to_subscription(
    t: Translator, *, subscription_id: int | None = None, fresh: bool = False
) -> Button:
    page = OpenSubscription(fresh=fresh, subscription_id=subscription_id)
    return callback_button(t.plain("button-subscription"), page)


def to_renew(t: Translator, subscription_id: int, *, fresh: bool = False) -> Button:
    return callback_button(
        t.plain("button-renew"), RenewSubscription(fresh=fresh, subscription_id=subscription_id)
    )


def to_balance(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("button-balance"), BalancePage(fresh=fresh))


def to_top_up(t: Translator, amount: Money | None, *, fresh: bool = False) -> Button:
    """Exactly that much; the balance's page where it cannot be ordered."""
    if amount is None:
        return to_balance(t, fresh=fresh)
    data = TopUp(amount_minor=amount.minor, currency=amount.currency)
    return callback_button(t.plain("renewal-top-up", amount=t.price(amount)), data)


def to_purchases(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("button-purchases"), PurchasesPage(fresh=fresh))


def to_gifts(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("button-gifts"), GiftsPage(fresh=fresh))


def to_share(t: Translator, link: str, text: str) -> Button:
    """Telegram asks which chat it goes to."""
    query = urlencode({"url": link, "text": text}, quote_via=quote)
    return Button(t.plain("friends-share"), url=f"{_SHARE}?{query}")


def to_connect(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("button-connect"), ConnectPage(fresh=fresh))


def to_support(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("button-support"), SupportPage(fresh=fresh))


def pagination_rows(
    t: Translator, number: int, page: Callable[[int], CallbackData], *, more: bool
) -> list[list[Button]]:
    """A row for the pages around this one; none where it is the only one."""
    newer = [callback_button(t.plain("button-newer"), page(number - 1))] if number else []
    older = [callback_button(t.plain("button-older"), page(number + 1))] if more else []
    return [[*newer, *older]] if newer or older else []


def page_buttons(t: Translator, token: str | None) -> list[Button]:
    """To the subscription's page on the web; empty for one that has none yet."""
    return [] if token is None else [Button(t.plain("button-page"), page=build_page_path(token))]


def copy_key_buttons(t: Translator, link: str) -> list[Button]:
    """Empty for a key that is longer than Telegram copies."""
    if len(link) > _MAX_COPY_LENGTH:
        return []
    return [Button(t.plain("button-copy-key"), copy=link)]
