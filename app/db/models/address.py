"""Addresses that users bound: to use them by name, and to be notified of what comes in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Name, text_enum
from app.domain.chains import ChainKind


class Address(Base):
    __tablename__ = "addresses"
    __table_args__ = (
        UniqueConstraint("user_id", "address"),
        Index("ix_addresses_told", "address", postgresql_where=text("tell_incoming")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[ChainKind] = mapped_column(text_enum(ChainKind, "kind"))
    address: Mapped[str] = mapped_column(String(128))  # EVM: in lower case
    label: Mapped[str | None] = mapped_column(Name(64))
    # The column's name: decision 41.
    notify_incoming: Mapped[bool] = mapped_column("tell_incoming", default=True)
    created_at: Mapped[datetime]
