"""What is the matter with a transaction: its chain asked now, and what was known before."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.models import Transaction, Watch
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.chain_ports import EvmChain, GasPrices, NodeTx, NonceUse
from app.domain.ports import PortError
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import INCLUDED_STATES, ChainView, Tracked, TxState, WatchMode
from app.services import port_guard
from app.services.tracking.cards.cards import Card, make_card
from app.services.tracking.cards.chain_state import (
    KnownChainState,
    get_chain_specs,
    load_chain_states,
)
from app.services.tracking.cards.probing import ProbeResult, probe_chains
from app.services.tracking.cards.transaction_rows import resume_tracking
from app.services.tracking.chains import Chains
from app.services.tracking.following.progress import to_tracked
from app.services.tracking.following.replacements import find_nonce_use_of, is_nonce_used_up

T = TypeVar("T")

_PATIENCE: Final = timedelta(seconds=4)  # besides that of the probe


class TxVerdict(StrEnum):
    PENDING = "pending"
    CHEAP = "cheap"  # the most it pays is below what blocks ask now
    QUEUED = "queued"  # an earlier transaction of its sender is still open
    MINED = "mined"
    FINAL = "final"
    FAILED = "failed"
    REORGED = "reorged"
    REPLACED = "replaced"
    DROPPED = "dropped"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`card` is as a watch of it would show it now; None where no chain has ever shown it.

    Amounts in the coin's smallest unit, `fee_offered` and `gas` for a unit of gas.
    """

    verdict: TxVerdict
    tx_hash: str
    chain: str | None = None
    card: Card | None = None
    node_tx: NodeTx | None = None  # as its chain answers now
    gas: GasPrices | None = None  # for one that waits, where the chain says
    fee_offered: int | None = None
    nonce: int | None = None
    next_nonce: int | None = None  # of its sender: all below are used up
    replaced_by: str | None = None
    replaced_by_url: str | None = None
    nonce_authorized: bool = False  # its nonce was used by an authorization (EIP-7702)
    missing_since: datetime | None = None  # no node has known it since
    since: datetime | None = None  # its chain has not answered since

    @property
    def confirmations(self) -> int | None:
        return self.card.confirmations if self.card else None

    @property
    def gas_used(self) -> int | None:
        return self.card.gas_used if self.card else None

    @property
    def fee(self) -> int | None:
        return self.card.fee if self.card else None


