"""Raw events from payment providers, stored before the provider gets 200 (P1)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum


class EventOutcome(StrEnum):
    RECEIVED = "received"  # stored, and early: the event it belongs to has not come yet
    SETTLED = "settled"
    REPEATED = "repeated"  # the payment was already in the ledger
    UNMATCHED = "unmatched"  # no purchase of ours
    DISPUTED = "disputed"  # amount, currency or owner differ: an operator decides
    FAILED = "failed"  # our bug; polling tries again
    IGNORED = "ignored"  # a type that we don't know


class ExternalEvent(Base):
    __tablename__ = "external_events"
    __table_args__ = (
        UniqueConstraint("provider", "external_id", "event_type"),
        Index(
            "ix_external_events_removable",
            "received_at",
            postgresql_where=text("outcome IN ('received', 'settled', 'repeated', 'ignored')"),
        ),
        Index(
            "ix_external_events_unchecked",
            "received_at",
            postgresql_where=text(
                "provider = 'stars' AND event_type = 'invoice_paid' AND checked_at IS NULL"
            ),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(32))
    external_id: Mapped[str]  # these two as `to_bounded_key` bounds them: they are indexed
    event_type: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    outcome: Mapped[EventOutcome] = mapped_column(text_enum(EventOutcome, "outcome"))
    checked_at: Mapped[datetime | None]  # when it was looked up in the provider's own books
