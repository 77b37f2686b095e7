"""People who wrote to the bot."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class User(Base):
    __tablename__ = "users"
    __table_args__ = (CheckConstraint("language IN ('ru', 'en')", name="language"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # Telegram's
    language: Mapped[str] = mapped_column(String(2))
    first_name: Mapped[str] = mapped_column(String(256))
    username: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    unreachable_at: Mapped[datetime | None]  # blocked the bot; cleared when they write again
