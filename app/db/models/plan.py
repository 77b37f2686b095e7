"""What is on sale: a plan, and for each of its terms a price and limits of their own."""

from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.money import Money
from app.db.models.base import Base


class Plan(Base):
    __tablename__ = "plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    position: Mapped[int]
    titles: Mapped[dict[str, str]]  # language → name
    archived_at: Mapped[datetime | None]  # no longer on sale; its buyers keep and renew it
    panel_group: Mapped[str | None] = mapped_column(String(32))  # or a panel's name; null: any
    # Of the panel's squads, inbounds or groups; empty: those of the panel's own description.
    access_groups: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))


class Term(Base):
    __tablename__ = "terms"
    __table_args__ = (
        UniqueConstraint("plan_id", "months"),
        CheckConstraint("price_minor >= 0 AND days > 0 AND months > 0", name="price"),
        CheckConstraint("traffic_limit_bytes >= 0 AND device_limit >= 0", name="limits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    months: Mapped[int]
    days: Mapped[int]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(8))
    traffic_limit_bytes: Mapped[int]  # 0 = none
    device_limit: Mapped[int]  # 0 = none
    archived_at: Mapped[datetime | None]

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)
