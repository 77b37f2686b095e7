"""Sales, trials and sign-ups to a group: which go where, and the round that notifies it.

What happened is found by its time and not written down beside each sale, which costs a sale
nothing; what is found together is one message, so that a busy shop does not use up a group's
20 messages a minute.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.round_counts import Counts
from app.db.models import Feed, GroupChat, Purchase, User
from app.db.unit_of_work import Database
from app.domain.anonymous_users import FIRST_ANONYMOUS_ID
from app.domain.feeds import FeedKind
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.services.audit import record_audit_entry
from app.services.notifications.feeds import FEED_TEMPLATE
from app.services.notifications.notify import Notification, notify
from app.services.purchases.sale_queries import SALE_COST, is_sale

# A sale is found by its time, which it has before its transaction commits: no unit of work that
# began before is still open by then.
SETTLING: Final = timedelta(seconds=20)
_SHOWN_SALES: Final = 10

_Values = dict[str, str | int | None]


@dataclass(frozen=True, slots=True)
class FeedPlace:
    kind: FeedKind
    chat_id: int
    thread_id: int | None
    title: str


async def list_feeds(db: Database) -> Sequence[FeedPlace]:
    async with db.read_only() as session:
        rows = await session.execute(
            select(Feed.kind, Feed.chat_id, Feed.thread_id, func.coalesce(GroupChat.title, ""))
            .outerjoin(GroupChat, GroupChat.id == Feed.chat_id)
            .order_by(Feed.kind)
        )
        return [FeedPlace(*row) for row in rows]


async def send_feed_to(
    db: Database, operator: int, kind: FeedKind, chat_id: int, thread_id: int | None
) -> None:
    """From now on, and nowhere else any more. Twice is once."""
    async with db.unit_of_work() as session:
        feed = await session.get(Feed, kind, with_for_update=True)
        if feed is None:
            feed = Feed(kind=kind, reported_until=clock.now())
            session.add(feed)
        elif (feed.chat_id, feed.thread_id) == (chat_id, thread_id):
            return
        feed.chat_id, feed.thread_id = chat_id, thread_id
        actor, subject = f"user:{operator}", f"chat:{chat_id}"
        record_audit_entry(session, actor, "feed_set", subject, kind=kind, topic=thread_id)


async def switch_feed_off(db: Database, operator: int, kind: FeedKind) -> None:
    """Twice is once."""
    async with db.unit_of_work() as session:
        feed = await session.get(Feed, kind, with_for_update=True)
        if feed is None:
            return
        await session.delete(feed)
        actor, subject = f"user:{operator}", f"chat:{feed.chat_id}"
        record_audit_entry(session, actor, "feed_ended", subject, kind=kind)


async def notify_feeds(db: Database) -> Counts:
    """One message for each place to which something has happened since the last round."""
    async with db.read_only() as session:
        if await session.scalar(select(Feed.kind).limit(1)) is None:
            return {}
    until = clock.now() - SETTLING
    async with db.unit_of_work() as session:
        feeds = await session.scalars(
            select(Feed)
            .where(Feed.reported_until < until)
            .order_by(Feed.chat_id, Feed.thread_id, Feed.kind)
            .with_for_update(skip_locked=True)
        )
        places = groupby(feeds.all(), key=lambda feed: (feed.chat_id, feed.thread_id))
        notified = [
            await _notify_place(session, chat_id, thread_id, list(group), until)
            for (chat_id, thread_id), group in places
        ]
    return {"notified": sum(notified)}


async def _notify_place(
    session: AsyncSession,
    chat_id: int,
    thread_id: int | None,
    feeds: Sequence[Feed],
    until: datetime,
) -> bool:
    """Whether there was anything. Step."""
    values: _Values = {}
    for feed in feeds:
        values |= await _READERS[feed.kind](session, feed.reported_until, until)
        feed.reported_until = until
    if values:
        key = f"feed:{chat_id}:{thread_id or 0}:{until.isoformat()}"
        await notify(
            session, Notification(key, chat_id, FEED_TEMPLATE, values, thread_id=thread_id)
        )
    return bool(values)


async def _read_sales(session: AsyncSession, since: datetime, until: datetime) -> _Values:
    within = (Purchase.paid_at > since, Purchase.paid_at <= until, is_sale())
    totals = (
        await session.execute(
            select(Purchase.currency, func.count(), func.sum(SALE_COST))
            .where(*within)
            .group_by(Purchase.currency)
            .order_by(Purchase.currency)
        )
    ).all()
    if not totals:
        return {}
    newest = await session.scalars(
        select(Purchase).where(*within).order_by(Purchase.paid_at.desc()).limit(_SHOWN_SALES)
    )
    return {
        "sales": json.dumps([_describe_sale(sale) for sale in newest]),
        "sales_count": sum(count for _, count, _ in totals),
        "sales_totals": json.dumps([[int(minor), currency] for currency, _, minor in totals]),
    }


def _describe_sale(sale: Purchase) -> Mapping[str, object]:
    """Nothing of whose it is: others read along in a group."""
    return {
        "titles": sale.titles,
        "months": sale.months,
        "days": sale.days,
        "price": str(sale.cost),
        "kind": "gift" if sale.is_gift else sale.extra_kind or sale.kind,
        "traffic_bytes": sale.traffic_limit_bytes,
        "devices": sale.device_limit,
    }


async def _read_trials(session: AsyncSession, since: datetime, until: datetime) -> _Values:
    count = await session.scalar(
        select(func.count()).where(
            Purchase.paid_at > since,
            Purchase.paid_at <= until,
            Purchase.kind == PurchaseKind.TRIAL,
            Purchase.status == PurchaseStatus.PAID,
        )
    )
    return {"trials": count} if count else {}


async def _read_sign_ups(session: AsyncSession, since: datetime, until: datetime) -> _Values:
    count = await session.scalar(
        select(func.count()).where(
            User.created_at > since, User.created_at <= until, User.id < FIRST_ANONYMOUS_ID
        )
    )
    return {"sign_ups": count} if count else {}


_READERS: Final[
    Mapping[FeedKind, Callable[[AsyncSession, datetime, datetime], Awaitable[_Values]]]
] = {
    FeedKind.SALES: _read_sales,
    FeedKind.TRIALS: _read_trials,
    FeedKind.SIGN_UPS: _read_sign_ups,
}
