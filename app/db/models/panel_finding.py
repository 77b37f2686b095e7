"""What comparisons of a panel with the shop have found, how far one is, and when it is due."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.finding_kinds import FindingKind

_IS_OPEN = text("closed_at IS NULL")


class PanelFinding(Base):
    __tablename__ = "panel_findings"
    __table_args__ = (
        Index(
            "uq_panel_findings_open",
            "panel",
            "kind",
            "account_key",
            unique=True,
            postgresql_where=_IS_OPEN,
        ),
        Index(
            "ix_panel_findings_closed", "closed_at", postgresql_where=text("closed_at IS NOT NULL")
        ),
        Index("ix_panel_findings_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    panel: Mapped[str] = mapped_column(String(32))  # its name
    kind: Mapped[FindingKind] = mapped_column(text_enum(FindingKind, "kind"))
    account_key: Mapped[str]  # as `to_bounded_key` bounds it
    account_name: Mapped[str]  # the panel's, of any text
    access_id: Mapped[UUID | None]  # of a panel that finds accounts by it
    user_id: Mapped[int | None]  # as far as subscription, name or panel say
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"))
    panel_ends_at: Mapped[datetime | None]  # what each said when it was found
    shop_ends_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    notified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # both say the same again


class PanelComparisonState(Base):
    """The last comparison of a panel that came to its end, and the next one."""

    __tablename__ = "panel_comparisons"

    panel: Mapped[str] = mapped_column(String(32), primary_key=True)
    due_at: Mapped[datetime]
    compared_at: Mapped[datetime | None]
    accounts: Mapped[int | None]  # so many the panel had
    last_error: Mapped[str | None]  # of one that did not come to its end since


class PanelComparisonStep(Base):
    """What one step of a comparison that is under way has added: a restart goes on from it.

    They go with the comparison, and with the data of any user.
    """

    __tablename__ = "panel_comparison_steps"

    panel: Mapped[str] = mapped_column(String(32), primary_key=True)  # its name
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 0 on
    step: Mapped[dict[str, Any]]
