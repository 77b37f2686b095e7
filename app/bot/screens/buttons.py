"""The buttons that many screens share."""

from aiogram.filters.callback_data import CallbackData

from app.bot.callbacks import ConnectPage, MenuPage, PlansPage, SubscriptionPage, SupportPage
from app.bot.texts import Translator
from app.domain.messages import Button

LONGEST_COPY = 256  # https://core.telegram.org/bots/api#copytextbutton


def tap(label: str, data: CallbackData) -> Button:
    return Button(label, data=data.pack())


def to_menu(t: Translator, *, fresh: bool = False) -> Button:
    return tap(t.plain("button-menu"), MenuPage(fresh=fresh))


def to_plans(t: Translator, *, fresh: bool = False) -> Button:
    return tap(t.plain("button-plans"), PlansPage(fresh=fresh))


def to_subscription(t: Translator, *, fresh: bool = False) -> Button:
    return tap(t.plain("button-subscription"), SubscriptionPage(fresh=fresh))


def to_connect(t: Translator, *, fresh: bool = False) -> Button:
    return tap(t.plain("button-connect"), ConnectPage(fresh=fresh))


def to_support(t: Translator, *, fresh: bool = False) -> Button:
    return tap(t.plain("button-support"), SupportPage(fresh=fresh))


def copy_key(t: Translator, link: str) -> list[Button]:
    """Empty for a key that is longer than Telegram copies."""
    if len(link) > LONGEST_COPY:
        return []
    return [Button(t.plain("button-copy-key"), copy=link)]
