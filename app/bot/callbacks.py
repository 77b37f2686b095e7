"""What buttons carry: at most 64 bytes, read back by aiogram's filters."""

from enum import StrEnum
from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class Platform(StrEnum):
    IOS = "ios"
    ANDROID = "android"
    WINDOWS = "windows"
    MACOS = "macos"


class Page(CallbackData, prefix="page"):
    """`fresh`: below a letter that must stay (a key, an answer), the page is a new message."""

    fresh: bool = False


class MenuPage(Page, prefix="menu"):
    pass


class PlansPage(Page, prefix="plans"):
    pass


class SubscriptionPage(Page, prefix="subscription"):
    pass


class ConnectPage(Page, prefix="connect"):
    """Without a platform, the choice of one."""

    platform: Platform | None = None


class HelpPage(Page, prefix="help"):
    pass


class SupportPage(Page, prefix="support"):
    pass


class LanguagePage(Page, prefix="language"):
    pass


class QrPage(Page, prefix="qr"):
    pass


class Buy(CallbackData, prefix="buy"):
    plan_id: int


class ConfirmPayment(CallbackData, prefix="paid"):
    purchase_id: UUID


class CancelPurchase(CallbackData, prefix="cancel"):
    purchase_id: UUID


class SetLanguage(CallbackData, prefix="speak"):
    language: str


class RetryActivation(CallbackData, prefix="retry"):
    subscription_id: int
