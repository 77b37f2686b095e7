"""Operators move subscriptions to another panel: one, all of a panel or of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeRefusedError
from app.core.round_counts import Counts
from app.core.worker_names import WorkerName
from app.db.models import BulkJob, Panel, PanelMove, Plan, Subscription
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.panels import DEFAULT_PANEL, PanelPlace, PanelState
from app.domain.subscriptions import RUNNING_STATUSES, ActivationStatus
from app.services import audit
from app.services.access.moves import begin_move
from app.services.access.panel_refs import PanelRef
from app.services.access.placement import choose_places, lock_panels
from app.services.notifications.notify import notify_operators
from app.services.operations.panel_admin import require_default_row, require_panel

# Each is some calls of two panels: buyers must not wait behind a whole panel that moves.
_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class MoveProgress:
    """`left` are those that are on the panel still; `failed` of them stay there for now."""

    left: int
    failed: int
    ended_at: datetime | None


async def move_subscription(
    db: Database,
    actor: str,
    subscription_id: int,
    to: str | None = None,
    *,
    within_plan: bool = False,
) -> str:
    """The name of the panel that it moves to: `to`, or the least loaded of the others.

    `to` may be closed, and one that its plan does not allow, unless `within_plan`.

    Raises ChangeRefusedError.
    """
    async with db.unit_of_work() as session:
        # Before the panels, as sales lock both.
        subscription = await session.get(Subscription, subscription_id, with_for_update=True)
        if subscription is None:
            raise ChangeRefusedError(
                f"there is no subscription {subscription_id}", "refused-no-subscription"
            )
        _require_movable(subscription)
        await require_default_row(session)
        target_row = None if to is None else await require_panel(session, to)
        panels = await lock_panels(session)
        source = next(
            one for one in panels if PanelRef(one.name, one.id).is_at(subscription.panel_id)
        )
        if target_row is not None and target_row.id == source.id:
            raise ChangeRefusedError(f"it is on {to} already", "refused-there-already")
        candidates = _list_candidates(panels, source, target_row)
        if within_plan:
            candidates = [panel for panel in candidates if panel.state is PanelState.OPEN]
        any_plan = target_row is not None and not within_plan
        chosen = await choose_places(session, [subscription], candidates, any_plan=any_plan)
        place = chosen[0][1]
        if not isinstance(place, PanelPlace):
            raise ChangeRefusedError(
                f"no panel for it is up and has room ({place})", "refused-no-room"
            )
        begin_move(session, subscription, source.id, place.panel_id)
        audit.record_audit_entry(
            session, actor, "move_begun", f"subscription:{subscription_id}", to=place.name
        )
        return place.name


async def request_panel_move(db: Database, name: str, to: str | None) -> int:
    """All that runs on it; it takes no new ones from now on. The move's id.

    Raises ChangeRefusedError.
    """
    async with db.unit_of_work() as session:
        return await begin_panel_move(session, name, to)


async def begin_panel_move(session: AsyncSession, name: str, to: str | None) -> int:
    """Step. Raises ChangeRefusedError."""
    if name == to:
        raise ChangeRefusedError("it is that panel already", "refused-there-already")
    source = await require_panel(session, name)
    target = None if to is None else await require_panel(session, to)
    if target is not None and target.state is PanelState.RETIRED:
        raise ChangeRefusedError(f"{to} is retired", "refused-panel-retired", name=target.name)
    if source.state is PanelState.OPEN:
        source.state = PanelState.CLOSED
    row = insert(PanelMove).values(
        from_panel_id=source.id,
        to_panel_id=None if target is None else target.id,
        created_at=clock.now(),
    )
    id_ = await session.scalar(row.on_conflict_do_nothing().returning(PanelMove.id))
    if id_ is None:
        raise ChangeRefusedError(f"{name} is being moved already", "refused-being-moved", name=name)
    audit.record_audit_entry(session, "operator", "panel_move_begun", f"panel:{name}", to=to)
    wake_after_commit(session, WorkerName.PANEL_MOVES)
    return int(id_)


async def request_plan_move(session: AsyncSession, plan: Plan) -> None:
    """What it has on other panels than it names moves to those that it does. Step.

    Raises ChangeRefusedError.
    """
    if plan.panel_group is None:
        raise ChangeRefusedError(
            f"{plan.code} may be on any panel: nothing of it has to move", "refused-plan-anywhere"
        )
    await require_default_row(session)
    row = insert(PanelMove).values(plan_id=plan.id, created_at=clock.now())
    if (await session.scalar(row.on_conflict_do_nothing().returning(PanelMove.id))) is None:
        raise ChangeRefusedError(
            f"{plan.code} is being moved already", "refused-being-moved", name=plan.code
        )
    audit.record_audit_entry(
        session, "operator", "plan_move_begun", f"plan:{plan.code}", to=plan.panel_group
    )
    wake_after_commit(session, WorkerName.PANEL_MOVES)


async def get_move_progress(db: Database, move_id: int) -> MoveProgress:
    async with db.read_only() as session:
        move = await session.get_one(PanelMove, move_id)
        scope = await _find_scope(session, move, (await session.scalars(select(Panel))).all())
        left = await _count(session, scope)
        failed = await _count(session, scope, Subscription.move_failed_in == move_id)
    return MoveProgress(left, failed, move.ended_at)


async def continue_panel_moves(db: Database) -> Counts:
    """One round: as many more of each panel as have arrived since."""
    async with db.read_only() as session:
        running = and_(PanelMove.ended_at.is_(None), PanelMove.paused_at.is_(None))
        query = select(PanelMove.id).where(running).order_by(PanelMove.id)
        ids = (await session.scalars(query)).all()
    begun = 0
    for id_ in ids:
        async with db.unit_of_work() as session:
            begun += await _continue_move(session, id_, ids)
    return {"begun": begun} if ids else {}


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a move is about: `leaves` of subscriptions, and the panels that may take them.

    Each part of `leaves` is a part of one index, in whose order some of it is read: by both parts
    at once all would be.
    """

    ended_template: str
    stuck_template: str
    subject: str
    values: dict[str, str]
    leaves: Sequence[ColumnElement[bool]]
    is_under_way: ColumnElement[bool]
    candidates: list[Panel]
    any_plan: bool


