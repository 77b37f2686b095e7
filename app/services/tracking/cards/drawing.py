"""Keeps cards as things stand: each is a view of its watch, edited when it would look different.

A chat's cards are drawn one after the other, the one that waits longest first. Whatever changes
while a card is on its way makes it due again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Exists, and_, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.round_counts import MORE_DUE, count_down_to
from app.core.side_by_side import run_side_by_side
from app.db.claims import is_lease_free, lock_due, select_current_term
from app.db.models import Watch
from app.db.unit_of_work import Database
from app.domain.messages import Lane
from app.domain.ports import (
    ChatMigratedError,
    ChatRestrictedError,
    MessageRenderer,
    MessageSender,
    PortError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import INCLUDED_STATES
from app.services.chat_states import record_send_result
from app.services.group_chats import migrate_group
from app.services.notifications.claiming import FALLBACK_LANGUAGE
from app.services.tracking.cards.cards import (
    CARD_TEMPLATE,
    Card,
    card_to_values,
    load_cards,
)
from app.services.tracking.cards.chain_state import ChainSpecs, get_chain_specs
from app.services.tracking.cards.endings import leave_group
from app.services.tracking.chains import Chains
from app.services.users import get_chat_languages

log = structlog.get_logger()

CARD_BATCH: Final = 50
# Longer than the limiter's patience and the sender's time-outs together.
_LEASE: Final = timedelta(seconds=90)
_CELLS: Final = 10  # of the bar
_SHORTEST, _LONGEST = timedelta(seconds=15), timedelta(seconds=60)  # while it is in a block
_WAITING_SHORTEST, _WAITING_LONGEST = timedelta(minutes=1), timedelta(minutes=10)
_UNAVAILABLE: Final = timedelta(seconds=30)
_BROKEN: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Job:
    """A claimed card. `leased_until` says whose claim it is, `due_at` why it was due."""

    card: Card
    chat_id: int
    thread_id: int | None
    message_id: int | None
    language: str
    due_at: datetime
    leased_until: datetime
    pace: timedelta  # from mined to final, as a rule


@dataclass(frozen=True, slots=True)
class _Drawn:
    """`message_id` None: it has no message any more, and gets none where it was drawn.

    `state` is that of the chat, where this is why it was not.
    """

    message_id: int | None
    next_at: datetime | None
    is_drawn: bool = True
    state: PortError | None = None


async def draw_due_cards(
    db: Database,
    chains: Chains,
    sender: MessageSender,
    renderer: MessageRenderer,
    shop: ShopSettings,
) -> dict[str, int]:
    """One batch, side by side; the limiter paces it."""
    specs, looked_at = get_chain_specs(chains), clock.now()
    async with db.unit_of_work() as session:
        jobs = await _claim(session, specs, shop)
    results = await run_side_by_side(_draw(db, sender, renderer, job) for job in jobs)
    counts = {"claimed": len(jobs), "drawn": results.count(True)}
    if counts["drawn"]:  # a chat's next card waits behind the one that was just drawn
        return {**counts, MORE_DUE: 1}
    async with db.read_only() as session:
        return {**counts, MORE_DUE: 0, **await _get_next(session, looked_at)}


async def _get_next(session: AsyncSession, looked_at: datetime) -> dict[str, int]:
    """When the next card is due that was not yet when the round began."""
    due_at = await session.scalar(
        select(func.min(Watch.card_due_at)).where(
            Watch.card_due_at > looked_at, Watch.card_lost.is_(False)
        )
    )
    return count_down_to(due_at)


async def _claim(session: AsyncSession, specs: ChainSpecs, shop: ShopSettings) -> list[_Job]:
    now = clock.now()
    waiting = (
        select(Watch.id, Watch.card_message_id.is_(None).label("is_first"))
        .where(
            Watch.card_due_at <= now,
            Watch.card_lost.is_(False),
            is_lease_free(Watch.card_lease_until, Watch.card_lease_term),
            ~_another_waits_longer(now),
        )
        .order_by(Watch.card_due_at)
    )
    due = lock_due(waiting, CARD_BATCH)
    rows = await session.scalars(
        update(Watch)
        .where(Watch.id == due.c.id)
        # A card that is sent for the first time counts as lost until Telegram has said that it
        # took it: after a crash in between, better none than two (P4).
        .values(
            card_lease_until=now + _LEASE,
            card_lease_term=select_current_term(),
            card_lost=due.c.is_first,
        )
        .returning(Watch)
    )
    watches = sorted(rows, key=lambda watch: (watch.card_due_at or now, watch.id))
    if not watches:
        return []
    cards = await load_cards(session, specs, watches, shop)
    languages = await get_chat_languages(session, {watch.chat_id for watch in watches})
    return [
        _Job(
            card=card,
            chat_id=watch.chat_id,
            thread_id=watch.thread_id,
            message_id=watch.card_message_id,
            language=languages.get(watch.chat_id, FALLBACK_LANGUAGE),
            due_at=watch.card_due_at or now,
            leased_until=now + _LEASE,
            pace=_pace(specs, card),
        )
        for watch, card in zip(watches, cards, strict=True)
    ]


def _another_waits_longer(now: datetime) -> Exists:
    """In the same chat."""
    earlier = aliased(Watch)
    return exists().where(
        earlier.chat_id == Watch.chat_id,
        earlier.card_due_at <= now,
        earlier.card_lost.is_(False),
        or_(
            earlier.card_due_at < Watch.card_due_at,
            and_(earlier.card_due_at == Watch.card_due_at, earlier.id < Watch.id),
        ),
    )


def _pace(specs: ChainSpecs, card: Card) -> timedelta:
    spec = specs.get(card.chain or "")
    if spec is None:
        return _WAITING_LONGEST
    if card.wanted is None:
        return spec.final_after
    return min(spec.final_after, card.wanted * spec.block_time)


async def _draw(db: Database, sender: MessageSender, renderer: MessageRenderer, job: _Job) -> bool:
    result = await _try_to_deliver(sender, renderer, job)
    if isinstance(result.state, ChatMigratedError):
        await migrate_group(db, job.chat_id, result.state.new_chat_id)
        result = _Drawn(None, clock.now(), is_drawn=False)
    async with db.unit_of_work() as session:
        if isinstance(result.state, UnreachableError) and job.chat_id < 0:
            # Nothing more is watched for it. First: rows of transactions before their watches.
            await leave_group(session, job.chat_id)
        elif result.is_drawn or result.state:
            is_edit = job.message_id is not None
            retry_at = await record_send_result(session, job.chat_id, result.state, is_edit=is_edit)
            result = _put_off(job, retry_at) if retry_at else result
        await _record_result(session, job, result)
    return result.is_drawn


async def _try_to_deliver(sender: MessageSender, renderer: MessageRenderer, job: _Job) -> _Drawn:
    now = clock.now()
    try:
        message_id = await _deliver(sender, renderer, job)
    except (RetryLaterError, UnavailableError) as error:
        wait = error.retry_after if isinstance(error, RetryLaterError) else _UNAVAILABLE
        return _put_off(job, now + wait)
    except (UnreachableError, ChatRestrictedError, ChatMigratedError) as error:
        log.info("card_waits", watch=job.card.watch_id, chat_id=job.chat_id, reason=str(error))
        return _Drawn(job.message_id, None, is_drawn=False, state=error)
    except Exception:
        # One poison card must not block the others (P6).
        log.exception("card_failed", watch=job.card.watch_id)
        return _put_off(job, None if job.card.is_over else now + _BROKEN)
    if message_id is None:
        log.info("card_lost", watch=job.card.watch_id)
        return _Drawn(None, None)
    return _Drawn(message_id, next_card_draw_at(job.card, job.pace))


async def _deliver(sender: MessageSender, renderer: MessageRenderer, job: _Job) -> int | None:
    """The message that shows it; None where there is none, or perhaps one whose id is not known."""
    screen = renderer.render(CARD_TEMPLATE, card_to_values(job.card), job.language)
    chat_id, thread_id = job.chat_id, job.thread_id
    try:
        if job.message_id is None:
            return await sender.send(chat_id, screen, lane=Lane.BULK, thread_id=thread_id)
        return await sender.update(
            chat_id, job.message_id, screen, lane=Lane.BULK, thread_id=thread_id
        )
    except UndecidedError:
        return None


def _put_off(job: _Job, until: datetime | None) -> _Drawn:
    return _Drawn(job.message_id, until, is_drawn=False)


def next_card_draw_at(card: Card, pace: timedelta) -> datetime | None:
    """`pace` is the time that its bar takes as a rule; None: it stays as it is."""
    if card.is_over:
        return None
    if card.state in INCLUDED_STATES:
        return card.now + min(max(pace // _CELLS, _SHORTEST), _LONGEST)
    age = card.now - card.watched_since
    return card.now + min(max(age // _CELLS, _WAITING_SHORTEST), _WAITING_LONGEST)


async def _record_result(session: AsyncSession, job: _Job, result: _Drawn) -> None:
    """Nothing where the lease was lost, or another message shows the card since."""
    is_lost = result.is_drawn and result.message_id is None
    next_at = case(
        (Watch.card_due_at == job.due_at, result.next_at),
        else_=func.coalesce(Watch.card_due_at, clock.now()),
    )
    await session.execute(
        update(Watch)
        .where(Watch.id == job.card.watch_id, Watch.card_lease_until == job.leased_until)
        .values(
            card_message_id=result.message_id,
            card_lost=is_lost,
            card_lease_until=None,
            card_lease_term=None,
            card_due_at=None if is_lost or isinstance(result.state, UnreachableError) else next_at,
        )
        .execution_options(synchronize_session=False)
    )
