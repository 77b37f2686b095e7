"""The operator's addresses that buyers pay to, with the signature that shows a changed row."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.onchain.addresses import ChainFamily


class OnchainAddress(Base):
    """There are few, and none is deleted: an invoice shows the one that it was made with."""

    __tablename__ = "onchain_addresses"
    __table_args__ = (Index("ix_onchain_addresses_effective", "family", "effective_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    family: Mapped[ChainFamily] = mapped_column(text_enum(ChainFamily, "family"))
    address: Mapped[str] = mapped_column(String(42))  # 0x and 20 bytes in lower case, TRON's too
    effective_at: Mapped[datetime]
    set_by: Mapped[int | None]  # an owner's id; null: the environment
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    mac: Mapped[str] = mapped_column(String(64))
