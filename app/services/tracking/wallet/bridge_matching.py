"""Looks for the second legs of bridge transfers, and ends the bridges that came to their end."""

import asyncio
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import structlog
from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Bridge, LegMatch, Transaction, Watch
from app.db.unit_of_work import Database
from app.domain.bridges import (
    BRIDGE_GIVE_UP_AFTER,
    get_bridge_check_pause,
    is_bridged_amount,
)
from app.domain.chain_ports import (
    BlockReader,
    EvmChain,
    Inclusion,
    NodeTx,
    Transfer,
    TxDetails,
)
from app.domain.chains import ChainSpec
from app.domain.ports import PortError
from app.domain.shop_settings import ShopSettings
from app.domain.tokens import Token, list_chain_tokens
from app.services.notifications.notify import Notification, notify
from app.services.tracking.cards import watches
from app.services.tracking.chains import Chains
from app.services.tracking.wallet.bridges import (
    BridgeLeg,
    has_leg_failed,
    is_final_state,
    to_watch_request,
)

log = structlog.get_logger()

_BATCH: Final = 20
_LEASE: Final = timedelta(minutes=2)
_BUDGET: Final = timedelta(seconds=15)
_MOST_BLOCKS: Final = 2_000  # looked through in a round, for one bridge
_FURTHEST: Final = 20_000  # blocks back from the head, at the first look
_AGAIN: Final = 20  # blocks below those that were read: the newest may have changed
_SLACK: Final = timedelta(minutes=2)  # between the clocks of two chains


@dataclass(frozen=True, slots=True)
class _Due:
    """A claimed bridge, with what its legs' chains say."""

    bridge: Bridge
    first: Watch
    first_tx: Transaction | None
    second_tx: Transaction | None


@dataclass(frozen=True, slots=True)
class _SearchResult:
    """What a look has brought; `is_behind`: blocks are left that were not looked through."""

    found: int = 0
    is_behind: bool = False


async def match_due_bridges(db: Database, chains: Chains, shop: ShopSettings) -> dict[str, int]:
    """One batch; what cannot be asked now is asked later."""
    async with db.unit_of_work() as session:
        due = await _claim(session)
    counts = {"checked": len(due), "found": 0, "ended": 0}
    ends_at = asyncio.get_running_loop().time() + _BUDGET.total_seconds()
    for one in due:
        if asyncio.get_running_loop().time() >= ends_at:
            break  # the others' leases run out
        if await _end(db, one):
            counts["ended"] += 1
            continue
        pause = get_bridge_check_pause(clock.now() - one.bridge.created_at)
        try:
            await _learn_amount(db, chains, one, shop)
            result = await _search_second_leg(db, chains, one, shop)
        except (PortError, ExpectedError) as error:
            log.info("bridge_put_off", bridge=one.bridge.id, reason=str(error) or repr(error))
        else:
            counts["found"] += result.found
            pause = timedelta() if result.is_behind else pause
        async with db.unit_of_work() as session:
            await _update_unchanged(session, one.bridge, check_at=clock.now() + pause)
    return counts


