"""What operators see of on-chain payments: each network's state, what arrives, what is nobody's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import (
    LedgerEntry,
    OnchainClaim,
    OnchainCursor,
    OnchainInvoice,
    OnchainTransfer,
    Purchase,
)
from app.db.models.onchain import UNMATCHED_TRANSFERS
from app.db.unit_of_work import Database
from app.domain.onchain.amounts import to_micro
from app.domain.onchain.networks import NETWORKS, ONCHAIN_METHOD, OnchainNetwork, find_network
from app.domain.onchain.states import Assignment, TransferState, build_transfer_key
from app.domain.payments import build_payment_key
from app.services.payments.onchain.addresses import AddressBook

TRANSFERS_PAGE_SIZE: Final = 8
_CANDIDATES: Final = 5
_NEAR_MICRO: Final = 1_500_000  # fees of exchanges are about a dollar
_LARGEST_MICRO: Final = 10**15


class TransferGoneError(ExpectedError):
    text_key = "error-onchain-transfer-gone"


@dataclass(frozen=True, slots=True)
class NetworkState:
    """`final_at`: of the last block that was read as final; None where the chain is not read."""

    network: OnchainNetwork
    has_address: bool
    is_frozen: bool
    final_at: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class OnchainOverview:
    networks: Sequence[NetworkState]
    unmatched: int
    now: datetime


@dataclass(frozen=True, slots=True)
class TransferList:
    """A page of them; `number` counts from 0."""

    transfers: Sequence[OnchainTransfer]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class TransferCandidate:
    """An invoice of nearly the amount, whose buyer may have sent it."""

    user_id: int
    amount_micro: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TransferPage:
    """`claimant`: who says that it is theirs; `owner`: whose balance it was credited to."""

    transfer: OnchainTransfer
    network: OnchainNetwork | None
    claimant: int | None
    owner: int | None
    candidates: Sequence[TransferCandidate]


async def load_onchain_overview(db: Database, book: AddressBook) -> OnchainOverview:
    async with db.read_only() as session:
        addresses = {
            family: await book.find_address(session, family)
            for family in {one.family for one in NETWORKS}
        }
        cursors = {one.chain: one for one in await session.scalars(select(OnchainCursor))}
        unmatched = await session.scalar(
            select(func.count())
            .select_from(OnchainTransfer)
            .where(literal_column(UNMATCHED_TRANSFERS))
        )
    states = [
        _describe(one, addresses[one.family], cursors, book) for one in NETWORKS if one.is_dollar
    ]
    return OnchainOverview(states, unmatched or 0, clock.now())


async def list_transfers(db: Database, number: int, *, unmatched: bool) -> TransferList:
    """The newest first; of those that no one was found for, the oldest."""
    query = select(OnchainTransfer).order_by(OnchainTransfer.id.desc())
    if unmatched:
        query = (
            select(OnchainTransfer)
            .where(literal_column(UNMATCHED_TRANSFERS))
            .order_by(OnchainTransfer.id)
        )
    async with db.read_only() as session:
        found = await session.scalars(
            query.offset(number * TRANSFERS_PAGE_SIZE).limit(TRANSFERS_PAGE_SIZE + 1)
        )
        rows = found.all()
    return TransferList(rows[:TRANSFERS_PAGE_SIZE], number, len(rows) > TRANSFERS_PAGE_SIZE)


async def load_transfer_page(db: Database, transfer_id: int) -> TransferPage:
    """Raises TransferGoneError."""
    async with db.read_only() as session:
        transfer = await session.get(OnchainTransfer, transfer_id)
        if transfer is None:
            raise TransferGoneError
        network = find_network(transfer.chain, transfer.token)
        claimant = await session.scalar(
            select(OnchainClaim.user_id).where(
                OnchainClaim.transfer_id == transfer_id, OnchainClaim.settled_at.is_(None)
            )
        )
        key = build_transfer_key(transfer.chain, transfer.tx_hash, transfer.ordinal)
        owner = await session.scalar(
            select(LedgerEntry.user_id).where(
                LedgerEntry.key == build_payment_key(ONCHAIN_METHOD, key)
            )
        )
        candidates = await _list_candidates(session, transfer, network)
    return TransferPage(transfer, network, claimant, owner, candidates)


async def _list_candidates(
    session: AsyncSession, transfer: OnchainTransfer, network: OnchainNetwork | None
) -> Sequence[TransferCandidate]:
    """Of what is nobody's: who was asked for a little more, or for nearly as much."""
    is_open = transfer.state is TransferState.FINAL and transfer.assignment is Assignment.UNMATCHED
    if network is None or not is_open:
        return ()
    micro = min(to_micro(int(transfer.units), network.decimals), _LARGEST_MICRO)
    rows = await session.execute(
        select(Purchase.user_id, OnchainInvoice.amount_micro, OnchainInvoice.created_at)
        .join(Purchase, Purchase.id == OnchainInvoice.purchase_id)
        .where(
            OnchainInvoice.address == transfer.recipient,
            OnchainInvoice.amount_micro.between(micro - _NEAR_MICRO, micro + _NEAR_MICRO),
            OnchainInvoice.created_at < transfer.block_at,
        )
        .order_by(func.abs(OnchainInvoice.amount_micro - micro), OnchainInvoice.id.desc())
        .limit(_CANDIDATES)
    )
    return [TransferCandidate(*row) for row in rows]


def _describe(
    network: OnchainNetwork,
    address: str | None,
    cursors: Mapping[str, OnchainCursor],
    book: AddressBook,
) -> NetworkState:
    cursor = cursors.get(network.chain)
    return NetworkState(
        network,
        address is not None,
        address is not None and book.is_frozen(network.chain, network.contract, address),
        cursor.block_at if cursor else None,
        cursor.failing_since if cursor else None,
    )
