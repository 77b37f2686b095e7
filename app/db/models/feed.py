"""Which group, or which topic of one, is notified of sales, trials and sign-ups."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.feeds import FeedKind


class Feed(Base):
    """A kind goes to one place; without a row it goes nowhere."""

    __tablename__ = "feeds"
    __table_args__ = (Index("ix_feeds_chat_id", "chat_id"),)

    kind: Mapped[FeedKind] = mapped_column(text_enum(FeedKind, "kind"), primary_key=True)
    chat_id: Mapped[int]
    thread_id: Mapped[int | None]  # the topic of a forum; null: General, or no forum
    reported_until: Mapped[datetime]