async def _continue_move(session: AsyncSession, move_id: int, running: Sequence[int]) -> int:
    """How many more have begun to move; the move ends where none is left and none under way.

    What could not be moved in one of those that are `running` is not tried again by another.
    """
    panels = await lock_panels(session)
    move = await session.get(PanelMove, move_id, with_for_update=True)
    if move is None or move.ended_at is not None or move.paused_at is not None:
        return 0
    scope = await _find_scope(session, move, panels)
    under_way = await session.scalar(select(func.count()).where(scope.is_under_way)) or 0
    has_failed = func.coalesce(Subscription.move_failed_in.in_(running), false())
    rows = await _take_movable(session, scope, not_(has_failed), _AT_ONCE - under_way)
    if not rows and not under_way and await _is_none_left(session, scope, not_(has_failed)):
        await _end_move(session, move, scope, has_failed)
        return 0
    chosen = await choose_places(session, rows, scope.candidates, any_plan=scope.any_plan)
    placed = [(row, place) for row, place in chosen if isinstance(place, PanelPlace)]
    if chosen and not placed and not under_way:
        key = f"panel-move-stuck:{move_id}"
        await notify_operators(session, key, scope.stuck_template, **scope.values)
    default_id = next(panel.id for panel in panels if panel.name == DEFAULT_PANEL)
    for row, place in placed:
        begin_move(session, row, row.panel_id or default_id, place.panel_id)
    move.moved += len(placed)
    return len(placed)


async def _take_movable(
    session: AsyncSession, scope: _Scope, is_wanted: ColumnElement[bool], limit: int
) -> list[Subscription]:
    """Locked; what others have locked comes later."""
    taken: list[Subscription] = []
    for part in scope.leaves:
        if len(taken) < limit:
            rows = await session.scalars(
                select(Subscription)
                .where(part, _is_running(), _is_movable(), is_wanted)
                .order_by(Subscription.id)
                .limit(limit - len(taken))
                .with_for_update(skip_locked=True)
            )
            taken += rows
    return taken


async def _is_none_left(
    session: AsyncSession, scope: _Scope, is_wanted: ColumnElement[bool]
) -> bool:
    """Nor anything that gets a new link just now, after which it can be moved."""
    for part in scope.leaves:
        # In the index's order: statistics from before the move would read the table for any one.
        query = (
            select(Subscription.id)
            .where(part, _is_running(), or_(_is_movable(), _gets_new_link()), is_wanted)
            .order_by(Subscription.id)
            .limit(1)
        )
        if await session.scalar(query) is not None:
            return False
    return True


