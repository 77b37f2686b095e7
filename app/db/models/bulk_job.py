"""One action for many subscriptions, a row for each of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, ClaimableRow, text_enum
from app.domain.bulk import BulkAction, BulkItemState, BulkProgress, BulkState

_COUNT = text("0")


class BulkJob(Base):
    __tablename__ = "bulk_jobs"
    __table_args__ = (
        Index("ix_bulk_jobs_wakes_at", "wakes_at", postgresql_where=text("wakes_at IS NOT NULL")),
        Index("ix_bulk_jobs_ended_at", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(String(64))  # as the audit names them
    operator_id: Mapped[int | None]  # and their chat; null: of the command line
    # What confirmed it: of a message that comes twice, one job.
    request_key: Mapped[str] = mapped_column(String(64), unique=True)
    action_values: Mapped[dict[str, Any]]
    panel_move_id: Mapped[int | None] = mapped_column(ForeignKey("panel_moves.id"))
    state: Mapped[BulkState] = mapped_column(text_enum(BulkState, "state"))
    # When its worker looks at it next; null: not until an operator changes something.
    wakes_at: Mapped[datetime | None]
    message_id: Mapped[int | None]  # shows how far it is
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    # Of its items; counted in the transaction that ends each.
    total: Mapped[int] = mapped_column(default=0, server_default=_COUNT)
    done: Mapped[int] = mapped_column(default=0, server_default=_COUNT)
    skipped: Mapped[int] = mapped_column(default=0, server_default=_COUNT)
    failed: Mapped[int] = mapped_column(default=0, server_default=_COUNT)

    @property
    def action(self) -> BulkAction:
        return BulkAction.from_values(self.action_values)

    @property
    def progress(self) -> BulkProgress:
        return BulkProgress(self.total, self.done, self.skipped, self.failed)


class BulkItem(ClaimableRow, Base):
    __tablename__ = "bulk_items"
    __table_args__ = (
        CheckConstraint("(lease_token IS NULL) = (leased_until IS NULL)", name="lease"),
        # In this order it also finds what is one subscription's.
        UniqueConstraint("subscription_id", "job_id"),
        # Panel by panel: one that is down holds up its own only.
        Index(
            "ix_bulk_items_waiting",
            "job_id",
            "panel_id",
            "due_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_bulk_items_job_id", "job_id", "id"),
    )

    job_id: Mapped[int] = mapped_column(ForeignKey("bulk_jobs.id"))
    # No foreign key: writing 100,000 rows would lock as many. Who is gone is skipped.
    subscription_id: Mapped[int]
    panel_id: Mapped[int]  # where it was when the job began; 0: the default one
    state: Mapped[BulkItemState] = mapped_column(text_enum(BulkItemState, "state"))
    ended_before: Mapped[datetime]  # the subscription's end, as it was
    ends_now: Mapped[datetime | None]  # and as the item has made it
    ended_at: Mapped[datetime | None]
