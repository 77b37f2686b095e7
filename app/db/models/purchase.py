"""An order, with a snapshot of what was sold: plans may change, orders do not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.money import Money
from app.db.models.base import Base, text_enum
from app.domain.payments import PurchaseStatus


class Purchase(Base):
    __tablename__ = "purchases"
    __table_args__ = (
        UniqueConstraint("provider", "invoice_id"),
        CheckConstraint("price_minor >= 0 AND days > 0", name="terms"),
        CheckConstraint(
            "status <> 'paid' OR (paid_at IS NOT NULL AND subscription_id IS NOT NULL"
            " AND subscription_revision IS NOT NULL)",
            name="paid",
        ),
        Index("ix_purchases_open", "expires_at", postgresql_where=text("status = 'pending'")),
        Index("ix_purchases_stale", "created_at", postgresql_where=text("status = 'created'")),
        Index(
            "ix_purchases_ended",
            "expires_at",
            postgresql_where=text("status IN ('expired', 'cancelled')"),
        ),
        Index(
            "ix_purchases_undelivered",
            "subscription_id",
            postgresql_where=text("status = 'paid' AND delivered_at IS NULL"),
        ),
        Index("ix_purchases_user_id", "user_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    status: Mapped[PurchaseStatus] = mapped_column(text_enum(PurchaseStatus, "status"))

    titles: Mapped[dict[str, str]]
    days: Mapped[int]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(8))
    traffic_limit_bytes: Mapped[int]
    device_limit: Mapped[int]

    provider: Mapped[str] = mapped_column(String(32))
    invoice_id: Mapped[str | None] = mapped_column(String(64))
    pay_url: Mapped[str | None]
    message_id: Mapped[int | None]  # the checkout message, edited as the purchase goes on
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"))
    subscription_revision: Mapped[int | None]  # delivered once the panel holds this revision
    delivered_at: Mapped[datetime | None]

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)
