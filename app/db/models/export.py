"""Tables that operators have asked for in the chat: each is made and sent by a worker."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, ClaimableRow, text_enum
from app.domain.exports import ExportKind


class ExportState(StrEnum):
    WAITING = "waiting"  # or being made
    DONE = "done"
    FAILED = "failed"


class Export(ClaimableRow, Base):
    """The one that runs for an operator, or the one that ended last: the audit has all."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("(lease_token IS NULL) = (leased_until IS NULL)", name="lease"),
        # What is due needs none: there is at most one row for each operator.
        Index(
            "uq_exports_running",
            "operator_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    operator_id: Mapped[int]  # their chat, too
    kind: Mapped[ExportKind] = mapped_column(text_enum(ExportKind, "kind"))
    with_bom: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[ExportState] = mapped_column(text_enum(ExportState, "state"))
    # The broadcast whose recipients, or the bulk job whose items; null: all that are kept. The
    # column's name: decision 41.
    subject_id: Mapped[int | None] = mapped_column("broadcast_id")
    message_id: Mapped[int | None]  # shows how far it is
    rows_done: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
