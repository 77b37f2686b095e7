"""What opens the operator's web; of each token the hash alone, as of a password."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class AdminWebLogin(Base):
    """A one-time link from the bot, or a login of Telegram's that was used."""

    __tablename__ = "admin_web_logins"
    __table_args__ = (
        Index("ix_admin_web_logins_expires_at", "expires_at"),
        Index("ix_admin_web_logins_operator_id", "operator_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    operator_id: Mapped[int]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AdminWebSession(Base):
    __tablename__ = "admin_web_sessions"
    __table_args__ = (
        Index("ix_admin_web_sessions_expires_at", "expires_at"),
        Index("ix_admin_web_sessions_operator_id", "operator_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    operator_id: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
