"""Users whose paid access has ended: what is offered to bring them back."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class WinBack(Base):
    __tablename__ = "win_backs"
    __table_args__ = (
        UniqueConstraint("subscription_id", "ended_at"),
        Index("ix_win_backs_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_win_backs_user_id", "user_id"),
        Index("ix_win_backs_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    ended_at: Mapped[datetime]
    is_held_out: Mapped[bool]  # gets no offer, and is compared with those who do
    step: Mapped[int] = mapped_column(default=0)  # days after the end, of the last offer; 0: none
    due_at: Mapped[datetime | None]  # of the next one; null: no more of them
