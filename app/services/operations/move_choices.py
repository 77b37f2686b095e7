"""Where an operator may move a user's subscription to, and how far a move is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.core import clock
from app.db.models import Panel, Plan, Subscription
from app.db.unit_of_work import Database
from app.domain.panels import DEFAULT_PANEL, PanelPlace
from app.domain.subscriptions import RUNNING_STATUSES
from app.services.access.panel_refs import PanelRef
from app.services.access.placement import list_free_places
from app.services.access.subscriptions import SubscriptionGoneError


@dataclass(frozen=True, slots=True)
class MoveChoice:
    """`moves_to` where it moves already; `is_busy` while it waits for a panel or gets a new link.

    `targets` are those that its plan allows, and that take it now.
    """

    panel: str
    moves_to: str | None
    is_busy: bool
    targets: Sequence[PanelPlace]

    def find_target(self, panel_id: int) -> PanelPlace | None:
        """None where it cannot move there now."""
        if self.moves_to is not None or self.is_busy:
            return None
        return next((one for one in self.targets if one.panel_id == panel_id), None)


async def get_move_choice(db: Database, user_id: int, subscription_id: int) -> MoveChoice:
    """Raises SubscriptionGoneError."""
    async with db.read_only() as session:
        found = (
            await session.execute(
                select(Subscription, Plan.panel_group)
                .outerjoin(Plan, Plan.id == Subscription.plan_id)
                .where(Subscription.id == subscription_id, Subscription.user_id == user_id)
            )
        ).one_or_none()
        if found is None:
            raise SubscriptionGoneError
        row, wanted = found
        if row.activation_status not in RUNNING_STATUSES or row.ends_at <= clock.now():
            raise SubscriptionGoneError
        panels = (await session.scalars(select(Panel).order_by(Panel.id))).all()
        names = {panel.id: panel.name for panel in panels}
        places = await list_free_places(session, panels, wanted)
    panel = DEFAULT_PANEL if row.panel_id is None else names[row.panel_id]
    return MoveChoice(
        panel=panel,
        moves_to=None if row.next_panel_id is None else names[row.next_panel_id],
        is_busy=row.awaits_panel or row.retired_access_id is not None,
        targets=[one for one in places if not PanelRef(one.name, one.panel_id).is_at(row.panel_id)],
    )
