"""What is kept of a user who erased their data: that what is once a user was had, not by whom."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class ErasedUser(Base):
    __tablename__ = "erased_users"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)  # keyed, of the id
    erased_at: Mapped[datetime]
    had_access_at: Mapped[datetime | None]  # as a user's: no second trial
    blocked_at: Mapped[datetime | None]  # who comes back is as blocked as before
    promo_use_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))  # no second use
