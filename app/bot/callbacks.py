"""What buttons carry: at most 64 bytes, read back by aiogram's filters."""

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from app.domain.exports import ExportKind
from app.domain.extras import ExtraKind

# Of our rows; what a changed client makes up beyond it is no button of ours.
RowId = Annotated[int, Field(ge=1, lt=2**63)]
# Of a page: what comes from outside is bounded.
PageNumber = Annotated[int, Field(ge=0, le=100_000)]


class Platform(StrEnum):
    IOS = "ios"
    ANDROID = "android"
    WINDOWS = "windows"
    MACOS = "macos"


class PageCallback(CallbackData, prefix="page"):
    """`fresh`: below a notification that must stay (a key), the page is a new message."""

    fresh: bool = False


class ExtendedPage(PageCallback, prefix="widened"):
    """Its last, optional field came later: buttons from before carry none."""

    @classmethod
    def unpack(cls, value: str) -> Self:
        is_old = value.count(cls.__separator__) < len(cls.model_fields)
        return super().unpack(f"{value}{cls.__separator__}" if is_old else value)


class MenuPage(PageCallback, prefix="menu"):
    pass


class PlansPage(ExtendedPage, prefix="plans"):
    """What is bought from there is for the subscription; without one, for whichever fits."""

    subscription_id: RowId | None = None


class OwnSubscriptionPage(ExtendedPage, prefix="own"):
    """Without a subscription, the only one, or the choice of one."""

    subscription_id: RowId | None = None


class OpenSubscription(OwnSubscriptionPage, prefix="subscription"):
    pass


class RenewSubscription(PageCallback, prefix="renew"):
    """The order for what was bought last for it: the same plan and term, at today's price."""

    subscription_id: RowId


class NewLinkPage(CallbackData, prefix="newlink"):
    """Asks whether the key shall really be replaced."""

    subscription_id: RowId


class RenewLink(CallbackData, prefix="relink"):
    subscription_id: RowId


class DevicesPage(CallbackData, prefix="devices"):
    subscription_id: RowId


class DeviceRemovalPage(CallbackData, prefix="device"):
    """Asks whether it shall really be removed; without a key, all of them."""

    subscription_id: RowId
    key: str | None = None


class RemoveDevice(CallbackData, prefix="nodevice"):
    """Without a key, all of them."""

    subscription_id: RowId
    key: str | None = None


class ExtrasPage(PageCallback, prefix="extras"):
    """What there is to buy for it: more traffic or more devices."""

    subscription_id: RowId
    kind: ExtraKind


class BuyExtra(CallbackData, prefix="extra"):
    subscription_id: RowId
    extra_id: RowId


class SetAutoRenew(CallbackData, prefix="autorenew"):
    subscription_id: RowId
    on: bool


class ConnectPage(PageCallback, prefix="connect"):
    """Without a platform, the choice of one."""

    platform: Platform | None = None


class HelpPage(PageCallback, prefix="help"):
    pass


class RulesPage(PageCallback, prefix="rules"):
    """As operators have written them."""


class FaqPage(PageCallback, prefix="faq"):
    """The questions that operators have answered once and for all."""


class FaqEntryPage(PageCallback, prefix="faqone"):
    entry_id: RowId


class SupportPage(PageCallback, prefix="support"):
    pass


class CloseConversation(PageCallback, prefix="solved"):
    """The user's with support: the question is solved."""


class LanguagePage(PageCallback, prefix="language"):
    pass


class PrivacyPage(PageCallback, prefix="privacy"):
    pass


class ExportData(CallbackData, prefix="export"):
    pass


class ErasePage(CallbackData, prefix="erase"):
    """What it would take; nothing is erased yet."""


class EraseData(CallbackData, prefix="erased"):
    pass


class TrialPage(PageCallback, prefix="trial"):
    pass


class RequestTrial(CallbackData, prefix="try"):
    """`joined`: the user says that they are in the channel now."""

    joined: bool = False


class BalancePage(PageCallback, prefix="balance"):
    pass


