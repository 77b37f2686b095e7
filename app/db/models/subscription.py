"""Access to the VPN: what the panel must hold, and how far it is with that."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.subscriptions import ActivationStatus


class Subscription(Base):
    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint("(lease_token IS NULL) = (leased_until IS NULL)", name="lease"),
        CheckConstraint("activation_status <> 'active' OR link IS NOT NULL", name="link"),
        Index(
            "ix_subscriptions_to_provision",
            "due_at",
            postgresql_where=text("activation_status IN ('pending', 'needs_attention')"),
        ),
        Index(
            "ix_subscriptions_to_remove",
            "due_at",
            postgresql_where=text("activation_status = 'removal_pending'"),
        ),
        Index(
            "ix_subscriptions_to_end",
            "expires_at",
            postgresql_where=text("activation_status = 'active'"),
        ),
        Index("ix_subscriptions_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    access_id: Mapped[UUID] = mapped_column(unique=True)  # ours, on every panel
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    traffic_limit_bytes: Mapped[int]
    device_limit: Mapped[int]
    link: Mapped[str | None]

    reminded_hours: Mapped[int | None]  # the last step told before this end

    revision: Mapped[int] = mapped_column(default=1)  # grows whenever the panel must be told
    activation_status: Mapped[ActivationStatus] = mapped_column(
        text_enum(ActivationStatus, "activation_status")
    )
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_token: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
