"""Updates whose handler failed, kept for operators instead of being repeated for ever."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base

SENDER_ID: Final = (
    "COALESCE(body #>> '{message,from,id}', body #>> '{edited_message,from,id}',"
    " body #>> '{callback_query,from,id}', body #>> '{my_chat_member,from,id}')"
)
"""In the words of the index, or PostgreSQL does not see that it serves a query."""


class FailedUpdate(Base):
    __tablename__ = "failed_updates"
    __table_args__ = (
        Index("ix_failed_updates_created_at", "created_at"),
        Index("ix_failed_updates_sender", text(f"({SENDER_ID})")),
    )

    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]]
    error: Mapped[str]
    created_at: Mapped[datetime]
