"""What a bulk action does to one subscription: all of it, and the item's end, in one transaction.

So an item is done exactly once, whenever the process is killed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.backoff import backoff_delay
from app.core.errors import ExpectedError
from app.core.side_by_side import run_side_by_side
from app.db.models import BulkJob, Incident, Subscription
from app.db.outage import is_outage
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database
from app.domain.anonymous_users import is_anonymous
from app.domain.bulk import BulkAction, BulkItemState, BulkKind
from app.domain.ports import PortError, UnavailableError, VpnPanel
from app.services import shop_settings
from app.services.access import panel_work
from app.services.access.new_links import (
    KeyNotReadyError,
    MeasuredUsage,
    measure_usage,
    replace_access,
)
from app.services.access.subscriptions import SubscriptionGoneError, find_subscription_number
from app.services.notifications.notify import Notification, notify
from app.services.operations.bulk.items import ClaimedItem, end_item, postpone_item
from app.services.purchases.free_days import grant_free_days
from app.services.users import lock_user

log = structlog.get_logger()

_FIRST_DELAY, _MAX_DELAY = timedelta(seconds=10), timedelta(minutes=10)
_MAX_ATTEMPTS: Final = 30
"""Some four hours of a panel that does not answer."""

_Measured = MeasuredUsage | PortError | None


class _LostError(Exception):
    """Another instance has the item now."""


@dataclass(frozen=True, slots=True)
class BulkWork:
    """What all items of a job share; `incident` is the outage that it makes up for."""

    job_id: int
    actor: str
    action: BulkAction
    incident: Incident | None = None


async def load_work(session: AsyncSession, job: BulkJob) -> BulkWork:
    """Step."""
    action = job.action
    incident = await session.get(Incident, action.incident_id) if action.incident_id else None
    return BulkWork(job.id, job.actor, action, incident)


async def carry_out_items(
    db: Database, panel: VpnPanel, work: BulkWork, items: list[ClaimedItem]
) -> int:
    """How many ended. The panel is asked side by side, the rows are changed one by one."""
    measured = await _measure(db, panel, work, items)
    ended = 0
    for item in items:
        ended += await _carry_out(db, work, item, measured.get(item.id))
    return ended


async def _measure(
    db: Database, panel: VpnPanel, work: BulkWork, items: list[ClaimedItem]
) -> dict[int, _Measured]:
    """By item, what its subscription has used on the access that goes."""
    if work.action.kind is not BulkKind.NEW_LINKS:
        return {}
    ids = [item.subscription_id for item in items]
    async with db.read_only() as session:
        rows = await session.scalars(select(Subscription).where(Subscription.id.in_(ids)))
        accesses = {row.id: panel_work.build_access_ref(row) for row in rows}

    async def measure(item: ClaimedItem) -> tuple[int, _Measured]:
        access = accesses.get(item.subscription_id)
        if access is None:
            return item.id, None
        try:
            return item.id, await measure_usage(panel, access)
        except PortError as error:
            return item.id, error

    return dict(await run_side_by_side(measure(item) for item in items))


async def _carry_out(db: Database, work: BulkWork, item: ClaimedItem, measured: _Measured) -> bool:
    """Whether it ended."""
    try:
        return await _change(db, work, item, measured)
    except _LostError:
        return False
    except (PortError, KeyNotReadyError) as error:
        is_final = item.attempt >= _MAX_ATTEMPTS or not _comes_back(error)
        return await _end_or_postpone(db, item, BulkItemState.FAILED if is_final else None, error)
    except ExpectedError as error:
        return await _end_or_postpone(db, item, BulkItemState.SKIPPED, error)
    except Exception as error:
        if is_outage(error):
            raise
        # One poison item must not block the others (P6).
        log.exception("bulk_item_failed", job=work.job_id, subscription=item.subscription_id)
        return await _end_or_postpone(db, item, BulkItemState.FAILED, error)


def _comes_back(error: Exception) -> bool:
    """A key that is being made is ready soon."""
    return isinstance(error, UnavailableError | KeyNotReadyError)


@retry_if_stale
async def _change(db: Database, work: BulkWork, item: ClaimedItem, measured: _Measured) -> bool:
    """Raises what the item's panel said."""
    if isinstance(measured, PortError):
        raise measured
    async with db.unit_of_work() as session:
        if is_anonymous(item.user_id) or await lock_user(session, item.user_id) is None:
            raise SubscriptionGoneError
        ends_now = None
        if work.action.kind is BulkKind.EXTEND:
            ends_now = await _extend(session, work, item)
        elif measured is not None:
            await replace_access(
                session, item.user_id, item.subscription_id, measured, actor=work.actor
            )
        else:
            raise SubscriptionGoneError
        if not await end_item(session, item, BulkItemState.DONE, ends_now=ends_now):
            raise _LostError
    return True


async def _extend(session: AsyncSession, work: BulkWork, item: ClaimedItem) -> datetime:
    """A purchase at the price of zero, as every day that is given (decision 15)."""
    days, id_ = work.action.days, item.subscription_id
    has_key = await session.scalar(select(Subscription.link).where(Subscription.id == id_))
    shop = await shop_settings.load_shop_settings(session)
    gift = await grant_free_days(session, item.user_id, days, shop, id_)
    if has_key is not None:
        # The key goes on working: what follows is the one message of it.
        gift.delivered_at = gift.paid_at
    until = gift.covers_until
    if until is None:
        raise ValueError("days that were given have an end")
    number = await find_subscription_number(session, id_, item.user_id)
    about: dict[str, str | int | None] = {
        "days": days,
        "until": until.isoformat(),
        "subscription": id_,
        "number": number,
    }
    key, template = f"bulk:{work.job_id}:{id_}", "days-changed"
    if work.incident is not None and work.incident.closed_at is not None:
        template = "days-for-outage"
        length = work.incident.closed_at - work.incident.opened_at
        about["since"] = work.incident.opened_at.isoformat()
        about["outage_seconds"] = int(length.total_seconds())
    else:
        about["reason"] = work.action.reason
    await notify(session, Notification(key, item.user_id, template, about))
    return until


@retry_if_stale
async def _end_or_postpone(
    db: Database, item: ClaimedItem, state: BulkItemState | None, error: Exception
) -> bool:
    # What an unexpected error says may be secret (P12).
    said = str(error) if isinstance(error, PortError) else ""
    reason = said or type(error).__name__
    async with db.unit_of_work() as session:
        if state is not None:
            return await end_item(session, item, state, error=reason)
        wait = backoff_delay(item.attempt, _FIRST_DELAY, _MAX_DELAY)
        await postpone_item(session, item, wait, reason)
    return False
