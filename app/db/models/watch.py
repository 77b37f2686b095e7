"""The watch of a transaction by a user, and the card that shows it in their chat."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Name, text_enum
from app.domain.tracking import WatchMode


class Watch(Base):
    __tablename__ = "watches"
    __table_args__ = (
        # One card for a transaction in a chat; without a chain, wherever it appears.
        Index(
            "uq_watches_chat_id_tx_hash_chain",
            "chat_id",
            "tx_hash",
            "chain",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_watches_tx_hash", "tx_hash"),
        Index("ix_watches_user_id", "user_id", "id"),
        Index(
            "ix_watches_card_due", "card_due_at", postgresql_where=text("card_due_at IS NOT NULL")
        ),
        Index(
            "ix_watches_awaited",
            "awaited_until",
            postgresql_where=text("awaited_until IS NOT NULL AND ended_at IS NULL"),
        ),
        Index("ix_watches_open", "chain", "tx_hash", postgresql_where=text("ended_at IS NULL")),
        Index("ix_watches_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    chat_id: Mapped[int]  # the user's, or a group's
    thread_id: Mapped[int | None]  # the topic of a forum that its card stands in
    chain: Mapped[str | None] = mapped_column(String(16))  # null: awaited on all of them
    tx_hash: Mapped[str] = mapped_column(String(66))
    label: Mapped[str | None] = mapped_column(Name(64))
    mode: Mapped[WatchMode] = mapped_column(text_enum(WatchMode, "mode"))
    muted: Mapped[bool] = mapped_column(default=False)
    about: Mapped[dict[str, str]] = mapped_column(default=dict)  # why it is there, if not asked
    created_at: Mapped[datetime]
    awaited_until: Mapped[datetime | None]  # set while the chain is not known
    card_message_id: Mapped[int | None]
    card_due_at: Mapped[datetime | None]  # when the card wants to be drawn anew
    card_lease_until: Mapped[datetime | None]
    card_lease_term: Mapped[int | None] = mapped_column(Integer)
    card_lost: Mapped[bool] = mapped_column(default=False)  # the user removed it: none is drawn
    ended_at: Mapped[datetime | None]  # it came to an end, or was stopped
    stopped_at: Mapped[datetime | None]  # by the user: no notifications after it
