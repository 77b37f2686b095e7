"""Which panel a new subscription is put on: chosen once, before a panel is asked for it."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import PANEL_CAPACITY, PANEL_SUBSCRIPTIONS
from app.db.models import Incident, Panel, Plan, Subscription
from app.db.unit_of_work import Database
from app.domain.incidents import IncidentKind
from app.domain.panels import DEFAULT_PANEL, NoPlaceReason, PanelPlace, PanelState, choose_place
from app.domain.ports import PortError, RefusedError, UnavailableError
from app.domain.subscriptions import RUNNING_STATUSES, STATUSES_TO_PROVISION
from app.services.access.panel_work import get_incident_subject, wake_activation

_SENTENCES: Final = {
    NoPlaceReason.FULL: "no open panel that the plan allows has room (python main.py panels list)",
    NoPlaceReason.AWAY: "every panel that has room for it is down",
}


async def place_subscriptions(
    session: AsyncSession, rows: Sequence[Subscription]
) -> dict[int, PortError]:
    """Put each on the least loaded panel that its plan allows; by id, why not. Step.

    A shop without rows of panels has one, and nothing to choose. The locks keep two who buy at
    the same moment from the last place of a panel.
    """
    panels = {row.id: row for row in await _lock_panels(session)}
    if not panels:
        return {}
    places = await _list_places(session, panels.values())
    wanted = await _list_wanted(session, {row.plan_id for row in rows if row.plan_id is not None})
    failures: dict[int, PortError] = {}
    for row in rows:
        place = choose_place(places, wanted.get(row.plan_id or 0))
        if isinstance(place, PanelPlace):
            row.panel_id, row.awaits_panel = place.panel_id, False
            place.load += 1
            panels[place.panel_id].load = place.load
        else:
            row.panel_id, row.awaits_panel = None, True
            error = RefusedError if place is NoPlaceReason.FULL else UnavailableError
            failures[row.id] = error(_SENTENCES[place])
    return failures


async def hurry_unplaced(session: AsyncSession) -> None:
    """There may be room now. Step."""
    await session.execute(
        update(Subscription)
        .where(Subscription.awaits_panel, Subscription.activation_status.in_(STATUSES_TO_PROVISION))
        .values(due_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    wake_activation(session)


async def measure_panels(db: Database) -> None:
    """Count what is on each panel anew, for the choice and for the metrics."""
    async with db.read_only() as session:
        if await session.scalar(select(Panel.id).limit(1)) is None:
            return
    async with db.unit_of_work() as session:
        panels = await _lock_panels(session)
        loads = await count_panel_loads(session)
        for panel in panels:
            panel.load = loads.get(panel.id, 0)
            if panel.name == DEFAULT_PANEL:
                panel.load += loads.get(None, 0)
            PANEL_SUBSCRIPTIONS.labels(panel.name).set(panel.load)
            PANEL_CAPACITY.labels(panel.name).set(panel.capacity or 0)


async def count_panel_loads(session: AsyncSession) -> dict[int | None, int]:
    """Subscriptions that run, by panel; None: the default one's from before it had a row. Step."""
    rows = await session.execute(
        select(Subscription.panel_id, func.count())
        .where(
            Subscription.activation_status.in_(RUNNING_STATUSES),
            Subscription.awaits_panel.is_(False),
        )
        .group_by(Subscription.panel_id)
    )
    return {row[0]: row[1] for row in rows}


async def _lock_panels(session: AsyncSession) -> Sequence[Panel]:
    rows = select(Panel).order_by(Panel.id).with_for_update(key_share=True)
    return (await session.scalars(rows)).all()


async def _list_places(session: AsyncSession, panels: Iterable[Panel]) -> list[PanelPlace]:
    down = await session.scalars(
        select(Incident.subject).where(
            Incident.kind == IncidentKind.PANEL, Incident.closed_at.is_(None)
        )
    )
    subjects = set(down)
    return [
        PanelPlace(
            panel_id=row.id,
            name=row.name,
            panel_group=row.panel_group,
            load=row.load,
            capacity=row.capacity,
            is_up=get_incident_subject(row.name) not in subjects,
        )
        for row in panels
        if row.state is PanelState.OPEN
    ]


async def _list_wanted(session: AsyncSession, plan_ids: Collection[int]) -> dict[int, str | None]:
    """By plan, the panel or the group that it names."""
    if not plan_ids:
        return {}
    rows = await session.execute(select(Plan.id, Plan.panel_group).where(Plan.id.in_(plan_ids)))
    return {row.id: row.panel_group for row in rows}
