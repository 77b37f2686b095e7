"""Every page that users and operators open, as what they send or tap."""

from collections.abc import Callable, Iterator
from typing import Final

from aiogram.filters.callback_data import CallbackData

from app.bot import (
    bulk_callbacks,
    callbacks,
    editing_callbacks,
    group_callbacks,
    onchain_callbacks,
    operator_callbacks,
    tracking_callbacks,
    wallet_callbacks,
)
from app.bot.commands import COMMAND_NAMES
from tests.support.growth.population import PLAN_ID, TERM_ID, Visitor

Page = Callable[[Visitor], str]


def _tap(kind: type[CallbackData], /, **values: object) -> Page:
    return lambda _: kind(**values).pack()


def _tap_own(kind: type[CallbackData], /, *fields: str, **values: object) -> Page:
    """The fields are ids of rows of the visitor's, which are numbered like them."""
    return lambda visitor: kind(**dict.fromkeys(fields, visitor.number), **values).pack()


def _tap_user(kind: type[CallbackData], /, **values: object) -> Page:
    return lambda visitor: kind(user_id=visitor.id, **values).pack()


def _tap_order(kind: type[CallbackData], /) -> Page:
    return lambda visitor: kind(purchase_id=visitor.paid_id).pack()


def _command(name: str) -> Page:
    return lambda _: f"/{name}"


