"""Texts that operators answer with again and again."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class QuickAnswer(Base):
    __tablename__ = "quick_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)  # on its button
    text: Mapped[str]
    created_at: Mapped[datetime]
