"""A bulk action that moves all of a panel: the panel's move works, its items say how far it is."""

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import BulkItem, BulkJob, PanelMove, Subscription
from app.domain.bulk import BulkItemState
from app.domain.subscriptions import ENDED_STATUSES


async def update_moved_items(session: AsyncSession, job: BulkJob) -> bool:
    """All that have arrived, were given up or have ended since; whether the move is over. Step."""
    if job.panel_move_id is None:
        raise ValueError("it moves nothing")
    move = await session.get_one(PanelMove, job.panel_move_id)
    state = _select_state(move)
    ended = (
        update(BulkItem)
        .where(
            BulkItem.job_id == job.id,
            BulkItem.state == BulkItemState.WAITING,
            Subscription.id == BulkItem.subscription_id,
            state.is_not(None),
        )
        .values(state=state, ended_at=clock.now())
        .returning(BulkItem.state)
        .cte("ended")
    )
    rows = await session.execute(select(ended.c.state, func.count()).group_by(ended.c.state))
    counts = {BulkItemState(name): count for name, count in rows.all()}
    values = {name.value: getattr(BulkJob, name.value) + count for name, count in counts.items()}
    if values:
        await session.execute(
            update(BulkJob)
            .where(BulkJob.id == job.id)
            .values(values)
            .execution_options(synchronize_session=False)
        )
    return move.ended_at is not None


def _select_state(move: PanelMove) -> ColumnElement[str | None]:
    """Null: it is still on its way, or its turn has not come."""
    is_under_way = or_(
        Subscription.next_panel_id.is_not(None), Subscription.retired_panel_id.is_not(None)
    )
    is_there = or_(Subscription.panel_id.is_(None), Subscription.panel_id == move.from_panel_id)
    return case(
        (Subscription.activation_status.in_(ENDED_STATUSES), BulkItemState.SKIPPED.value),
        (is_under_way, None),
        (and_(is_there, Subscription.move_failed_in == move.id), BulkItemState.FAILED.value),
        (is_there, None if move.ended_at is None else BulkItemState.SKIPPED.value),
        else_=BulkItemState.DONE.value,
    )
