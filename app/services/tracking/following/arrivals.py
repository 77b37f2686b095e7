"""Notifies users of transfers that came in: which become cards, each once and only so many."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

import structlog
from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.models import Address, Transaction, Watch
from app.db.unit_of_work import wake_after_commit
from app.domain.addresses import shorten_address, to_shown_address
from app.domain.chain_ports import Transfer
from app.domain.chains import ChainKind, ChainSpec
from app.domain.tokens import Token
from app.domain.tracking import CHECK_AT_ONCE, TxState, WatchMode
from app.services.notifications.notify import Notification, notify
from app.services.notifications.pauses import pick_paused_keys

log = structlog.get_logger()

INCOMING_KIND: Final = "incoming"
_MAX_CARDS_PER_HOUR: Final = 20  # cards for one user: strangers decide how many transfers there are
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What one transaction brought to one user."""

    largest: Transfer
    address: Address  # where the largest went
    sums: Mapping[str, int]  # by token, without dust; the largest first
    weight: Fraction

    @property
    def tx_hash(self) -> str:
        return self.largest.tx_hash

    @property
    def key(self) -> tuple[int, str]:
        return self.address.user_id, self.tx_hash


async def notify_arrivals(
    session: AsyncSession,
    spec: ChainSpec,
    tokens: Mapping[str, Token],
    transfers: Sequence[Transfer],
) -> int:
    # A transfer of nothing only wants to stand in a history, beside an address like yours.
    real = [one for one in transfers if one.amount > 0 and one.token in tokens]
    if not real:
        return 0
    now, chain = clock.now(), spec.key
    arrivals = await _list_arrivals(session, spec.kind, tokens, real)
    if not arrivals:
        return 0
    new = await _without_known(session, chain, arrivals)
    room = await _list_room(session, {one.address.user_id for one in new}, now)
    some = list(_within(new, room))
    ended = await _write_transactions(session, chain, some, now)
    await _write_watches(session, chain, tokens, some, ended, now)
    left_out = [user_id for user_id, left in room.items() if left < 0]
    if left_out:
        await _notify_left_out(session, left_out)
    if some:
        log.info("incoming_notified", chain=chain, cards=len(some), left_out=len(new) - len(some))
    return len(some)


async def _list_arrivals(
    session: AsyncSession,
    kind: ChainKind,
    tokens: Mapping[str, Token],
    transfers: Sequence[Transfer],
) -> list[_Arrival]:
    """The largest first, so that no bound cuts it off for smaller ones that came before it."""
    rows = await session.scalars(
        select(Address)
        .where(
            Address.kind == kind,
            Address.notify_incoming,
            Address.address.in_({one.recipient for one in transfers}),
        )
        .order_by(Address.id)
    )
    owners = defaultdict(list)
    for row in rows:
        owners[row.address].append(row)
    parts: dict[tuple[int, str], list[tuple[Address, Transfer]]] = defaultdict(list)
    for transfer in transfers:
        for address in owners[transfer.recipient]:
            parts[address.user_id, transfer.tx_hash].append((address, transfer))
    found = [one for some in parts.values() if (one := _sum_up(tokens, some))]
    return sorted(found, key=lambda one: one.weight, reverse=True)


def _sum_up(
    tokens: Mapping[str, Token], parts: Sequence[tuple[Address, Transfer]]
) -> _Arrival | None:
    """Two addresses of one user in a transaction are one arrival; None: all of it is dust."""
    sums: Counter[str] = Counter()
    for _, transfer in parts:
        sums[transfer.token] += transfer.amount
    weights = {
        token: tokens[token].weigh(units)
        for token, units in sums.items()
        if not tokens[token].is_dust(units)
    }
    if not weights:
        return None
    order = sorted(weights, key=lambda token: weights[token], reverse=True)
    address, largest = max(
        (part for part in parts if part[1].token == order[0]), key=lambda part: part[1].amount
    )
    return _Arrival(largest, address, {one: sums[one] for one in order}, weights[order[0]])


async def _without_known(
    session: AsyncSession, chain: str, arrivals: Sequence[_Arrival]
) -> list[_Arrival]:
    """A user who watches the transaction knows of it."""
    rows = await session.execute(
        select(Watch.chat_id, Watch.tx_hash).where(
            Watch.tx_hash.in_({one.tx_hash for one in arrivals}),
            # A user who awaits it on any chain is notified by that watch.
            or_(Watch.chain == chain, and_(Watch.chain.is_(None), Watch.ended_at.is_(None))),
        )
    )
    known = {(chat_id, tx_hash) for chat_id, tx_hash in rows}
    return [one for one in arrivals if one.key not in known]


