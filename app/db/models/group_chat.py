"""Groups that the bot is in: the language it speaks there, and whether it still may."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Name


class GroupChat(Base):
    __tablename__ = "group_chats"
    __table_args__ = (CheckConstraint("language IN ('ru', 'en')", name="language"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # Telegram's
    title: Mapped[str] = mapped_column(Name(256))
    language: Mapped[str] = mapped_column(String(2))  # of who first used the bot there
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]  # the bot was removed
    restricted_at: Mapped[datetime | None]  # since when it may not write there
