"""The number of the term of leadership that runs now."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class LeadershipTerm(Base):
    """One row, written by the instance that takes the lock, in the session that holds it."""

    __tablename__ = "leadership_term"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer)  # half of an advisory lock's key has 32 bits
    seen_at: Mapped[datetime | None]  # an active instance was at work
