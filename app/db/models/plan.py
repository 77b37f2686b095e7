"""What is on sale."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class Plan(Base):
    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint("price_minor >= 0 AND days > 0", name="terms"),
        CheckConstraint("traffic_limit_bytes >= 0 AND device_limit >= 0", name="limits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    position: Mapped[int]
    titles: Mapped[dict[str, str]]  # language → name
    days: Mapped[int]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(8))
    traffic_limit_bytes: Mapped[int]  # 0 = none
    device_limit: Mapped[int]  # 0 = none
    archived_at: Mapped[datetime | None]