# Those that Telegram lists, and what works beside them.
COMMANDS: Final = ("start", *COMMAND_NAMES, "cancel", "paysupport", "unbind")
USER_PAGES: Final[dict[str, Page]] = {
    **{f"/{name}": _command(name) for name in COMMANDS},
    "/start ref": lambda visitor: f"/start ref_code-{visitor.number + 1}",
    "/start gift": lambda visitor: f"/start gift_{visitor.gift_code}",
    "a hash": lambda visitor: visitor.tx_hash,
    "/track hash": lambda visitor: f"/track {visitor.tx_hash}",
    "/status hash": lambda visitor: f"/status {visitor.tx_hash}",
    "menu": _tap(callbacks.MenuPage),
    "rules": _tap(callbacks.RulesPage),
    "questions and answers": _tap(callbacks.FaqPage),
    "an answer to one": _tap(callbacks.FaqEntryPage, entry_id=1),
    "plans": _tap(callbacks.PlansPage),
    "plan": _tap(callbacks.PlanPage, plan_id=PLAN_ID),
    "a new order": _tap(callbacks.BuyTerm, term_id=TERM_ID),
    "one for more of it": _tap_own(callbacks.BuyTerm, "subscription_id", term_id=TERM_ID),
    "a gift's order": _tap(callbacks.BuyGift, term_id=TERM_ID),
    "an order": lambda visitor: callbacks.OpenOrder(purchase_id=visitor.paid_id).pack(),
    "networks to pay on": _tap_order(onchain_callbacks.OnchainNetworksPage),
    "an on-chain payment": _tap_order(onchain_callbacks.OnchainCardPage),
    "its hash": _tap_order(onchain_callbacks.SentOnchainPage),
    "its address": _tap_order(onchain_callbacks.OnchainQrPage),
    "renew": _tap_own(callbacks.RenewSubscription, "subscription_id"),
    "subscription": _tap_own(callbacks.OpenSubscription, "subscription_id"),
    "more traffic": _tap_own(callbacks.ExtrasPage, "subscription_id", kind="traffic"),
    "new link": _tap_own(callbacks.NewLinkPage, "subscription_id"),
    "auto-renewal on": _tap_own(callbacks.SetAutoRenew, "subscription_id", on=True),
    "qr": _tap_own(callbacks.KeyQrPage, "subscription_id"),
    "connect": _tap(callbacks.ConnectPage, platform=callbacks.Platform.IOS),
    "help": _tap(callbacks.HelpPage),
    "support": _tap(callbacks.SupportPage),
    "language": _tap(callbacks.LanguagePage),
    "privacy": _tap(callbacks.PrivacyPage),
    "an export": _tap(callbacks.ExportData),
    "what an erasure takes": _tap(callbacks.ErasePage),
    "an erasure": _tap(callbacks.EraseData),
    "trial": _tap(callbacks.TrialPage),
    "balance": _tap(callbacks.BalancePage),
    "top up": _tap(callbacks.TopUpPage),
    "another amount": _tap(callbacks.OtherAmountPage),
    "history": _tap(callbacks.HistoryPage),
    "purchases": _tap(callbacks.PurchasesPage),
    "friends": _tap(callbacks.FriendsPage),
    "friends' card": _tap(callbacks.FriendsCardPage),
    "gifts": _tap(callbacks.GiftsPage),
    "gift": _tap_own(callbacks.GiftPage, "gift_id"),
    "a gift's return": _tap_own(callbacks.GiftReturnPage, "gift_id"),
    "promo": _tap(callbacks.PromoCodePage),
    "fees": _tap(wallet_callbacks.FeesPage),
    "addresses": _tap(wallet_callbacks.AddressesPage),
    "bind": _tap(wallet_callbacks.BindPage),
    "address": _tap_own(wallet_callbacks.AddressPage, "address_id"),
    "bridges": _tap(wallet_callbacks.BridgesPage),
    "bridge": _tap_own(wallet_callbacks.OpenBridge, "bridge_id"),
    "track": _tap(tracking_callbacks.TrackPage),
    "status": lambda visitor: tracking_callbacks.StatusPage.of(visitor.tx_hash).pack(),
    "watches": _tap(tracking_callbacks.WatchesPage),
    "card": _tap_own(tracking_callbacks.OpenCard, "watch_id"),
}
OPERATOR_PAGES: Final[dict[str, Page]] = {
    "/admin": _command("admin"),
    "home": _tap(operator_callbacks.HomePage),
    "a chart": _tap(operator_callbacks.ChartPage),
    "the shop's editing": _tap(editing_callbacks.EditShopPage),
    "settings": _tap(editing_callbacks.SettingsPage, section="trial"),
    "a setting": _tap(editing_callbacks.SettingPage, name="trial_days"),
    "plans to edit": _tap(editing_callbacks.PlansEditPage),
    "a new plan": _tap(editing_callbacks.NewPlanPage),
    "a plan to edit": _tap(editing_callbacks.PlanEditPage, code="standard"),
    "a term to edit": _tap(editing_callbacks.TermEditPage, code="standard", months=1),
    "a new term": _tap(editing_callbacks.NewTermPage, code="standard"),
    "panels to edit": _tap(editing_callbacks.PanelsEditPage),
    "a panel to edit": _tap(editing_callbacks.PanelEditPage, name="default"),
    "its room": _tap(editing_callbacks.PanelFieldPage, name="default", field="capacity"),
    "own pages": _tap(editing_callbacks.PagesEditPage),
    "own questions": _tap(editing_callbacks.FaqEditPage, language="en"),
    "their picture": _tap(editing_callbacks.FaqPicturePage, language="en"),
    "own question": _tap(editing_callbacks.FaqEntryEditPage, entry_id=1),
    "a new promo code": _tap(editing_callbacks.NewPromoCodePage),
    "its value": _tap(editing_callbacks.PromoValuePage, kind="percent"),
    "extras to edit": _tap(editing_callbacks.ExtrasEditPage),
    "an extra to edit": _tap(editing_callbacks.ExtraEditPage, kind="traffic", amount=10),
    "a new extra": _tap(editing_callbacks.NewExtraPage, kind="traffic"),
    "into the web": _tap(operator_callbacks.AdminWebPage),
    "/questions": _command("questions"),
    "questions": _tap(operator_callbacks.QuestionsPage),
    "a question": _tap_user(operator_callbacks.QuestionPage),
    "an answer": _tap_user(operator_callbacks.AnswerPage),
    "/campaigns": _command("campaigns"),
    "campaigns": _tap(operator_callbacks.CampaignsPage),
    "a campaign": _tap(operator_callbacks.CampaignPage, campaign_id=1),
    "win-back": _tap(operator_callbacks.WinBacksPage),
    "quick answers": _tap(operator_callbacks.QuickAnswersPage),
    "a quick answer": _tap(operator_callbacks.QuickAnswerPage, answer_id=1),
    "a choice of them": _tap_user(operator_callbacks.QuickAnswerChoicePage),
    "/attention": _command("attention"),
    "what needs attention": _tap(operator_callbacks.AttentionPage),
    "an item": _tap(operator_callbacks.AttentionItemPage, item_id=1),
    "a settlement": _tap(operator_callbacks.SettlementPage, item_id=1),
    "/person name": lambda visitor: f"/person @{visitor.username}",
    "/person id": lambda visitor: f"/person {visitor.id}",
    "/person order": lambda visitor: f"/person {visitor.paid_id.hex[:8].upper()}",
    "/person invoice": lambda visitor: f"/person {visitor.number * 10 + 1}",
    "/person name at the panel": lambda visitor: f"/person u{visitor.id}_{visitor.number}",
    "/person hash": lambda visitor: f"/person {visitor.tx_hash}",
    "/person first name": _command("person ben"),
    "/start u": lambda visitor: f"/start u_{visitor.id}",
    "a search": _tap(operator_callbacks.UserSearchPage),
    **{
        f"a user's {tab.name.lower()}": _tap_user(operator_callbacks.UserCardPage, tab=tab)
        for tab in operator_callbacks.UserTab
        if tab is not operator_callbacks.UserTab.DEVICES
    },
    "a message to a user": _tap_user(operator_callbacks.WritePage),
    "a user's balance": _tap_user(operator_callbacks.CorrectionPage),
    "days": _tap_user(operator_callbacks.UserDaysPage),
    "days of one": _tap_user(operator_callbacks.ChosenDaysPage),
    "a user's links": _tap_user(operator_callbacks.UserLinkPage),
    "a user's link": lambda visitor: operator_callbacks.ChosenLinkPage(
        user_id=visitor.id, subscription_id=visitor.number
    ).pack(),
    "a user's moves": _tap_user(operator_callbacks.UserMovePage),
    "a user's move": lambda visitor: operator_callbacks.MoveTargetsPage(
        user_id=visitor.id, subscription_id=visitor.number
    ).pack(),
    "a user's refund": lambda visitor: operator_callbacks.RefundReasonPage(
        user_id=visitor.id, purchase_id=visitor.paid_id
    ).pack(),
    "a block": _tap_user(operator_callbacks.BlockUserPage),
    "an erasure by an operator": _tap_user(operator_callbacks.EraseUserPage),
    "/correct": lambda visitor: f"/correct {visitor.id} +1 thanks",
    "/refund": lambda visitor: f"/refund {visitor.paid_id.hex[:8].upper()} sorry",
    "/export": _command("export"),
    "exports": _tap(callbacks.ExportsPage),
    "a table": _tap(callbacks.ExportPage, kind="ledger"),
    "/broadcast": _command("broadcast"),
    "broadcasts": _tap(operator_callbacks.BroadcastsPage),
    "a broadcast": _tap(operator_callbacks.BroadcastPage, broadcast_id=1),
    "segments": _tap(operator_callbacks.SegmentsPage, broadcast_id=1),
    "promo codes": _tap(operator_callbacks.SegmentValuesPage, broadcast_id=1, kind="promo_code"),
    "its buttons": _tap(operator_callbacks.BroadcastButtonsPage, broadcast_id=1),
    "its time": _tap(operator_callbacks.BroadcastTimePage, broadcast_id=1),
    "for many": _tap(bulk_callbacks.BulkPage),
    "its segments": _tap(bulk_callbacks.BulkSegmentsPage),
    "its promo codes": _tap(bulk_callbacks.BulkSegmentValuesPage, kind="promo_code"),
    "its days": _tap(bulk_callbacks.BulkDaysPage, kind="all"),
    "its panels": _tap(bulk_callbacks.BulkPanelsPage, kind="new_links"),
    "its targets": _tap(bulk_callbacks.BulkTargetsPage, panel_id=0),
    "a bulk job": _tap(bulk_callbacks.BulkJobPage, job_id=1),
    "an outage's days": _tap(bulk_callbacks.OutageDaysPage, incident_id=1),
    "payments on chains": _tap(onchain_callbacks.OnchainPage),
    "what arrived": _tap(onchain_callbacks.OnchainTransfersPage),
    "what is nobody's": _tap(onchain_callbacks.OnchainTransfersPage, unmatched=True),
    "a transfer": _tap(onchain_callbacks.OnchainTransferPage, transfer_id=1),
    "its owner": _tap(onchain_callbacks.AssignmentPage, transfer_id=1),
    "no one's": _tap(onchain_callbacks.DismissalReasonPage, transfer_id=1),
    "addresses to be paid at": _tap(onchain_callbacks.OnchainAddressesPage),
    "a new one of them": _tap(onchain_callbacks.SetOnchainAddressPage, family="tron"),
    "/rpc": _command("rpc"),
    "rpc": _tap(callbacks.RpcPage),
    "feeds": _tap(group_callbacks.FeedsPage),
    "/audit": _command("audit"),
    "the audit": _tap(operator_callbacks.OpenAuditLog, before=1_000),
    "a user's audit": _tap_user(operator_callbacks.OpenAuditLog),
    "a search of the audit": _tap(operator_callbacks.AuditLogSearchPage),
    "/staff": _command("staff"),
    "staff": _tap(operator_callbacks.StaffPage),
    "an appointment": _tap(operator_callbacks.AppointmentPage),
    "a member": _tap_user(operator_callbacks.StaffMemberPage),
    "a role": _tap_user(operator_callbacks.RolePage, role="support"),
    "a dismissal": _tap_user(operator_callbacks.DismissalPage),
}


