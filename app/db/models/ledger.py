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


class LedgerEntry(Base):
    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'payment' AND amount_minor > 0) OR (kind = 'sale' AND amount_minor <= 0)",
            name="sign",
        ),
        Index("ix_ledger_entries_balance", "user_id", "currency"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)  # what makes it happen once (P2)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchases.id"))
    kind: Mapped[EntryKind] = mapped_column(text_enum(EntryKind, "kind"))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
