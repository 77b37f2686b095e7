"""That all of a panel moves to another one or to those that have room, or a plan to its panels."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class PanelMove(Base):
    """How far it is says each subscription itself, by the panel that it is on."""

    __tablename__ = "panel_moves"
    __table_args__ = (
        Index(
            "uq_panel_moves_running",
            "from_panel_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_panel_moves_running_plan",
            "plan_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_panel_id: Mapped[int | None] = mapped_column(ForeignKey("panels.id"))
    # Of this plan what is on another panel than it names: to those that it does.
    # Either this or the panel is null; the schema says neither, for the sake of older code.
    plan_id: Mapped[int | None]
    to_panel_id: Mapped[int | None] = mapped_column(ForeignKey("panels.id"))  # null: by the load
    moved: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]  # what is under way goes on, nothing more begins
    ended_at: Mapped[datetime | None]
