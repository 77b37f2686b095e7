"""What an operator must decide or look into; each stays open until it is settled."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class AttentionItem(Base):
    __tablename__ = "attention_items"
    __table_args__ = (
        Index("ix_attention_items_open", "id", postgresql_where=text("settled_at IS NULL")),
        Index(
            "ix_attention_items_settled",
            "settled_at",
            postgresql_where=text("settled_at IS NOT NULL"),
        ),
        Index("ix_attention_items_user", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)  # of its notification
    template: Mapped[str] = mapped_column(String(64))  # of its notification
    values: Mapped[dict[str, Any]]  # of its notification, without `person`
    user_id: Mapped[int | None]  # whom it is about, as far as it is known
    opened_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None]  # an operator; null: it has settled itself
    settlement: Mapped[str | None]  # a Settlement, or what the operator wrote
