"""The card of a watch: all that a chat is shown of it, always as it is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Transaction, Watch
from app.db.unit_of_work import Database
from app.domain.finality_estimate import estimate_finality, get_min_progress
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import ChainView, Tracked, TxState, WatchMode
from app.services.tracking.cards.chain_state import (
    ChainSpecs,
    KnownChainState,
    get_chain_specs,
    load_chain_states,
)
from app.services.tracking.chains import Chains
from app.services.tracking.following.progress import to_tracked

CARD_TEMPLATE = "watch-card"


@dataclass(frozen=True, slots=True)
class Card:
    """`chain` is None while it is awaited. Amounts in the coin's smallest unit."""

    watch_id: int
    chain: str | None
    title: str  # of the chain; empty while awaited
    coin: str
    decimals: int
    tx_hash: str
    explorer_url: str | None
    label: str | None
    about: dict[str, str]  # {"kind": "incoming", "amount": "50", "token": "USDT", "sender": …}
    state: TxState
    succeeded: bool | None
    block_number: int | None
    confirmations: int | None
    wanted: int | None  # confirmations that are final as a rule: the bar's length
    progress: int  # 0 to 100, what the bar shows; 100 only when final
    left: timedelta | None  # expected until final; None where nobody can say
    watched_since: datetime
    fee: int | None
    gas_used: int | None
    replaced_by: str | None
    replaced_by_url: str | None
    mode: WatchMode
    muted: bool
    awaited_until: datetime | None
    failing_since: datetime | None  # no endpoint of the chain has answered since
    is_over: bool  # ended, or stopped by the user
    is_stopped: bool
    now: datetime
    nonce_authorized: bool = False  # its nonce was used by an authorization (EIP-7702)


_CARD = TypeAdapter(Card)


def card_to_values(card: Card) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = _CARD.dump_python(card, mode="json")
    return values


def card_from_values(values: Mapping[str, object]) -> Card:
    return _CARD.validate_python(dict(values))


async def get_card(db: Database, chains: Chains, watch_id: int, shop: ShopSettings) -> Card | None:
    """None: the watch is gone."""
    specs = get_chain_specs(chains)
    async with db.read_only() as session:
        watch = await session.get(Watch, watch_id)
        if watch is None:
            return None
        (card,) = await load_cards(session, specs, [watch], shop)
    return card


async def load_cards(
    session: AsyncSession, specs: ChainSpecs, watches: Sequence[Watch], shop: ShopSettings
) -> list[Card]:
    """In the order of the watches."""
    keys = {(watch.chain, watch.tx_hash) for watch in watches if watch.chain is not None}
    rows = await session.scalars(
        select(Transaction).where(tuple_(Transaction.chain, Transaction.tx_hash).in_(keys))
    )
    tracked = {(row.chain, row.tx_hash): to_tracked(row) for row in rows}
    chain_states = await load_chain_states(session, specs.values(), shop)
    return [
        make_card(watch, tracked.get((watch.chain or "", watch.tx_hash)), chain_states)
        for watch in watches
    ]


def make_card(
    watch: Watch, tracked: Tracked | None, chain_states: Mapping[str, KnownChainState]
) -> Card:
    """`tracked` is None while it is awaited on several chains."""
    now = clock.now()
    chain_state = chain_states.get(watch.chain or "")
    view = chain_state.view if chain_state else None
    inclusion = tracked.inclusion if tracked else None
    state = tracked.state if tracked else TxState.UNKNOWN
    expected = estimate_finality(tracked, view) if tracked and view else None
    failing_since = _failing_since(watch, chain_states)
    replaced_by = tracked.replaced_by if tracked else None
    return Card(
        watch_id=watch.id,
        chain=watch.chain,
        title=view.spec.title if view else (watch.chain or ""),
        coin=view.spec.coin if view else "",
        decimals=view.spec.decimals if view else 0,
        tx_hash=watch.tx_hash,
        explorer_url=_explorer(view, watch.tx_hash),
        label=watch.label,
        about=watch.about,
        state=state,
        succeeded=inclusion.succeeded if inclusion else None,
        block_number=inclusion.block_number if inclusion else None,
        confirmations=expected.confirmations if expected else None,
        wanted=expected.wanted if expected else None,
        progress=expected.progress if expected else get_min_progress(state),
        left=expected.left if expected and not failing_since else None,
        watched_since=watch.created_at,
        fee=inclusion.fee if inclusion else None,
        gas_used=inclusion.gas_used if inclusion else None,
        replaced_by=replaced_by,
        replaced_by_url=_explorer(view, replaced_by),
        mode=watch.mode,
        muted=watch.muted,
        awaited_until=watch.awaited_until,
        failing_since=failing_since,
        is_over=watch.ended_at is not None,
        is_stopped=watch.stopped_at is not None,
        now=now,
        nonce_authorized=tracked is not None and tracked.is_nonce_authorized,
    )


def _explorer(view: ChainView | None, tx_hash: str | None) -> str | None:
    return view.spec.explorer(tx_hash) if view and tx_hash else None


def _failing_since(watch: Watch, chain_states: Mapping[str, KnownChainState]) -> datetime | None:
    """An awaited one can be seen as long as one chain answers."""
    own = chain_states.get(watch.chain or "")
    asked = [own] if own else [*chain_states.values()] if watch.chain is None else []
    failing = [chain_state.failing_since for chain_state in asked if chain_state.failing_since]
    return max(failing) if failing and len(failing) == len(asked) else None
