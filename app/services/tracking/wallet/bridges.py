"""Transfers over the Cellframe bridge: two watched transactions, shown and followed as one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.worker_names import WorkerName
from app.db.models import Address, Bridge, LegMatch, Watch
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.chain_ports import NodeTx
from app.domain.chains import ChainKind, ChainSpec
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState
from app.services.tracking.cards import cards, watches
from app.services.tracking.cards.cards import Card
from app.services.tracking.chains import Chains

_BRIDGE_KIND: Final = "bridge"
"""Of a watch, as its `about` says it."""
_LISTED: Final = 8


class BridgeGoneError(ExpectedError):
    text_key = "error-bridge-gone"


class SameLegError(ExpectedError):
    """The first leg again, given as the second."""

    text_key = "error-bridge-same-leg"


class BridgeStage(StrEnum):
    FAILED = "failed"  # the first leg came to nothing
    DONE = "done"  # both are final
    GAVE_UP = "gave-up"  # looked for in vain
    LOOKING = "looking"
    BY_HAND = "by-hand"  # the second leg can only be named by the user
    PROBABLE = "probable"  # found: is that it?
    WATCHING = "watching"


@dataclass(frozen=True, slots=True)
class BridgeLeg:
    """A transaction that the user named, and what its chain says of it."""

    tx_hash: str
    chain: str
    node_tx: NodeTx | None


@dataclass(frozen=True, slots=True)
class BridgeOverview:
    """`targets`: where the second leg may be, while none is chosen."""

    bridge: Bridge
    first: Card
    second: Card | None
    to: ChainSpec | None
    targets: list[ChainSpec]
    recipient_label: str | None
    stage: BridgeStage


async def start_bridge(
    db: Database, chains: Chains, user_id: int, leg: BridgeLeg, shop: ShopSettings
) -> int:
    """The bridge's id, the same for the same first leg. Raises TooManyWatchesError."""
    added = await watches.add_watch(
        db, chains, to_watch_request(user_id, leg, "1"), leg.node_tx, shop
    )
    now = clock.now()
    targets = _list_targets(chains, leg.chain)
    spec = chains.spec(leg.chain)
    value = _get_value(spec, leg.node_tx)
    row: dict[str, object] = {
        "user_id": user_id,
        "first_watch_id": added.watch_id,
        "to_chain": targets[0].key if len(targets) == 1 else None,
        "token": spec.coin if spec and value else None,
        "amount": Decimal(value) if value else None,
        "match": LegMatch.NONE,
        "sent_at": _guess_sent_at(spec, leg.node_tx, now),
        "rejected": [],
        "created_at": now,
        "check_at": now,
    }
    async with db.unit_of_work() as session:
        await session.execute(insert(Bridge).values(row).on_conflict_do_nothing())
        bridge_id = await session.scalar(
            select(Bridge.id).where(Bridge.first_watch_id == added.watch_id)
        )
    if bridge_id is None:
        raise BridgeGoneError
    return bridge_id


def _list_targets(chains: Chains, chain: str) -> list[ChainSpec]:
    """Where a transfer from this chain can lead, of the chains that are switched on."""
    others = chains.polled if chain in chains.evm else chains.evm
    return [other.spec for other in others.values()]


async def choose_bridge_chain(
    db: Database, chains: Chains, user_id: int, bridge_id: int, chain: str
) -> None:
    """Raises BridgeGoneError; a chain that cannot be is none."""
    async with db.unit_of_work() as session:
        bridge, first = await _require(session, user_id, bridge_id)
        if chain not in {spec.key for spec in _list_targets(chains, first.chain or "")}:
            raise BridgeGoneError
        if bridge.to_chain != chain:
            bridge.to_chain, bridge.recipient, bridge.read_number = chain, None, None
        _search_soon(session, bridge)


async def set_bridge_recipient(db: Database, user_id: int, bridge_id: int, recipient: str) -> None:
    """In the form to store, of the second leg's chain. Raises BridgeGoneError."""
    async with db.unit_of_work() as session:
        bridge, _ = await _require(session, user_id, bridge_id)
        bridge.recipient, bridge.read_number = recipient, None
        _search_soon(session, bridge)


async def give_second_leg(
    db: Database,
    chains: Chains,
    user_id: int,
    bridge_id: int,
    leg: BridgeLeg,
    shop: ShopSettings,
) -> None:
    """By the user. Raises BridgeGoneError, SameLegError, TooManyWatchesError."""
    async with db.unit_of_work() as session:
        bridge, first = await _require(session, user_id, bridge_id)
        to_chain, first_hash = bridge.to_chain, first.tx_hash
    if to_chain != leg.chain:
        raise BridgeGoneError
    if first_hash == leg.tx_hash:
        raise SameLegError
    added = await watches.add_watch(
        db, chains, to_watch_request(user_id, leg, "2"), leg.node_tx, shop
    )
    async with db.unit_of_work() as session:
        bridge, _ = await _require(session, user_id, bridge_id)
        bridge.second_watch_id, bridge.match = added.watch_id, LegMatch.GIVEN
        _search_soon(session, bridge)


