"""Money as append-only entries; a balance is their sum (P9). Triggers hold both rules."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum


class EntryKind(StrEnum):
    PAYMENT = "payment"  # money that came in
    SALE = "sale"  # what was bought with it
    CREDIT = "credit"  # what was left of a plan that was changed
    REFUND = "refund"  # a sale taken back
    PAYOUT = "payout"  # refunded money that went back through its provider
    REFERRAL = "referral"  # for a friend's payment; negative when that was refunded
    PROMO = "promo"  # given by a code
    CORRECTION = "correction"  # by the operator, with a reason


class LedgerEntry(Base):
    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'payment' AND amount_minor > 0)"
            " OR (kind IN ('sale', 'payout') AND amount_minor <= 0)"
            " OR (kind IN ('credit', 'refund', 'promo') AND amount_minor >= 0)"
            " OR kind IN ('referral', 'correction')",
            name="sign",
        ),
        CheckConstraint("kind <> 'correction' OR reason IS NOT NULL", name="reason"),
        Index("ix_ledger_entries_balance", "user_id", "currency"),
        Index("ix_ledger_entries_purchase_id", "purchase_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(320), unique=True)  # what makes it happen once (P2)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purchase_id: Mapped[UUID | None] = mapped_column(ForeignKey("purchases.id"))
    kind: Mapped[EntryKind] = mapped_column(text_enum(EntryKind, "kind"))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
