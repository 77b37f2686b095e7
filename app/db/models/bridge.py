"""Transfers over the Cellframe bridge: two transactions that belong together, perhaps."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ARRAY, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.db.models.transaction import WEI


class LegMatch(StrEnum):
    NONE = "none"  # the second leg is still looked for
    PROBABLE = "probable"  # recipient, amount and time fit: no proof
    GIVEN = "given"  # by the user


class Bridge(Base):
    __tablename__ = "bridges"
    __table_args__ = (
        Index("ix_bridges_to_match", "check_at", postgresql_where=text("check_at IS NOT NULL")),
        Index("ix_bridges_user_id", "user_id"),
        Index("ix_bridges_first_watch_id", "first_watch_id", unique=True),
        Index("ix_bridges_second_watch_id", "second_watch_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    first_watch_id: Mapped[int] = mapped_column(ForeignKey("watches.id", ondelete="CASCADE"))
    second_watch_id: Mapped[int | None] = mapped_column(
        ForeignKey("watches.id", ondelete="SET NULL")
    )
    to_chain: Mapped[str | None] = mapped_column(String(16))
    recipient: Mapped[str | None] = mapped_column(String(128))
    token: Mapped[str | None] = mapped_column(String(64))
    amount: Mapped[Decimal | None] = mapped_column(WEI)
    match: Mapped[LegMatch] = mapped_column(text_enum(LegMatch, "match"))
    sent_at: Mapped[datetime]  # the first leg, as near as known: the second comes later
    read_number: Mapped[int | None]  # blocks of to_chain up to this one were looked through
    rejected: Mapped[list[str]] = mapped_column(ARRAY(String(66)), default=list)  # not the second
    created_at: Mapped[datetime]
    check_at: Mapped[datetime | None]  # null: nothing left to look for
