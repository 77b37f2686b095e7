"""What a panel says by itself, before the workers ask."""

from sqlalchemy import and_, exists, select

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.models import Subscription
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.subscriptions import ActivationStatus, parse_panel_name


async def end_expired_account(db: Database, name: str) -> None:
    """At once where our rows say the same: an end that only the panel knows is none of ours."""
    ids = parse_panel_name(name)
    is_theirs = Subscription.panel_name == name  # of an imported account
    if ids is not None:
        is_theirs = and_(Subscription.user_id == ids[0], Subscription.id == ids[1])
    async with db.unit_of_work() as session:
        is_over = await session.scalar(
            select(
                exists().where(
                    is_theirs,
                    Subscription.activation_status == ActivationStatus.ACTIVE,
                    Subscription.ends_at <= clock.now(),
                )
            )
        )
        if is_over:
            wake_after_commit(session, WorkerName.FAST_EXPIRY_CLEANUP)
