"""What operators have set; for the rest, domain/shop_settings.py has defaults."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class ShopSetting(Base):
    __tablename__ = "shop_settings"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[JsonValue] = mapped_column(JSONB, nullable=False)
    changed_at: Mapped[datetime]
