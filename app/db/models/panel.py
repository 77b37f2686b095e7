"""Panels beside the environment's, and what operators have set of that one."""

from datetime import datetime
from typing import cast

from sqlalchemy import ARRAY, CheckConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.panel_kinds import PanelKind
from app.db.models.base import Base, text_enum
from app.domain.panels import PanelDescription, PanelState


class Panel(Base):
    __tablename__ = "panels"
    __table_args__ = (
        CheckConstraint(
            "name = 'default' OR (kind IS NOT NULL AND url IS NOT NULL"
            " AND key_variable IS NOT NULL)",
            name="described",
        ),
        CheckConstraint("capacity > 0", name="capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    # These say how it is reached; of the default panel the environment says it.
    kind: Mapped[str | None] = mapped_column(String(32))
    url: Mapped[str | None]
    key_variable: Mapped[str | None] = mapped_column(String(64))
    headers_variable: Mapped[str | None] = mapped_column(String(64))
    cookies_variable: Mapped[str | None] = mapped_column(String(64))
    proxy_variable: Mapped[str | None] = mapped_column(String(64))
    ca_variable: Mapped[str | None] = mapped_column(String(64))
    link_base: Mapped[str | None]
    access_groups: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))

    panel_group: Mapped[str | None] = mapped_column(String(32))  # a plan may name it
    capacity: Mapped[int | None]  # subscriptions; null: any number
    # As counted every minute, and one more with each that is put on it since.
    load: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    state: Mapped[PanelState] = mapped_column(
        text_enum(PanelState, "state"), default=PanelState.OPEN
    )
    created_at: Mapped[datetime]

    @property
    def description(self) -> PanelDescription | None:
        """None for the one that the environment describes."""
        if self.kind is None or self.url is None or self.key_variable is None:
            return None
        return PanelDescription(
            name=self.name,
            kind=cast("PanelKind", self.kind),
            url=self.url,
            key_variable=self.key_variable,
            headers_variable=self.headers_variable,
            cookies_variable=self.cookies_variable,
            proxy_variable=self.proxy_variable,
            ca_variable=self.ca_variable,
            link_base=self.link_base,
            access_groups=tuple(self.access_groups),
        )
