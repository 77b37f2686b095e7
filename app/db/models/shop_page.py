"""Texts, pictures and questions of the bot's own pages, as operators have written them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class PageTextRow(Base):
    __tablename__ = "page_texts"
    __table_args__ = (CheckConstraint("language IN ('ru', 'en')", name="language"),)

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    html: Mapped[str]
    changed_at: Mapped[datetime]


class PagePicture(Base):
    __tablename__ = "page_pictures"

    page: Mapped[str] = mapped_column(String(32), primary_key=True)
    file_id: Mapped[str]  # Telegram's, of this bot
    changed_at: Mapped[datetime]


class FaqEntryRow(Base):
    __tablename__ = "faq_entries"
    __table_args__ = (
        CheckConstraint("language IN ('ru', 'en')", name="language"),
        Index("ix_faq_entries_language", "language", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    position: Mapped[int]
    question: Mapped[str]
    answer: Mapped[str]  # HTML
    changed_at: Mapped[datetime]
