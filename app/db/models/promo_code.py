"""Codes that make a purchase cheaper or give something by themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.promo_codes import PromoKind


class PromoCode(Base):
    __tablename__ = "promo_codes"
    __table_args__ = (
        CheckConstraint("value > 0 AND (kind <> 'percent' OR value <= 100)", name="value"),
        CheckConstraint("max_uses > 0 AND max_uses_per_person > 0", name="uses"),
        CheckConstraint(
            "(currency IS NOT NULL) = (kind IN ('amount', 'balance'))", name="currency"
        ),
        Index("ix_promo_codes_for_all", "id", postgresql_where=text("user_id IS NULL")),
        Index("ix_promo_codes_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)  # upper case
    kind: Mapped[PromoKind] = mapped_column(text_enum(PromoKind, "kind"))
    value: Mapped[int]  # percent, minor units or days
    currency: Mapped[str | None] = mapped_column(String(8))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))  # null: every plan
    # Null: for everybody. No foreign key: code from before the column could not erase the user.
    user_id: Mapped[int | None]
    max_uses: Mapped[int | None]  # null: no limit over all
    # The column's name: decision 41.
    max_uses_per_user: Mapped[int] = mapped_column("max_uses_per_person")
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class PromoUse(Base):
    """One use; it counts as long as its purchase is open or sold."""

    __tablename__ = "promo_uses"
    __table_args__ = (
        UniqueConstraint("purchase_id"),
        Index("ix_promo_uses_promo_code_id_user_id", "promo_code_id", "user_id"),
        Index("ix_promo_uses_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    promo_code_id: Mapped[int] = mapped_column(ForeignKey("promo_codes.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purchase_id: Mapped[UUID | None] = mapped_column(ForeignKey("purchases.id"))
    created_at: Mapped[datetime]


class PromoTry(Base):
    """A wrong try: so many a user, and over all, are answered in an hour."""

    __tablename__ = "promo_tries"
    __table_args__ = (
        Index("ix_promo_tries_user_id", "user_id", "created_at"),
        Index("ix_promo_tries_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
