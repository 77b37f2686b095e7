"""Tables, one file a noun; importing this package registers them all."""

from app.db.models.address import Address
from app.db.models.admin_web import AdminWebLogin, AdminWebSession
from app.db.models.admission import Admission
from app.db.models.attention_item import AttentionItem
from app.db.models.audit import AuditEntry
from app.db.models.base import Base, ClaimableRow
from app.db.models.bridge import Bridge, LegMatch
from app.db.models.broadcast import Broadcast, BroadcastRecipient
from app.db.models.broadcast_change import BroadcastChange
from app.db.models.bulk_job import BulkItem, BulkJob
from app.db.models.campaign import Campaign, CampaignVisit
from app.db.models.chain_state import ChainBlock, ChainState
from app.db.models.conversation import Conversation, ConversationMessage
from app.db.models.erased_user import ErasedUser
from app.db.models.export import Export, ExportState
from app.db.models.external_event import EventOutcome, ExternalEvent
from app.db.models.extra import Extra
from app.db.models.failed_update import FailedUpdate
from app.db.models.feed import Feed
from app.db.models.gift import Gift
from app.db.models.group_chat import GroupChat
from app.db.models.incident import Incident
from app.db.models.leadership_term import LeadershipTerm
from app.db.models.ledger import EntryKind, LedgerEntry
from app.db.models.onchain import (
    OnchainClaim,
    OnchainCursor,
    OnchainInvoice,
    OnchainTransfer,
    OnchainWatchedAddress,
)
from app.db.models.onchain_address import OnchainAddress
from app.db.models.outbox import OutboxMessage, OutboxStatus
from app.db.models.panel import Panel
from app.db.models.panel_finding import (
    PanelComparisonState,
    PanelComparisonStep,
    PanelFinding,
)
from app.db.models.panel_move import PanelMove
from app.db.models.plan import Plan, Term
from app.db.models.promo_code import PromoCode, PromoTry, PromoUse
from app.db.models.purchase import Purchase
from app.db.models.quick_answer import QuickAnswer
from app.db.models.schema import SchemaCompatibility, WriteProbe
from app.db.models.shop_page import FaqEntryRow, PagePicture, PageTextRow
from app.db.models.shop_setting import ShopSetting
from app.db.models.staff_member import StaffMember
from app.db.models.subscription import Subscription
from app.db.models.transaction import Transaction
from app.db.models.user import User
from app.db.models.watch import Watch
from app.db.models.win_back import WinBack

__all__ = [
    "Address",
    "AdminWebLogin",
    "AdminWebSession",
    "Admission",
    "AttentionItem",
    "AuditEntry",
    "Base",
    "Bridge",
    "Broadcast",
    "BroadcastChange",
    "BroadcastRecipient",
    "BulkItem",
    "BulkJob",
    "Campaign",
    "CampaignVisit",
    "ChainBlock",
    "ChainState",
    "ClaimableRow",
    "Conversation",
    "ConversationMessage",
    "EntryKind",
    "ErasedUser",
    "EventOutcome",
    "Export",
    "ExportState",
    "ExternalEvent",
    "Extra",
    "FailedUpdate",
    "FaqEntryRow",
    "Feed",
    "Gift",
    "GroupChat",
    "Incident",
    "LeadershipTerm",
    "LedgerEntry",
    "LegMatch",
    "OnchainAddress",
    "OnchainClaim",
    "OnchainCursor",
    "OnchainInvoice",
    "OnchainTransfer",
    "OnchainWatchedAddress",
    "OutboxMessage",
    "OutboxStatus",
    "PagePicture",
    "PageTextRow",
    "Panel",
    "PanelComparisonState",
    "PanelComparisonStep",
    "PanelFinding",
    "PanelMove",
    "Plan",
    "PromoCode",
    "PromoTry",
    "PromoUse",
    "Purchase",
    "QuickAnswer",
    "SchemaCompatibility",
    "ShopSetting",
    "StaffMember",
    "Subscription",
    "Term",
    "Transaction",
    "User",
    "Watch",
    "WinBack",
    "WriteProbe",
]
