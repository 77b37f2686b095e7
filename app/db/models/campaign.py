"""Campaign links, and who has opened them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class Campaign(Base):
    __tablename__ = "campaigns"
    __table_args__ = (CheckConstraint("code = lower(code)", name="code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]  # its link still works, and counts no more


class CampaignVisit(Base):
    """A user who opened the link, however often."""

    __tablename__ = "campaign_visits"
    __table_args__ = (
        Index("ix_campaign_visits_user_id", "user_id"),
        # A user is brought once.
        Index(
            "uq_campaign_visits_brought",
            "user_id",
            unique=True,
            postgresql_where=text("is_brought"),
        ),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    # Their first link of any kind, before they had anything of the shop.
    is_brought: Mapped[bool]
    created_at: Mapped[datetime]
