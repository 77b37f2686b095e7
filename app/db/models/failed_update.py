"""Updates whose handler failed, kept for operators instead of being repeated for ever."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class FailedUpdate(Base):
    __tablename__ = "failed_updates"

    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]]
    error: Mapped[str]
    created_at: Mapped[datetime]
