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
    panels = await lock_panels(session)
    if not panels:
        return {}
    open_ones = [panel for panel in panels if panel.state is PanelState.OPEN]
    failures: dict[int, PortError] = {}
    for row, place in await choose_places(session, rows, open_ones):
        if isinstance(place, PanelPlace):
            row.panel_id, row.awaits_panel = place.panel_id, False
        else:
            row.panel_id, row.awaits_panel = None, True
            error = RefusedError if place is NoPlaceReason.FULL else UnavailableError
            failures[row.id] = error(_SENTENCES[place])
    return failures


async def choose_places(
    session: AsyncSession,
    rows: Sequence[Subscription],
    panels: Sequence[Panel],
    *,
    any_plan: bool = False,
) -> list[tuple[Subscription, PanelPlace | NoPlaceReason]]:
    """Of these `panels`, which are locked: each choice is counted there. Step."""
    places = await _list_places(session, panels)
    plan_ids = {row.plan_id for row in rows if row.plan_id is not None and not any_plan}
    wanted = await _list_wanted(session, plan_ids)
    by_id = {panel.id: panel for panel in panels}
    chosen = []
    for row in rows:
        place = choose_place(places, wanted.get(row.plan_id or 0))
        if isinstance(place, PanelPlace):
            place.load += 1
            by_id[place.panel_id].load = place.load
        chosen.append((row, place))
    return chosen


async def list_free_places(
    session: AsyncSession, panels: Iterable[Panel], wanted: str | None
) -> list[PanelPlace]:
    """Those of `panels` that are open and up, have room, and are what a plan names. Step."""
    open_ones = [panel for panel in panels if panel.state is PanelState.OPEN]
    places = await _list_places(session, open_ones)
    return [one for one in places if one.serves(wanted) and one.has_room and one.is_up]


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
        panels = await lock_panels(session)
        loads = await count_panel_loads(session)
        for panel in panels:
            panel.load = loads.get(panel.id, 0)
            if panel.name == DEFAULT_PANEL:
                panel.load += loads.get(None, 0)
            PANEL_SUBSCRIPTIONS.labels(panel.name).set(panel.load)
            PANEL_CAPACITY.labels(panel.name).set(panel.capacity or 0)


async def count_panel_loads(session: AsyncSession) -> dict[int | None, int]:
    """Subscriptions that run or arrive, by panel; None: the default one's without its row. Step."""
    rows = await session.execute(
        select(Subscription.panel_id, func.count())
        .where(
            Subscription.activation_status.in_(RUNNING_STATUSES),
            Subscription.awaits_panel.is_(False),
        )
        .group_by(Subscription.panel_id)
    )
    loads: dict[int | None, int] = {row[0]: row[1] for row in rows}
    arriving = await session.execute(
        select(Subscription.next_panel_id, func.count())
        .where(Subscription.next_panel_id.is_not(None))
        .group_by(Subscription.next_panel_id)
    )
    for panel_id, count in arriving:
        loads[panel_id] = loads.get(panel_id, 0) + count
    return loads


async def lock_panels(session: AsyncSession) -> Sequence[Panel]:
    """All, so that who chooses one does so alone. Step."""
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
    ]


async def _list_wanted(session: AsyncSession, plan_ids: Collection[int]) -> dict[int, str | None]:
    """By plan, the panel or the group that it names."""
    if not plan_ids:
        return {}
    rows = await session.execute(select(Plan.id, Plan.panel_group).where(Plan.id.in_(plan_ids)))
    return {row.id: row.panel_group for row in rows}
