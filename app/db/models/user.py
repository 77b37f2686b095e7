"""Users who wrote to the bot."""

import secrets
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Name


class User(Base):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("language IN ('ru', 'en')", name="language"),
        CheckConstraint("referrer_id <> id", name="referrer"),
        Index("ix_users_referrer_id", "referrer_id"),
        Index("ix_users_created_at_id", "created_at", "id"),
        Index(
            "ix_users_blocked_at",
            "blocked_at",
            "id",
            postgresql_where=text("blocked_at IS NOT NULL"),
        ),
        Index(
            "ix_users_unreachable_at",
            "unreachable_at",
            "id",
            postgresql_where=text("unreachable_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # Telegram's
    language: Mapped[str] = mapped_column(String(2))
    first_name: Mapped[str] = mapped_column(Name(256))
    username: Mapped[str | None] = mapped_column(String(64))
    username_seen_at: Mapped[datetime | None]  # with it: names move from user to user on Telegram
    created_at: Mapped[datetime]
    referral_code: Mapped[str] = mapped_column(
        String(16), unique=True, default=lambda: secrets.token_urlsafe(9)
    )
    referrer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # bound once
    had_access_at: Mapped[datetime | None]  # the first time: then there is no trial any more
    promo_code_id: Mapped[int | None] = mapped_column(ForeignKey("promo_codes.id"))  # for the next
    blocked_at: Mapped[datetime | None]  # by an operator
    unreachable_at: Mapped[datetime | None]  # blocked the bot; cleared when they write again
    broadcasts_off_at: Mapped[datetime | None]  # since when they want no broadcasts


Index("ix_users_username", func.lower(User.username))
Index(
    "ix_users_first_name",
    func.lower(User.first_name).label("first"),
    postgresql_ops={"first": "text_pattern_ops"},
)
