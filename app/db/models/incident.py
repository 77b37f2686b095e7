"""Outages that operators were notified of, one message each."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.incidents import IncidentKind


class Incident(Base):
    __tablename__ = "incidents"
    __table_args__ = (
        # One message, however many instances see it fail.
        Index(
            "uq_incidents_open",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_incidents_subject", "kind", "subject", "opened_at"),
        Index("ix_incidents_closed", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[IncidentKind] = mapped_column(text_enum(IncidentKind, "kind"))
    subject: Mapped[str]
    opened_at: Mapped[datetime]  # of the first failure
    closed_at: Mapped[datetime | None]  # of the first success
    outages: Mapped[int] = mapped_column(default=1)  # it failed so often: more, where it flaps
    error: Mapped[str]
    waiting: Mapped[int] = mapped_column(default=0)  # for its end: orders, invoices, messages
    affected: Mapped[int] = mapped_column(default=0)  # the most that waited
    # What its message says, and since when; null where operators were not notified.
    shown: Mapped[dict[str, Any] | None]
    shown_at: Mapped[datetime | None]
    edits: Mapped[int] = mapped_column(default=0)