class TopUpPage(PageCallback, prefix="amounts"):
    """The amounts to choose from."""


class TopUp(CallbackData, prefix="topup"):
    amount_minor: int
    currency: str


class OtherAmountPage(PageCallback, prefix="amount"):
    """Asks for an amount."""


class HistoryPage(PageCallback, prefix="history"):
    """Of the ledger; `number` counts from 0, the newest first."""

    number: PageNumber = 0


class PurchasesPage(PageCallback, prefix="purchases"):
    """What was ordered, the newest first."""

    number: PageNumber = 0


class FriendsPage(PageCallback, prefix="friends"):
    pass


class FriendsCardPage(PageCallback, prefix="friends_qr"):
    pass


class PromoCodePage(PageCallback, prefix="promo"):
    """Asks for a promo code; without an order, for the next one."""

    purchase_id: UUID | None = None


class RemovePromoCode(CallbackData, prefix="full"):
    """The order at its full price again."""

    purchase_id: UUID


class KeyQrPage(OwnSubscriptionPage, prefix="qr"):
    pass


class PlanPage(ExtendedPage, prefix="plan"):
    plan_id: RowId
    subscription_id: RowId | None = None


class BuyTerm(CallbackData, prefix="buy"):
    """Without a subscription, whichever fits; `is_new`: one more beside those there are."""

    term_id: RowId
    subscription_id: RowId | None = None
    is_new: bool = False


class BuyTermWithBalance(PageCallback, prefix="again"):
    """As `BuyTerm`, partly from the balance: below a notification about money that came there."""

    term_id: RowId
    subscription_id: RowId | None = None
    is_new: bool = False


class BuyGift(PageCallback, prefix="gift"):
    """An order for another user; `use_balance`: partly from the balance."""

    term_id: RowId
    use_balance: bool = False


class GiftsPage(PageCallback, prefix="gifts"):
    """Those that the user has bought, the newest first."""

    number: PageNumber = 0


class GiftPage(CallbackData, prefix="mygift"):
    gift_id: RowId


class SendGiftCard(CallbackData, prefix="giftcard"):
    gift_id: RowId


class GiftReturnPage(CallbackData, prefix="giftback"):
    """Asks whether it shall really be returned."""

    gift_id: RowId


class ReturnGift(CallbackData, prefix="giftreturn"):
    gift_id: RowId


class RedeemGift(CallbackData, prefix="redeem"):
    code: str


class OpenOrder(CallbackData, prefix="order"):
    purchase_id: UUID


class UseBalance(CallbackData, prefix="use"):
    purchase_id: UUID
    use: bool


class PayOrder(CallbackData, prefix="pay"):
    """`method` is the provider's name."""

    purchase_id: UUID
    method: str


class ConfirmPayment(CallbackData, prefix="paid"):
    purchase_id: UUID


class CancelPurchase(CallbackData, prefix="cancel"):
    purchase_id: UUID


class SetLanguage(CallbackData, prefix="speak"):
    language: str


class RetryActivation(CallbackData, prefix="retry"):
    subscription_id: RowId


class ConfirmCorrection(CallbackData, prefix="correct"):
    """The command's message; what it said waits in the dialogue."""

    message_id: int


class CancelCorrection(CallbackData, prefix="nocorrect"):
    message_id: int


class ConfirmRefund(CallbackData, prefix="refund"):
    purchase_id: UUID


class CancelRefund(CallbackData, prefix="norefund"):
    purchase_id: UUID


class ExportsPage(PageCallback, prefix="exports"):
    """The tables of the shop, for the operator."""


class ExportPage(CallbackData, prefix="table"):
    """What it holds; nothing is made yet."""

    kind: ExportKind


class StartExport(CallbackData, prefix="maketable"):
    kind: ExportKind
    with_bom: bool


class SetNews(CallbackData, prefix="news"):
    """Whether a user wants broadcasts; from below one of them, which stays as it is, or a page."""

    on: bool
    from_page: bool = False


class RpcPage(PageCallback, prefix="rpc"):
    """Chains and endpoints, for the operator."""
