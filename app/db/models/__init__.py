"""Tables, one file a noun; importing this package registers them all."""

from app.db.models.audit import AuditEntry
from app.db.models.base import Base
from app.db.models.external_event import EventOutcome, ExternalEvent
from app.db.models.kept_update import KeptUpdate
from app.db.models.ledger import EntryKind, LedgerEntry
from app.db.models.outbox import OutboxMessage, OutboxStatus
from app.db.models.plan import Plan, Term
from app.db.models.promo_code import PromoCode, PromoUse
from app.db.models.purchase import Purchase
from app.db.models.shop_setting import ShopSetting
from app.db.models.subscription import Subscription
from app.db.models.user import User

__all__ = [
    "AuditEntry",
    "Base",
    "EntryKind",
    "EventOutcome",
    "ExternalEvent",
    "KeptUpdate",
    "LedgerEntry",
    "OutboxMessage",
    "OutboxStatus",
    "Plan",
    "PromoCode",
    "PromoUse",
    "Purchase",
    "ShopSetting",
    "Subscription",
    "Term",
    "User",
]
