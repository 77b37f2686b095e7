"""Messages that users must get (P3): written with the change they report, sent by a worker."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, ClaimableRow, text_enum
from app.domain.messages import DeliveryGuarantee, Lane

KEPT_TOPICS = "attention|delayed|event-failed|new-key|question|removal"
"""First words of keys that stay for ever, as services/retention/notifications.py says."""
MAY_BE_DELETED = f"key !~ '^({KEPT_TOPICS}):'"
"""In the words of the index, or PostgreSQL does not see that it serves a query."""


class OutboxStatus(StrEnum):
    UNRESOLVED = "unresolved"  # for a role: becomes a waiting row for each who has it
    WAITING = "waiting"
    SENT = "sent"
    UNREACHABLE = "unreachable"
    DOUBTFUL = "doubtful"  # perhaps delivered; left alone by its policy
    FAILED = "failed"  # Telegram refuses it: our bug, operators are notified
    WITHDRAWN = "withdrawn"  # no longer true before it was sent, or sent with another


class OutboxMessage(ClaimableRow, Base):
    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("(lease_token IS NULL) = (leased_until IS NULL)", name="lease"),
        Index("ix_outbox_due", "lane", "due_at", "id", postgresql_where=text("status = 'waiting'")),
        # A chat's first message stands in front of its others: chats are walked one by one.
        Index(
            "ix_outbox_chats",
            "lane",
            "chat_id",
            text("priority DESC"),
            "id",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(
            "ix_outbox_urgent_chats",
            "lane",
            "chat_id",
            text("priority DESC"),
            "id",
            postgresql_where=text("status = 'waiting' AND priority > 0"),
        ),
        Index(
            "ix_outbox_chat_priority",
            "chat_id",
            "priority",
            "id",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_outbox_chat_message", "chat_id", "message_id"),
        Index(
            "ix_outbox_not_sent", "id", postgresql_where=text("status IN ('failed', 'doubtful')")
        ),
        Index("ix_outbox_unresolved", "id", postgresql_where=text("status = 'unresolved'")),
        Index(
            "ix_outbox_over",
            "created_at",
            postgresql_where=text(
                f"status IN ('sent', 'withdrawn', 'unreachable') AND {MAY_BE_DELETED}"
            ),
        ),
    )

    key: Mapped[str] = mapped_column(String(128), unique=True)  # names the fact (P4)
    chat_id: Mapped[int]  # 0: the operators of when it is sent
    thread_id: Mapped[int | None]  # the topic of a forum; null: General, or no forum
    template: Mapped[str] = mapped_column(String(64))
    values: Mapped[dict[str, Any]]
    lane: Mapped[Lane] = mapped_column(text_enum(Lane, "lane"))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    # The column's name: decision 41.
    guarantee: Mapped[DeliveryGuarantee] = mapped_column(
        "doubt", text_enum(DeliveryGuarantee, "doubt")
    )
    edit_message_id: Mapped[int | None]  # edit this one, if it still can be
    status: Mapped[OutboxStatus] = mapped_column(text_enum(OutboxStatus, "status"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    message_id: Mapped[int | None]  # Telegram's id of it
    trace_parent: Mapped[str | None] = mapped_column(String(55))  # of what it reports, if traced


# What operators' notifications are about: their messages change when it is settled.
_ITEM = OutboxMessage.values["item"].astext
Index("ix_outbox_item", _ITEM, postgresql_where=_ITEM.is_not(None))

# A user who erases their data is in notifications for others, too.
_PERSON = OutboxMessage.values["person"].astext
Index("ix_outbox_person", _PERSON, postgresql_where=_PERSON.is_not(None))