async def review_proposed_leg(
    db: Database, user_id: int, bridge_id: int, watch_id: int, *, is_right: bool
) -> bool:
    """Of the probable second leg; False when that one is no longer asked about.

    Raises BridgeGoneError.
    """
    async with db.unit_of_work() as session:
        bridge, _ = await _require(session, user_id, bridge_id)
        second = await session.get(Watch, watch_id)
        if second is None or bridge.second_watch_id != watch_id:
            return False
        if is_right:
            bridge.match = LegMatch.GIVEN
        else:
            bridge.second_watch_id, bridge.match = None, LegMatch.NONE
            bridge.rejected = [*bridge.rejected, second.tx_hash]
        _search_soon(session, bridge)
        is_ours = second.about.get("kind") == _BRIDGE_KIND
    if not is_right and is_ours:
        await watches.stop_watch(db, user_id, watch_id)
    return True


async def get_bridge_overview(
    db: Database, chains: Chains, user_id: int, bridge_id: int, shop: ShopSettings
) -> BridgeOverview:
    """Raises BridgeGoneError."""
    async with db.unit_of_work() as session:
        bridge, watch = await _require(session, user_id, bridge_id)
        label = await session.scalar(
            select(Address.label).where(
                Address.user_id == user_id, Address.address == bridge.recipient
            )
        )
    first = await cards.get_card(db, chains, watch.id, shop)
    second_id = bridge.second_watch_id
    second = await cards.get_card(db, chains, second_id, shop) if second_id else None
    if first is None:
        raise BridgeGoneError
    return BridgeOverview(
        bridge=bridge,
        first=first,
        second=second,
        to=chains.spec(bridge.to_chain) if bridge.to_chain else None,
        targets=_list_targets(chains, watch.chain or ""),
        recipient_label=label,
        stage=_decide_stage(bridge, chains, first, second),
    )


async def list_recent_bridges(db: Database, user_id: int) -> list[tuple[int, str]]:
    """Id and the first leg's hash, the newest first."""
    theirs = (
        select(Bridge.id, Watch.tx_hash)
        .join(Watch, Watch.id == Bridge.first_watch_id)
        .where(Bridge.user_id == user_id)
        .order_by(Bridge.id.desc())
        .limit(_LISTED)
    )
    async with db.read_only() as session:
        return list(await session.execute(theirs))


def to_watch_request(user_id: int, leg: BridgeLeg, number: str) -> watches.WatchRequest:
    # A private chat has its user's id.
    about = {"kind": _BRIDGE_KIND, "leg": number}
    return watches.WatchRequest(user_id, user_id, leg.tx_hash, leg.chain, about=about)


def _get_value(spec: ChainSpec | None, node_tx: NodeTx | None) -> int | None:
    """What goes over the bridge. On an EVM chain those are tokens: the coins only pay for it."""
    if spec is None or node_tx is None or spec.kind is ChainKind.EVM:
        return None
    return node_tx.details.value


def _guess_sent_at(spec: ChainSpec | None, node_tx: NodeTx | None, now: datetime) -> datetime:
    """By the count of confirmations, where there is one; not in a block yet: now is a bound."""
    inclusion = node_tx.inclusion if node_tx else None
    if spec is None or inclusion is None or spec.kind is ChainKind.EVM:
        return now
    return now - spec.block_time * ((inclusion.confirmations or 0) + 1)


async def _require(session: AsyncSession, user_id: int, bridge_id: int) -> tuple[Bridge, Watch]:
    """Locked until the end. Raises BridgeGoneError."""
    found = await session.execute(
        select(Bridge, Watch)
        .join(Watch, Watch.id == Bridge.first_watch_id)
        .where(Bridge.id == bridge_id, Bridge.user_id == user_id)
        .with_for_update(of=Bridge)
    )
    row = found.one_or_none()
    if row is None:
        raise BridgeGoneError
    return row[0], row[1]


def _search_soon(session: AsyncSession, bridge: Bridge) -> None:
    bridge.check_at = clock.now()
    wake_after_commit(session, WorkerName.BRIDGES)


def _decide_stage(bridge: Bridge, chains: Chains, first: Card, second: Card | None) -> BridgeStage:
    if has_leg_failed(first.state, succeeded=first.succeeded, is_over=first.is_over):
        return BridgeStage.FAILED
    if second is not None and bridge.match is LegMatch.PROBABLE:
        return BridgeStage.PROBABLE
    if second is not None:
        if is_final_state(first.state) and is_final_state(second.state) and second.succeeded:
            return BridgeStage.DONE
        return BridgeStage.WATCHING
    if bridge.check_at is None:
        return BridgeStage.GAVE_UP
    can_look = bridge.to_chain in chains.evm and bridge.recipient is not None
    return BridgeStage.LOOKING if can_look else BridgeStage.BY_HAND


def is_final_state(state: TxState) -> bool:
    return state is TxState.FINAL


def has_leg_failed(state: TxState, *, succeeded: bool | None, is_over: bool) -> bool:
    """Certainly: neither a reorganisation nor patience brings it back."""
    if state in (TxState.REPLACED, TxState.DROPPED):
        return True
    return (is_final_state(state) and succeeded is False) or (is_over and state is TxState.UNKNOWN)