async def _claim(session: AsyncSession) -> list[_Due]:
    now = clock.now()
    ids = list(
        await session.scalars(
            select(Bridge.id)
            .where(Bridge.check_at <= now)
            .order_by(Bridge.check_at)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
    )
    first, second = aliased(Watch), aliased(Watch)
    first_tx, second_tx = aliased(Transaction), aliased(Transaction)
    rows = await session.execute(
        select(Bridge, first, first_tx, second_tx)
        .join(first, first.id == Bridge.first_watch_id)
        .outerjoin(second, second.id == Bridge.second_watch_id)
        .outerjoin(first_tx, and_(first_tx.chain == first.chain, first_tx.tx_hash == first.tx_hash))
        .outerjoin(
            second_tx, and_(second_tx.chain == second.chain, second_tx.tx_hash == second.tx_hash)
        )
        .where(Bridge.id.in_(ids))
        .order_by(Bridge.id)
    )
    found = [_Due(*row) for row in rows]
    for one in found:
        one.bridge.check_at = now + _LEASE  # a round that crashes leaves it to a later one
    return found


async def _end(db: Database, one: _Due) -> bool:
    """Whether there is nothing left to do for it."""
    bridge, template = one.bridge, None
    if _is_done(one):
        template = "bridge-done"
    elif clock.now() - bridge.created_at >= BRIDGE_GIVE_UP_AFTER:
        template = "bridge-gave-up" if bridge.second_watch_id is None else None
    elif not _is_lost(one):
        return False
    async with db.unit_of_work() as session:
        if not await _update_unchanged(session, bridge, check_at=None):
            return False
        if template:
            key = f"{template}:{bridge.id}:{bridge.second_watch_id or 0}"
            await notify(
                session, Notification(key, bridge.user_id, template, {"bridge": bridge.id})
            )
    return True


def _is_done(one: _Due) -> bool:
    first, second = one.first_tx, one.second_tx
    if first is None or second is None or one.bridge.match is LegMatch.PROBABLE:
        return False
    return all(is_final_state(leg.state) and bool(leg.succeeded) for leg in (first, second))


def _is_lost(one: _Due) -> bool:
    first = one.first_tx
    if first is None:
        return one.first.ended_at is not None
    over = one.first.ended_at is not None
    return has_leg_failed(first.state, succeeded=first.succeeded, is_over=over)


async def _learn_amount(db: Database, chains: Chains, one: _Due, shop: ShopSettings) -> None:
    """From the first leg's own log, where it went to who received the tokens."""
    bridge, first = one.bridge, one.first_tx
    chain = chains.evm.get(one.first.chain or "")
    if bridge.amount is not None or chain is None or first is None:
        return
    tokens = list_chain_tokens(shop.tokens, chain.spec.key)
    if not tokens or first.recipient is None or first.block_number is None:
        return
    reader = await chain.pin()
    number = first.block_number
    transfers = await reader.get_transfers(list(tokens), [first.recipient], number, number)
    ours = [transfer for transfer in transfers if transfer.tx_hash == first.tx_hash]
    if not ours:
        return
    token = tokens[ours[0].token]
    amount = sum(transfer.amount for transfer in ours if transfer.token == token.contract)
    async with db.unit_of_work() as session:
        await _update_unchanged(session, bridge, token=token.symbol, amount=Decimal(amount))


async def _search_second_leg(
    db: Database, chains: Chains, one: _Due, shop: ShopSettings
) -> _SearchResult:
    bridge = one.bridge
    chain = chains.evm.get(bridge.to_chain or "")
    if chain is None or bridge.recipient is None or bridge.second_watch_id is not None:
        return _SearchResult()
    tokens = list_chain_tokens(shop.tokens, chain.spec.key)
    if not tokens:
        return _SearchResult()
    reader = await chain.pin()
    head = (await reader.get_heads()).latest.number
    first = _first_number(bridge, chain, head)
    last = min(head, first + _MOST_BLOCKS - 1)
    transfers = await reader.get_transfers(list(tokens), [bridge.recipient], first, last)
    spec = chains.spec(one.first.chain or "")
    candidates = [transfer for transfer in transfers if _is_candidate(transfer, one, spec, tokens)]
    found = await _first_after(reader, candidates, bridge.sent_at - _SLACK)
    if found is not None:
        await _propose_second_leg(db, chains, bridge, found, tokens[found.token], shop)
    async with db.unit_of_work() as session:
        await _update_unchanged(session, bridge, read_number=last)
    return _SearchResult(found=1 if found else 0, is_behind=last < head and not found)


def _first_number(bridge: Bridge, chain: EvmChain, head: int) -> int:
    if bridge.read_number is not None:
        return max(0, min(bridge.read_number, head) + 1 - _AGAIN)
    age = clock.now() - bridge.sent_at + _SLACK
    blocks = math.ceil(age / chain.spec.block_time) + _AGAIN
    return max(0, head - min(blocks, _FURTHEST))


def _is_candidate(
    transfer: Transfer, one: _Due, spec: ChainSpec | None, tokens: dict[str, Token]
) -> bool:
    """Recipient, token and amount; where the first leg's is not known, anything but dust."""
    bridge, token = one.bridge, tokens[transfer.token]
    if transfer.tx_hash in bridge.rejected or transfer.amount == 0:
        return False
    if bridge.amount is None or spec is None:
        return not token.is_dust(transfer.amount)
    return is_bridged_amount(int(bridge.amount), spec.decimals, transfer.amount, token.decimals)


async def _first_after(
    reader: BlockReader, candidates: list[Transfer], earliest: datetime
) -> Transfer | None:
    numbers = sorted({transfer.block_number for transfer in candidates})
    for number in numbers:
        (block,) = await reader.get_blocks([number])
        if block.at >= earliest:
            return next(one for one in candidates if one.block_number == number)
    return None


async def _propose_second_leg(
    db: Database,
    chains: Chains,
    bridge: Bridge,
    transfer: Transfer,
    token: Token,
    shop: ShopSettings,
) -> None:
    inclusion = Inclusion(
        block_hash=transfer.block_hash, succeeded=True, block_number=transfer.block_number
    )
    leg = BridgeLeg(transfer.tx_hash, bridge.to_chain or "", NodeTx(TxDetails(), inclusion))
    added = await watches.add_watch(
        db, chains, to_watch_request(bridge.user_id, leg, "2"), leg.node_tx, shop
    )
    async with db.unit_of_work() as session:
        fresh = await session.get(Bridge, bridge.id, with_for_update=True)
        if fresh is None or fresh.second_watch_id is not None:
            return  # the user was faster
        fresh.second_watch_id, fresh.match = added.watch_id, LegMatch.PROBABLE
        values = {
            "bridge": bridge.id,
            "watch": added.watch_id,
            "chain": bridge.to_chain,
            "hash": transfer.tx_hash,
            "amount": token.amount(transfer.amount),
            "token": token.symbol,
        }
        key = f"bridge-match:{bridge.id}:{transfer.tx_hash}"
        await notify(session, Notification(key, bridge.user_id, "bridge-match", values))
    log.info("bridge_matched", bridge=bridge.id, tx=transfer.tx_hash)


async def _update_unchanged(session: AsyncSession, bridge: Bridge, **values: object) -> bool:
    """Unless the user has changed it since it was claimed."""
    changed = await session.scalar(
        update(Bridge)
        .where(Bridge.id == bridge.id, Bridge.check_at == bridge.check_at)
        .values(**values)
        .returning(Bridge.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None
