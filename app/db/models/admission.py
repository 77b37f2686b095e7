"""Users who came while the shop took only so many a day."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class Admission(Base):
    __tablename__ = "admissions"
    __table_args__ = (
        Index(
            "ix_admissions_waiting",
            "waiting_since",
            "user_id",
            postgresql_where=text("admitted_at IS NULL"),
        ),
        Index(
            "ix_admissions_admitted_at",
            "admitted_at",
            postgresql_where=text("admitted_at IS NOT NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    waiting_since: Mapped[datetime]
    admitted_at: Mapped[datetime | None]