# They read one row, and ask the panel for the rest: the one of this world lists no devices.
_OF_THE_PANEL: Final = {callbacks.DevicesPage, callbacks.DeviceRemovalPage}
# They count all of a segment, a broadcast or a promo code, as they are asked to.
_OF_ALL_USERS: Final = {
    editing_callbacks.PromoCodesEditPage,
    editing_callbacks.PromoCodeEditPage,
    editing_callbacks.PromoCodeEndPage,
    operator_callbacks.BroadcastStartPage,
    operator_callbacks.BroadcastEditPage,
    operator_callbacks.BroadcastDeletionPage,
    bulk_callbacks.BulkLinksPage,
    bulk_callbacks.BulkMovePage,
    bulk_callbacks.BulkOutagePage,
}


def list_page_buttons() -> set[str]:
    """The prefixes of all that open a page, by what their classes are called."""
    return {
        kind.__prefix__
        for kind in _list_subclasses(CallbackData)
        if not kind.__subclasses__()
        and (kind.__name__.startswith("Open") or kind.__name__.endswith("Page"))
        and kind not in _OF_THE_PANEL | _OF_ALL_USERS
    }


def _list_subclasses(kind: type[CallbackData]) -> Iterator[type[CallbackData]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _list_subclasses(subclass)


def is_tap(page: str) -> bool:
    """Whether it is what a button carries."""
    return not page.startswith(("/", "0x"))
