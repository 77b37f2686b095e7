"""A panel by its name, and which subscriptions it holds."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Panel, Subscription
from app.domain.panels import DEFAULT_PANEL


@dataclass(frozen=True, slots=True)
class PanelRef:
    """`row_id`: the default panel needs no row."""

    name: str
    row_id: int | None = None

    @property
    def is_default(self) -> bool:
        return self.name == DEFAULT_PANEL

    @property
    def subscription_panel_id(self) -> int | None:
        """As `subscriptions` has it for new ones."""
        return None if self.is_default else self.row_id

    def is_at(self, panel_id: int | None) -> bool:
        """As `holds`, of a value."""
        return panel_id == self.row_id or (self.is_default and panel_id is None)

    def holds(self) -> ColumnElement[bool]:
        """Of a subscription."""
        return or_(*self.list_parts())

    def list_parts(self) -> list[ColumnElement[bool]]:
        """As `holds`, one by one: each has an index of its own."""
        none = [Subscription.panel_id.is_(None)] if self.is_default else []
        is_by_row = self.row_id is not None or not self.is_default
        return [*none, *([Subscription.panel_id == self.row_id] if is_by_row else [])]


async def find_panel_row(session: AsyncSession, name: str) -> Panel | None:
    row: Panel | None = await session.scalar(select(Panel).where(Panel.name == name))
    return row


async def list_panel_names(session: AsyncSession) -> list[str]:
    """The default one first."""
    names = await session.scalars(select(Panel.name).order_by(Panel.id))
    return [DEFAULT_PANEL, *(name for name in names if name != DEFAULT_PANEL)]
