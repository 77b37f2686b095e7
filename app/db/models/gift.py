"""A gift: a plan for the user who opens its link first, with a snapshot of what it gives."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, and_, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class Gift(Base):
    """Nothing in it names a user: its purchases do, and lose the name when a user is erased."""

    __tablename__ = "gifts"
    __table_args__ = (
        CheckConstraint("(purchase_id IS NULL) <> (batch IS NULL)", name="origin"),
        CheckConstraint("(redemption_id IS NULL) = (redeemed_at IS NULL)", name="redeemed"),
        CheckConstraint("redeemed_at IS NULL OR voided_at IS NULL", name="end"),
        Index("ix_gifts_batch", "batch", postgresql_where=text("batch IS NOT NULL")),
        # Codes of batches that nobody can redeem any more: deleted after a while.
        Index(
            "ix_gifts_over",
            text("coalesce(voided_at, ends_at)"),
            postgresql_where=text("batch IS NOT NULL AND redeemed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    # What it was bought by; else the batch that an operator made.
    purchase_id: Mapped[UUID | None] = mapped_column(ForeignKey("purchases.id"), unique=True)
    batch: Mapped[str | None] = mapped_column(String(32))

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    titles: Mapped[dict[str, str]]
    months: Mapped[int | None]
    days: Mapped[int]
    traffic_limit_bytes: Mapped[int]
    device_limit: Mapped[int]

    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]  # null: no end, as of all that was bought
    redeemed_at: Mapped[datetime | None]
    # The purchase, of nothing, by which its user got the access.
    redemption_id: Mapped[UUID | None] = mapped_column(ForeignKey("purchases.id"), unique=True)
    voided_at: Mapped[datetime | None]  # returned, or withdrawn by an operator

    @hybrid_property
    def is_waiting(self) -> bool:
        """For somebody who redeems it; in a query, a condition."""
        return self.redeemed_at is None and self.voided_at is None

    @is_waiting.inplace.expression
    @classmethod
    def _is_waiting(cls) -> ColumnElement[bool]:
        return and_(cls.redeemed_at.is_(None), cls.voided_at.is_(None))
