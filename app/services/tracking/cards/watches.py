"""What users watch: added, listed, changed and stopped in the chat."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, case, delete, func, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.worker_names import WorkerName
from app.db.models import OutboxMessage, OutboxStatus, Watch
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.chain_ports import NodeTx
from app.domain.names import clean_label
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import Milestone, WatchMode
from app.services import shop_settings
from app.services.tracking.cards.cards import Card, load_cards
from app.services.tracking.cards.chain_state import (
    ChainSpecs,
    get_chain_specs,
    load_chain_states,
)
from app.services.tracking.cards.endings import end_stopped_watch
from app.services.tracking.cards.transaction_rows import open_transactions
from app.services.tracking.chains import Chains
from app.services.tracking.following.arrivals import INCOMING_KIND
from app.services.tracking.following.milestone_notifications import milestone_key
from app.services.tracking.following.progress import end_unwatched
from app.services.users import lock_user

# For the handler that adds a watch to show its card; then the card's worker does.
_CARD_PATIENCE: Final = timedelta(seconds=20)
WATCHES_PER_PAGE: Final = 5
_FIRST_REDRAW: Final = timedelta(seconds=15)
# Their keys hold no block: a user who watches it again is notified again.
_BLOCKLESS: Final = (Milestone.SEEN, Milestone.LOST, Milestone.DROPPED, Milestone.REPLACED)


class TooManyWatchesError(ExpectedError):
    text_key = "error-too-many-watches"


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """`chain` None: on whichever chain it appears."""

    user_id: int
    chat_id: int
    tx_hash: str
    chain: str | None
    label: str | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    thread_id: int | None = None  # the topic of a forum


@dataclass(frozen=True, slots=True)
class AddedWatch:
    """`is_new` is False where the chat watches it already; with a label, it has that now."""

    watch_id: int
    is_new: bool


async def add_watch(
    db: Database, chains: Chains, request: WatchRequest, node_tx: NodeTx | None, shop: ShopSettings
) -> AddedWatch:
    """`node_tx` is of the request's chain. Raises TooManyWatchesError.

    The caller shows its card and records that; there is no notification of what is true already.
    """
    specs = get_chain_specs(chains)
    async with db.unit_of_work() as session:
        return await insert_watch(session, specs, request, node_tx, shop)


async def insert_watch(
    session: AsyncSession,
    specs: ChainSpecs,
    request: WatchRequest,
    node_tx: NodeTx | None,
    shop: ShopSettings,
) -> AddedWatch:
    """`add_watch` as a step."""
    await lock_user(session, request.user_id)
    request = replace(request, chain=await _choose_chain(session, specs, request))
    asked = [specs[request.chain]] if request.chain else specs.values()
    chain_states = await load_chain_states(session, asked, shop)
    views = {key: chain_state.view for key, chain_state in chain_states.items()}
    rows = await open_transactions(session, views, request.tx_hash, node_tx)
    for key, row in rows.items():
        if row.ended_at is None:
            wake_after_commit(session, WorkerName.TX_MONITOR, key)
    is_over = request.chain is not None and rows[request.chain].ended_at is not None
    # Before the rows were locked, another user in the chat may have been faster.
    watch = await _lock_watch(session, request)
    if watch is not None and watch.ended_at is None:
        await _join(session, watch, request)
        return AddedWatch(watch.id, is_new=False)
    if not is_over:
        await _check_limit(session, request, shop)
    if watch is None:
        watch = Watch()
        session.add(watch)
    else:
        await _delete_sent_notifications(session, watch.id)
    is_seen = (
        is_over or node_tx is not None or bool(request.chain and rows[request.chain].block_hash)
    )
    _begin(watch, request, awaited=None if is_seen else timedelta(hours=shop.awaited_hours))
    watch.ended_at = watch.created_at if is_over else None
    await session.flush()
    return AddedWatch(watch.id, is_new=True)


async def _choose_chain(
    session: AsyncSession, specs: ChainSpecs, request: WatchRequest
) -> str | None:
    """Where the chat has seen it on a chain before, it is not awaited on others."""
    if request.chain is not None or not specs:
        return request.chain if request.chain in specs else None
    known: str | None = await session.scalar(
        select(Watch.chain)
        .where(
            Watch.chat_id == request.chat_id,
            Watch.tx_hash == request.tx_hash,
            Watch.chain.in_(specs),
        )
        .order_by(Watch.ended_at.is_not(None), Watch.id.desc())
        .limit(1)
    )
    return known


async def _lock_watch(session: AsyncSession, request: WatchRequest) -> Watch | None:
    """The chat's own of this chain, or the one that awaits it on any."""
    watch: Watch | None = await session.scalar(
        select(Watch)
        .where(
            Watch.chat_id == request.chat_id,
            Watch.tx_hash == request.tx_hash,
            or_(Watch.chain == request.chain, Watch.chain.is_(None)),
        )
        .order_by(Watch.chain.is_(None))
        .limit(1)
        .with_for_update()
    )
    return watch


async def _join(session: AsyncSession, watch: Watch, request: WatchRequest) -> None:
    watch.label = clean_label(request.label) or watch.label
    watch.card_lost = False
    watch.card_due_at = _hold_card(watch)
    if watch.chain is None and request.chain is not None:
        watch.chain, watch.awaited_until = request.chain, None
        await session.flush()
        await end_unwatched(session, [request.tx_hash])


