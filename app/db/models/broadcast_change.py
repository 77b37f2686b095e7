"""Changes of what a broadcast has sent: each of its messages gets another text, or goes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.broadcasts import ChangeKind, ChangeState


class BroadcastChange(Base):
    """Made recipient by recipient, in the order of their ids; twice leaves a chat as once."""

    __tablename__ = "broadcast_changes"
    __table_args__ = (
        # One at a time: two edits would race each other through the chats.
        Index(
            "uq_broadcast_changes_running",
            "broadcast_id",
            unique=True,
            postgresql_where=text("state = 'running'"),
        ),
        Index("ix_broadcast_changes_broadcast_id", "broadcast_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id"))
    operator_id: Mapped[int]  # and their chat
    kind: Mapped[ChangeKind] = mapped_column(text_enum(ChangeKind, "kind"))
    new_text: Mapped[str | None]  # in Telegram's HTML
    state: Mapped[ChangeState] = mapped_column(text_enum(ChangeState, "state"))
    message_id: Mapped[int | None]  # shows how far it is
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    total: Mapped[int]
    # The last recipient that it has come to, and what became of those before.
    position: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    changed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    failed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of that batch
