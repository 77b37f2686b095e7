"""What the buttons of operators' pages carry."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from app.bot.callbacks import PageCallback, PageNumber, RowId
from app.domain.attention import Settlement
from app.domain.broadcasts import ChangeKind, SegmentKind
from app.domain.charts import ChartKind, ChartPeriod
from app.domain.operator_roles import OperatorRole

# Telegram's ids have at most 52 bits.
UserId = Annotated[int, Field(ge=1, lt=2**52)]
PanelRowId = Annotated[int, Field(ge=1, lt=2**31)]


class HomePage(PageCallback, prefix="home"):
    """Where operators begin."""


class ChartPage(PageCallback, prefix="chart"):
    kind: ChartKind = ChartKind.REVENUE
    period: ChartPeriod = ChartPeriod.DAY


class UserSearchPage(PageCallback, prefix="finduser"):
    """Asks whom to look for."""


class UserTab(StrEnum):
    MAIN = "m"
    PAYMENTS = "p"
    LEDGER = "l"
    NOTIFICATIONS = "n"
    REFERRALS = "r"
    DEVICES = "d"


class UserCardPage(PageCallback, prefix="usercard"):
    user_id: UserId
    tab: UserTab = UserTab.MAIN
    number: PageNumber = 0


class OfUser(CallbackData, prefix="ofuser"):
    user_id: UserId


class WritePage(OfUser, prefix="write"):
    """Asks for the text."""


class CorrectionPage(OfUser, prefix="correction"):
    """Asks for amount and reason."""


class UserDaysPage(OfUser, prefix="userdays"):
    """Asks for which subscription, where there are several."""


class ChosenDaysPage(OfUser, prefix="daysof"):
    """Asks for days and their reason; without a subscription, they make a new one."""

    subscription_id: RowId | None = None


class UserLinkPage(OfUser, prefix="userlinks"):
    """Asks for which subscription, where there are several."""


class ChosenLinkPage(OfUser, prefix="linkof"):
    """Asks whether it is meant."""

    subscription_id: RowId


class RenewUserLink(OfUser, prefix="userlink"):
    subscription_id: RowId


class UserMovePage(OfUser, prefix="usermoves"):
    """Asks for which subscription, where there are several."""


class MoveTargetsPage(PageCallback, prefix="moveof"):
    """Asks where to; says how far it is, where it moves already."""

    user_id: UserId
    subscription_id: RowId


class ChosenTargetPage(OfUser, prefix="movesto"):
    """Asks whether it is meant."""

    subscription_id: RowId
    panel_id: PanelRowId


class MoveSubscription(ChosenTargetPage, prefix="move"):
    pass


class ConfirmDays(CallbackData, prefix="changedays"):
    """The message with days and reason; they wait in the dialogue."""

    message_id: int


class RefundReasonPage(OfUser, prefix="refundof"):
    """Asks for the reason."""

    purchase_id: UUID


class BlockUserPage(OfUser, prefix="blockuser"):
    """Asks for the reason."""


class UnblockUser(OfUser, prefix="unblock"):
    pass


class EraseUserPage(OfUser, prefix="eraseuser"):
    """Says what would be lost, and asks for the reason."""


class EraseUser(OfUser, prefix="erasedone"):
    """The reason waits in the dialogue."""


class SendUserData(OfUser, prefix="userdata"):
    pass


class OpenAuditLog(PageCallback, prefix="audit"):
    """Of all, or of one user; older than that entry."""

    user_id: UserId | None = None
    before: RowId | None = None


class AuditLogSearchPage(CallbackData, prefix="auditof"):
    """Asks whose."""


class StaffPage(PageCallback, prefix="staff"):
    """All who are operators."""


class AppointmentPage(CallbackData, prefix="appointment"):
    """Asks who it shall be."""


class StaffMemberPage(OfUser, prefix="member"):
    pass


class DismissalPage(OfUser, prefix="dismissal"):
    """Asks whether it is meant."""


class DismissMember(OfUser, prefix="dismiss"):
    pass


class RolePage(OfUser, prefix="role"):
    """Says what the role may, and asks whether it is meant."""

    role: OperatorRole


class AppointMember(OfUser, prefix="appoint"):
    role: OperatorRole


class BroadcastsPage(PageCallback, prefix="broadcasts"):
    """The newest of them."""


class NewBroadcast(CallbackData, prefix="newcast"):
    """Asks for the message."""


class OfBroadcast(CallbackData, prefix="ofcast"):
    broadcast_id: RowId


class BroadcastPage(OfBroadcast, prefix="cast"):
    """A draft, or how far it is."""


class SegmentsPage(OfBroadcast, prefix="segments"):
    pass


class SegmentValuesPage(OfBroadcast, prefix="segment"):
    kind: SegmentKind


class SetSegment(OfBroadcast, prefix="setseg"):
    kind: SegmentKind
    value: str = ""


class SetSegmentLanguage(OfBroadcast, prefix="seglang"):
    """Without a language: users of all."""

    language: str = ""


class BroadcastButtonsPage(OfBroadcast, prefix="castbuttons"):
    """Asks for the buttons."""


class TestBroadcast(OfBroadcast, prefix="casttest"):
    """One copy, to the operator."""


class BroadcastTimePage(OfBroadcast, prefix="casttime"):
    """Asks for the time."""


class BroadcastStartPage(OfBroadcast, prefix="castnow"):
    """Asks whether it is meant."""


class StartBroadcast(OfBroadcast, prefix="caststart"):
    pass


class DeleteDraft(OfBroadcast, prefix="castdrop"):
    pass


class ExportBroadcast(OfBroadcast, prefix="castcsv"):
    """Who got it, as a CSV file."""


class BroadcastEditPage(OfBroadcast, prefix="castedit"):
    """Asks for the new text."""


class BroadcastDeletionPage(OfBroadcast, prefix="castdelete"):
    """Asks whether it is meant."""


class StartChange(OfBroadcast, prefix="castchange"):
    kind: ChangeKind


class CancelChange(OfBroadcast, prefix="castkeep"):
    pass


class BroadcastAction(StrEnum):
    """What an operator does with one that is on its way."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    UNSCHEDULE = "unschedule"