def _begin(watch: Watch, request: WatchRequest, awaited: timedelta | None) -> None:
    now = clock.now()
    watch.user_id, watch.chat_id, watch.thread_id = (
        request.user_id,
        request.chat_id,
        request.thread_id,
    )
    watch.chain, watch.tx_hash = request.chain, request.tx_hash
    watch.label = clean_label(request.label) or watch.label
    watch.mode, watch.muted = WatchMode.EVERY, False
    watch.about = dict(request.about) or watch.about or {}
    watch.created_at = now
    watch.awaited_until = now + awaited if awaited else None
    watch.stopped_at = None
    watch.card_message_id = None
    watch.card_lost = False
    watch.card_due_at = _hold_card(watch)


def _hold_card(watch: Watch) -> datetime:
    """The worker does not draw it while the handler is about to."""
    watch.card_lease_until = clock.now() + _CARD_PATIENCE
    watch.card_lease_term = None
    return watch.card_lease_until


async def _check_limit(session: AsyncSession, request: WatchRequest, shop: ShopSettings) -> None:
    """What came in by itself does not count."""
    count = await session.scalar(
        select(func.count()).where(
            Watch.user_id == request.user_id,
            Watch.ended_at.is_(None),
            Watch.about["kind"].astext.is_distinct_from(INCOMING_KIND),
        )
    )
    if (count or 0) >= shop.watch_limit:
        raise TooManyWatchesError


async def _delete_sent_notifications(session: AsyncSession, watch_id: int) -> None:
    keys = [milestone_key(watch_id, milestone, "") for milestone in _BLOCKLESS]
    await session.execute(
        delete(OutboxMessage)
        .where(OutboxMessage.key.in_(keys), OutboxMessage.status != OutboxStatus.WAITING)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class WatchPage:
    """`number` counts from 0; `open_count` is of all pages."""

    cards: list[Card]
    number: int
    pages: int
    open_count: int


async def get_watch_page(
    db: Database, chains: Chains, user_id: int, number: int, chat_id: int | None = None
) -> WatchPage:
    """Open ones first, the newest first; the last page where there is no such number.

    `chat_id`: of this chat only, because a group must not see what a user watches elsewhere.
    """
    specs = get_chain_specs(chains)
    async with db.read_only() as session:
        theirs = and_(Watch.user_id == user_id, Watch.stopped_at.is_(None))
        if chat_id is not None:
            theirs = and_(theirs, Watch.chat_id == chat_id)
        counts = select(func.count(), func.count().filter(Watch.ended_at.is_(None))).where(theirs)
        total, open_count = (await session.execute(counts)).one()
        pages = max(-(-total // WATCHES_PER_PAGE), 1)
        number = min(max(number, 0), pages - 1)
        rows = await session.scalars(
            select(Watch)
            .where(theirs)
            .order_by(Watch.ended_at.is_not(None), Watch.created_at.desc(), Watch.id.desc())
            .limit(WATCHES_PER_PAGE)
            .offset(number * WATCHES_PER_PAGE)
        )
        settings = await shop_settings.load_shop_settings(session)
        cards = await load_cards(session, specs, rows.all(), settings)
    return WatchPage(cards, number, pages, open_count)


async def record_card(
    db: Database, watch_id: int, message_id: int, thread_id: int | None = None
) -> int | None:
    """The message that shows it from now on; what changed meanwhile is drawn at once.

    Notifications go where the card is. Gives the message that showed it until now and is another.
    """
    async with db.unit_of_work() as session:
        watch = await session.get(Watch, watch_id, with_for_update=True)
        if watch is None:
            return None
        before, watch.card_message_id = watch.card_message_id, message_id
        watch.thread_id = thread_id
        watch.card_lost = False
        watch.card_lease_until = None
        watch.card_lease_term = None
        first = clock.now() + _FIRST_REDRAW
        watch.card_due_at = min(watch.card_due_at or first, first)
        wake_after_commit(session, WorkerName.WATCH_CARDS)
    return None if before == message_id else before


async def stop_watch(db: Database, user_id: int, watch_id: int) -> bool:
    """False where it is not theirs, or gone."""
    async with db.unit_of_work() as session:
        watch = await session.get(Watch, watch_id)
        if watch is None or watch.user_id != user_id:
            return False
        await end_stopped_watch(session, watch)
    return True


async def set_watch_mode(db: Database, user_id: int, watch_id: int, mode: WatchMode) -> bool:
    return await _change(db, user_id, watch_id, mode=mode)


async def set_watch_muted(db: Database, user_id: int, watch_id: int, muted: bool) -> bool:  # noqa: FBT001 - a value
    return await _change(db, user_id, watch_id, muted=muted)


async def set_watch_label(db: Database, user_id: int, watch_id: int, label: str | None) -> bool:
    return await _change(db, user_id, watch_id, label=clean_label(label))


async def _change(db: Database, user_id: int, watch_id: int, **values: object) -> bool:
    async with db.unit_of_work() as session:
        found = await session.scalar(
            update(Watch)
            .where(Watch.id == watch_id, Watch.user_id == user_id)
            .values(card_due_at=_draw_at(clock.now()), **values)
            .returning(Watch.id)
        )
        wake_after_commit(session, WorkerName.WATCH_CARDS)
    return found is not None


def _draw_at(now: datetime) -> ColumnElement[datetime | None]:
    return case((Watch.card_lost, null()), else_=now)
