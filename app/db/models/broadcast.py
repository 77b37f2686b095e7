"""Broadcasts: one message for many users, a row for each of them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, ClaimableRow, text_enum
from app.domain.broadcasts import (
    BroadcastContent,
    BroadcastProgress,
    BroadcastState,
    RecipientState,
    Segment,
    SegmentKind,
)

_COUNT = text("0")


class Broadcast(Base):
    """Its message is the operator's own, in the operator's chat; each recipient gets a copy."""

    __tablename__ = "broadcasts"
    __table_args__ = (
        Index("ix_broadcasts_wakes_at", "wakes_at", postgresql_where=text("wakes_at IS NOT NULL")),
        Index("ix_broadcasts_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    operator_id: Mapped[int]  # and their chat
    source_message_id: Mapped[int]
    content: Mapped[BroadcastContent] = mapped_column(text_enum(BroadcastContent, "content"))
    buttons: Mapped[list[list[str]]] = mapped_column(JSONB)  # text and address
    segment_kind: Mapped[SegmentKind] = mapped_column(text_enum(SegmentKind, "segment_kind"))
    segment_value: Mapped[str] = mapped_column(String(32), server_default=text("''"))
    segment_language: Mapped[str | None] = mapped_column(String(2))
    state: Mapped[BroadcastState] = mapped_column(text_enum(BroadcastState, "state"))
    # When its worker looks at it next; null: not until an operator changes something.
    wakes_at: Mapped[datetime | None]
    message_id: Mapped[int | None]  # shows how far it is
    created_at: Mapped[datetime]
    starts_at: Mapped[datetime | None]  # as it was scheduled, or when it was started
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None]  # why it was paused by itself

    # Of its recipients; counted in the transaction that ends each.
    total: Mapped[int] = mapped_column(default=0, server_default=_COUNT)
    sent: Mapped[int] = mapped_column(default=0, server_default=_COUNT)
    unreachable: Mapped[int] = mapped_column(default=0, server_default=_COUNT)
    doubtful: Mapped[int] = mapped_column(default=0, server_default=_COUNT)
    failed: Mapped[int] = mapped_column(default=0, server_default=_COUNT)
    skipped: Mapped[int] = mapped_column(default=0, server_default=_COUNT)

    @property
    def segment(self) -> Segment:
        return Segment(self.segment_kind, self.segment_value, self.segment_language)

    @property
    def progress(self) -> BroadcastProgress:
        return BroadcastProgress(
            self.total, self.sent, self.unreachable, self.doubtful, self.failed, self.skipped
        )


class BroadcastRecipient(ClaimableRow, Base):
    __tablename__ = "broadcast_recipients"
    __table_args__ = (
        CheckConstraint("(lease_token IS NULL) = (leased_until IS NULL)", name="lease"),
        # In this order it also finds what is one user's.
        UniqueConstraint("user_id", "broadcast_id"),
        Index(
            "ix_broadcast_recipients_waiting",
            "broadcast_id",
            "due_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_broadcast_recipients_broadcast_id", "broadcast_id", "id"),
    )

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id"))
    # No foreign key: writing 100,000 rows would lock as many users' rows. Who is gone is skipped.
    user_id: Mapped[int]
    state: Mapped[RecipientState] = mapped_column(text_enum(RecipientState, "state"))
    message_id: Mapped[int | None]  # Telegram's id of the copy
    ended_at: Mapped[datetime | None]
