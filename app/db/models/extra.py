"""What can be bought for a subscription that runs: more traffic, or more devices."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.money import Money
from app.db.models.base import Base, text_enum
from app.domain.extras import ExtraKind
from app.domain.subscriptions import GIBIBYTE


class Extra(Base):
    __tablename__ = "extras"
    __table_args__ = (
        CheckConstraint("amount > 0 AND price_minor > 0", name="price"),
        Index("uq_extras_amount", text("coalesce(plan_id, 0)"), "kind", "amount", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))  # null: the whole shop's
    kind: Mapped[ExtraKind] = mapped_column(text_enum(ExtraKind, "kind"))
    amount: Mapped[int]  # GB of traffic, or devices
    price_minor: Mapped[int]  # of devices, for 30 days
    currency: Mapped[str] = mapped_column(String(8))
    archived_at: Mapped[datetime | None]  # no longer on sale; what was bought of it goes on

    @property
    def traffic_bytes(self) -> int:
        return self.amount * GIBIBYTE if self.kind is ExtraKind.TRAFFIC else 0

    @property
    def devices(self) -> int:
        return self.amount if self.kind is ExtraKind.DEVICES else 0

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)