@dataclass(frozen=True, slots=True)
class _Case:
    """A chain that knows it now (`node_tx`), or knew it before."""

    chain_state: KnownChainState
    before: Tracked
    node_tx: NodeTx | None
    is_answered: bool

    @property
    def view(self) -> ChainView:
        return self.chain_state.view

    @property
    def now(self) -> Tracked:
        """With what its chain says, as far as one node may be believed."""
        return (
            resume_tracking(self.before, self.node_tx, self.view) if self.node_tx else self.before
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    gas: GasPrices | None = None
    next_nonce: int | None = None
    nonce_use: NonceUse | None = None  # by something else


async def diagnose_transaction(
    db: Database, chains: Chains, tx_hash: str, shop: ShopSettings
) -> list[Diagnosis]:
    """One for each chain that knows it, or knew it; else one: unknown, or unavailable."""
    found = await probe_chains(chains, tx_hash)
    specs = get_chain_specs(chains)
    async with db.read_only() as session:
        rows = await session.scalars(select(Transaction).where(Transaction.tx_hash == tx_hash))
        known = {row.chain: to_tracked(row) for row in rows}
        chain_states = await load_chain_states(session, specs.values(), shop)
    cases = _list_cases(tx_hash, found, known, chain_states)
    if not cases:
        return [_diagnose_unknown(tx_hash, found, chain_states)]
    return await asyncio.gather(*(_diagnose_case(db, chains, case) for case in cases))


async def _diagnose_case(db: Database, chains: Chains, case: _Case) -> Diagnosis:
    before = case.before
    facts = await _ask(chains.evm.get(before.chain), case)
    if facts.nonce_use and before.state is TxState.REPLACED and not before.nonce_use:
        async with db.unit_of_work() as session:
            await _write_nonce_use(session, before, facts.nonce_use)
    return _to_diagnosis(case, facts)


def _list_cases(
    tx_hash: str,
    found: ProbeResult,
    known: Mapping[str, Tracked],
    chain_states: Mapping[str, KnownChainState],
) -> list[_Case]:
    cases = []
    for key, chain_state in chain_states.items():
        node_tx, before = found.found.get(key), known.get(key)
        is_known = before is not None and before.state is not TxState.UNKNOWN
        if node_tx is not None or is_known:
            fresh = Tracked(key, tx_hash, TxState.UNKNOWN, chain_state.view.now)
            is_answered = key not in found.unavailable
            cases.append(_Case(chain_state, before or fresh, node_tx, is_answered))
    return cases


def _diagnose_unknown(
    tx_hash: str, found: ProbeResult, chain_states: Mapping[str, KnownChainState]
) -> Diagnosis:
    if not found.unavailable:
        return Diagnosis(TxVerdict.UNKNOWN, tx_hash)
    since = {key: chain_states[key].failing_since for key in found.unavailable}
    key = min(since, key=lambda one: since[one] or clock.now())
    return Diagnosis(TxVerdict.UNAVAILABLE, tx_hash, chain=key, since=since[key])


async def _ask(chain: EvmChain | None, case: _Case) -> _Facts:
    """Why it waits, or what took its place; without answers, less is known."""
    tracked = case.now
    if chain is None or not case.is_answered or tracked.state in INCLUDED_STATES:
        return _Facts()
    gas, next_nonce = await asyncio.gather(
        _bounded(chain.get_gas_prices(), chain), _bounded(_get_nonce(chain, tracked), chain)
    )
    use = tracked.nonce_use
    if use is None and is_nonce_used_up(tracked.details, next_nonce) and not case.node_tx:
        use = await _bounded(find_nonce_use_of(chain, case.before, case.view), chain)
        use = None if use == NonceUse(tracked.tx_hash) else use
    return _Facts(gas, next_nonce, use)


async def _bounded(answer: Awaitable[T], chain: EvmChain) -> T | None:
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            return await port_guard.guard_port_call(
                answer, "diagnosis_failed", chain=chain.spec.key
            )
    except (PortError, TimeoutError):
        return None


async def _get_nonce(chain: EvmChain, tracked: Tracked) -> int | None:
    sender = tracked.details.sender
    if sender is None or tracked.details.nonce is None:
        return None
    reader = await chain.pin()
    return (await reader.get_nonces([sender])).get(sender)


async def _write_nonce_use(session: AsyncSession, before: Tracked, use: NonceUse) -> None:
    """Its cards show it too."""
    await session.execute(
        update(Transaction)
        .where(
            Transaction.chain == before.chain,
            Transaction.tx_hash == before.tx_hash,
            Transaction.state == TxState.REPLACED,
        )
        .values(replaced_by=use.tx_hash, nonce_authorized=use.tx_hash is None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Watch)
        .where(
            Watch.chain == before.chain,
            Watch.tx_hash == before.tx_hash,
            Watch.card_lost.is_(False),
            Watch.card_message_id.is_not(None),
        )
        .values(card_due_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    wake_after_commit(session, WorkerName.WATCH_CARDS)


def _to_diagnosis(case: _Case, facts: _Facts) -> Diagnosis:
    tracked, view = case.now, case.view
    verdict = _decide_verdict(case, tracked, facts)
    tracked = replace(tracked, nonce_use=facts.nonce_use or tracked.nonce_use)
    details, replaced_by = tracked.details, tracked.replaced_by
    return Diagnosis(
        verdict=verdict,
        tx_hash=tracked.tx_hash,
        chain=tracked.chain,
        card=_to_card(tracked, case.chain_state),
        node_tx=case.node_tx,
        gas=facts.gas,
        fee_offered=details.max_fee_per_gas,
        nonce=details.nonce,
        next_nonce=facts.next_nonce,
        replaced_by=replaced_by,
        replaced_by_url=view.spec.explorer(replaced_by) if replaced_by else None,
        nonce_authorized=tracked.is_nonce_authorized,
        missing_since=tracked.missing_since,
        since=None if case.is_answered else case.chain_state.failing_since,
    )


def _decide_verdict(case: _Case, tracked: Tracked, facts: _Facts) -> TxVerdict:
    inclusion = tracked.inclusion
    if tracked.state is TxState.FINAL and inclusion:
        return TxVerdict.FAILED if inclusion.succeeded is False else TxVerdict.FINAL
    if tracked.state in _ENDS:
        return _ENDS[tracked.state]
    if not case.is_answered:
        return TxVerdict.UNAVAILABLE
    if inclusion:
        return TxVerdict.FAILED if inclusion.succeeded is False else TxVerdict.MINED
    if case.node_tx is None:
        return _decide_missing(tracked, facts)
    return _decide_waiting(tracked, facts)


_ENDS: Final = {TxState.REPLACED: TxVerdict.REPLACED, TxState.DROPPED: TxVerdict.DROPPED}


def _decide_missing(tracked: Tracked, facts: _Facts) -> TxVerdict:
    if facts.nonce_use is not None:
        return TxVerdict.REPLACED
    return TxVerdict.REORGED if tracked.state is TxState.REORGED else TxVerdict.UNKNOWN


def _decide_waiting(tracked: Tracked, facts: _Facts) -> TxVerdict:
    if tracked.state is TxState.REORGED:
        return TxVerdict.REORGED
    nonce, next_nonce = tracked.details.nonce, facts.next_nonce
    if nonce is not None and next_nonce is not None and next_nonce < nonce:
        return TxVerdict.QUEUED
    offered = tracked.details.max_fee_per_gas
    if facts.gas and offered is not None and offered < facts.gas.normal:
        return TxVerdict.CHEAP
    return TxVerdict.PENDING


def _to_card(tracked: Tracked, chain_state: KnownChainState) -> Card:
    watch = Watch(
        id=0,
        chain=tracked.chain,
        tx_hash=tracked.tx_hash,
        mode=WatchMode.EVERY,
        muted=False,
        about={},
        ended_at=tracked.ended_at,
        created_at=tracked.first_seen_at,
    )
    return make_card(watch, tracked, {tracked.chain: chain_state})