async def _list_room(session: AsyncSession, user_ids: set[int], now: datetime) -> dict[int, int]:
    """How many more cards each user gets now."""
    rows = await session.execute(
        select(Watch.user_id, func.count())
        .where(
            Watch.user_id.in_(user_ids),
            Watch.created_at > now - _HOUR,
            Watch.about["kind"].astext == INCOMING_KIND,
        )
        .group_by(Watch.user_id)
    )
    sent_counts = Counter(dict(rows.all()))
    return {user_id: _MAX_CARDS_PER_HOUR - sent_counts[user_id] for user_id in user_ids}


def _within(arrivals: Iterable[_Arrival], room: dict[int, int]) -> Iterator[_Arrival]:
    """Counts `room` down, below zero for a user who gets less than came in."""
    for arrival in arrivals:
        user_id = arrival.address.user_id
        if room[user_id] > 0:
            room[user_id] -= 1
            yield arrival
        else:
            room[user_id] = -1


async def _write_transactions(
    session: AsyncSession, chain: str, arrivals: Sequence[_Arrival], now: datetime
) -> dict[str, datetime]:
    """Those that came to their end before, with when."""
    if not arrivals:
        return {}
    by_hash = {one.tx_hash: one.largest for one in arrivals}
    rows = [_to_row(chain, transfer, now) for _, transfer in sorted(by_hash.items())]
    over = Transaction.state == TxState.FINAL
    written = insert(Transaction).values(rows)
    # One that nobody watched any more goes on, and its chain is asked what became of it meanwhile.
    written = written.on_conflict_do_update(
        index_elements=[Transaction.chain, Transaction.tx_hash],
        set_={
            "ended_at": case((over, Transaction.ended_at), else_=None),
            "check_at": case(
                (Transaction.ended_at.is_not(None) & ~over, CHECK_AT_ONCE),
                else_=Transaction.check_at,
            ),
        },
    )
    result = await session.execute(written.returning(Transaction.tx_hash, Transaction.ended_at))
    return {tx_hash: ended_at for tx_hash, ended_at in result if ended_at is not None}


def _to_row(chain: str, transfer: Transfer, now: datetime) -> dict[str, object]:
    return {
        "chain": chain,
        "tx_hash": transfer.tx_hash,
        "state": TxState.MINED,
        "block_number": transfer.block_number,
        "block_hash": transfer.block_hash,
        "succeeded": True,  # a failed one leaves no log
        "first_seen_at": now,
        "changed_at": now,
    }


async def _write_watches(
    session: AsyncSession,
    chain: str,
    tokens: Mapping[str, Token],
    arrivals: Sequence[_Arrival],
    ended: Mapping[str, datetime],
    now: datetime,
) -> None:
    if not arrivals:
        return
    rows = [
        {
            "user_id": one.address.user_id,
            "chat_id": one.address.user_id,  # a private chat has its user's id
            "chain": chain,
            "tx_hash": one.tx_hash,
            "label": one.address.label,
            "mode": WatchMode.FINAL,
            "muted": False,
            "about": _describe(one, tokens),
            "created_at": now,
            "card_due_at": now,
            "card_lost": False,
            "ended_at": ended.get(one.tx_hash),
        }
        for one in arrivals
    ]
    await session.execute(insert(Watch).values(rows).on_conflict_do_nothing())
    wake_after_commit(session, WorkerName.WATCH_CARDS)


def _describe(arrival: _Arrival, tokens: Mapping[str, Token]) -> dict[str, str]:
    """The card's values; several transfers of one transaction are summed up, token by token."""
    amounts = [
        (tokens[token].amount(units), tokens[token].symbol) for token, units in arrival.sums.items()
    ]
    (amount, symbol), *others = amounts
    address = arrival.address
    return {
        "kind": INCOMING_KIND,
        "amount": amount,
        "token": ", ".join([symbol, *(f"{more} {token}" for more, token in others)]),
        "sender": to_shown_address(address.kind, arrival.largest.sender),
        "address": address.label
        or shorten_address(to_shown_address(address.kind, address.address)),
    }


async def _notify_left_out(session: AsyncSession, user_ids: Iterable[int]) -> None:
    """Say, once an hour, that more came in than they get cards for."""
    users_of = {f"incoming-more:{user_id}": user_id for user_id in sorted(user_ids)}
    keys = await pick_paused_keys(session, users_of, _HOUR)
    values = {"count": _MAX_CARDS_PER_HOUR}
    await notify(
        session,
        *(Notification(key, users_of[it], "incoming-more", values) for it, key in keys.items()),
    )