async def _count(session: AsyncSession, scope: _Scope, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).where(or_(*scope.leaves), _is_running(), *conditions)
    return await session.scalar(query) or 0


async def _find_scope(session: AsyncSession, move: PanelMove, panels: Sequence[Panel]) -> _Scope:
    by_id = {panel.id: panel for panel in panels}
    if move.from_panel_id is not None:
        source = by_id[move.from_panel_id]
        target = by_id[move.to_panel_id] if move.to_panel_id is not None else None
        return _Scope(
            ended_template="operator-panel-move-ended",
            stuck_template="operator-panel-move-stuck",
            subject=f"panel:{source.name}",
            values={"panel": source.name},
            leaves=PanelRef(source.name, source.id).list_parts(),
            is_under_way=_is_moving_from(source),
            candidates=_list_candidates(panels, source, target),
            any_plan=target is not None,
        )
    plan = await session.get_one(Plan, move.plan_id)
    wanted = plan.panel_group
    others = [one for one in panels if wanted and wanted not in {one.name, one.panel_group}]
    is_of_plan = Subscription.plan_id == plan.id
    is_moving = or_(
        Subscription.next_panel_id.is_not(None), Subscription.retired_panel_id.is_not(None)
    )
    return _Scope(
        ended_template="operator-plan-move-ended",
        stuck_template="operator-plan-move-stuck",
        subject=f"plan:{plan.code}",
        values={"plan": plan.code},
        leaves=[and_(is_of_plan, or_(false(), *map(_is_on, others)))],
        is_under_way=and_(is_of_plan, is_moving),
        candidates=[panel for panel in panels if panel.state is PanelState.OPEN],
        any_plan=False,
    )


async def _end_move(
    session: AsyncSession, move: PanelMove, scope: _Scope, has_failed: ColumnElement[bool]
) -> None:
    move.ended_at = clock.now()
    failed = await _count(session, scope, has_failed)
    counts = {"moved": max(move.moved - failed, 0), "failed": failed}
    # Who has begun it as a bulk action gets that one's report.
    by = await session.scalar(select(BulkJob.operator_id).where(BulkJob.panel_move_id == move.id))
    audit.record_audit_entry(session, "operator", "panel_moved", scope.subject, **counts)
    key = f"panel-moved:{move.id}"
    await notify_operators(session, key, scope.ended_template, **scope.values, **counts, by=by)


def _is_on(source: Panel) -> ColumnElement[bool]:
    return PanelRef(source.name, source.id).holds()


def _is_moving_from(source: Panel) -> ColumnElement[bool]:
    arriving = and_(Subscription.next_panel_id.is_not(None), _is_on(source))
    return or_(arriving, Subscription.retired_panel_id == source.id)


def _is_running() -> ColumnElement[bool]:
    return Subscription.activation_status.in_(RUNNING_STATUSES)


def _is_movable() -> ColumnElement[bool]:
    """What is not under way already, be it with a new link."""
    return and_(
        Subscription.awaits_panel.is_(False),
        Subscription.next_panel_id.is_(None),
        Subscription.retired_access_id.is_(None),
    )


def _gets_new_link() -> ColumnElement[bool]:
    """Unless that waits for an operator."""
    return and_(
        Subscription.activation_status == ActivationStatus.PENDING,
        Subscription.retired_access_id.is_not(None),
    )


def _require_movable(subscription: Subscription) -> None:
    """Raises ChangeRefusedError."""
    if subscription.activation_status not in RUNNING_STATUSES:
        raise ChangeRefusedError(
            "it has ended: what is bought for it anew is put anew", "refused-move-ended"
        )
    if subscription.awaits_panel:
        raise ChangeRefusedError("it waits for a panel with room", "refused-move-waits")
    if subscription.next_panel_id is not None or subscription.retired_access_id is not None:
        raise ChangeRefusedError(
            "it is being moved, or gets a new link: try again in a minute", "refused-move-under-way"
        )


def _list_candidates(panels: Sequence[Panel], source: Panel, target: Panel | None) -> list[Panel]:
    """The named one also where it is closed for new ones."""
    if target is not None:
        return [panel for panel in panels if panel.id == target.id]
    open_ones = [panel for panel in panels if panel.state is PanelState.OPEN]
    return [panel for panel in open_ones if panel.id != source.id]