class SteerBroadcast(OfBroadcast, prefix="steer"):
    action: BroadcastAction


class CampaignsPage(PageCallback, prefix="campaigns"):
    """The newest links first."""

    number: PageNumber = 0


class CampaignPage(PageCallback, prefix="campaign"):
    campaign_id: RowId


class NewCampaign(CallbackData, prefix="newcamp"):
    """Asks for its code."""


class SetCampaignArchived(CallbackData, prefix="camparch"):
    campaign_id: RowId
    archived: bool


class WinBacksPage(PageCallback, prefix="winbacks"):
    """What offers to come back bring."""


class AttentionPage(PageCallback, prefix="attention"):
    """What needs attention, the oldest first."""

    page: PageNumber = 0


class AttentionItemPage(PageCallback, prefix="item"):
    item_id: RowId


class SettlementPage(CallbackData, prefix="settlement"):
    """Asks how it was settled."""

    item_id: RowId


class SettleItem(CallbackData, prefix="settle"):
    item_id: RowId
    settlement: Settlement


class RetryItem(CallbackData, prefix="retryitem"):
    """The panel is asked for the item's key again."""

    item_id: RowId


class RetryAllActivations(CallbackData, prefix="retryall"):
    pass


class QuestionsPage(PageCallback, prefix="questions"):
    """Those without an answer, the oldest first."""

    page: PageNumber = 0


class OfAskingUser(PageCallback, prefix="ofasking"):
    user_id: UserId


class QuestionPage(OfAskingUser, prefix="question"):
    """A user's conversation with support."""


class AnswerPage(OfAskingUser, prefix="answer"):
    """Asks for the answer."""


class CloseQuestion(OfAskingUser, prefix="closeq"):
    pass


class QuickAnswerChoicePage(OfAskingUser, prefix="quickchoice"):
    """Those that can be sent to that user."""


class SendQuickAnswer(OfAskingUser, prefix="quicksend"):
    answer_id: RowId


class QuickAnswersPage(PageCallback, prefix="quicklist"):
    """All, for those who keep them."""


class OfQuickAnswer(PageCallback, prefix="ofquick"):
    answer_id: RowId


class QuickAnswerPage(OfQuickAnswer, prefix="quickone"):
    pass


class NewQuickAnswer(CallbackData, prefix="quicknew"):
    """Asks for it."""


class ChangeQuickAnswer(OfQuickAnswer, prefix="quickchange"):
    """Asks for its new name and text."""


class DeleteQuickAnswer(OfQuickAnswer, prefix="quickdrop"):
    pass


class AdminWebPage(PageCallback, prefix="adminweb"):
    """Asks for a link into the operator's web."""
