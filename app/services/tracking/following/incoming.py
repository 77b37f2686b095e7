"""Reads the tokens and the coins that came in: all of each block, whatever breaks off."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Address, ChainState, User
from app.db.unit_of_work import Database
from app.domain.chain_ports import COIN, BlockChain, BlockReader, Transfer
from app.domain.chains import ChainKind, ChainSpec
from app.domain.ports import UnavailableError
from app.domain.shop_settings import ShopSettings
from app.domain.tokens import Token, list_chain_tokens, make_coin_token, to_units
from app.services.tracking.following.arrivals import notify_arrivals
from app.services.tracking.following.chain_cursor import TransferKind, get_transfer_cursors
from app.services.tracking.following.coins import (
    MAX_COIN_BLOCKS,
    BlockSpan,
    get_coin_transfers,
)

log = structlog.get_logger()

_PORTION: Final = 480  # blocks: with those that are read again, within the 500 that nodes answer


class IncomingResult(NamedTuple):
    """`notified`: new cards. `more`: blocks are left for the next call."""

    notified: int
    more: bool


class _Read(NamedTuple):
    """What was brought by a span's blocks up to `last`; `more`: the others can be read at once."""

    last: int
    transfers: Sequence[Transfer] = ()
    more: bool = False


async def read_incoming_transfers(
    db: Database,
    chain: BlockChain,
    reader: BlockReader,
    shop: ShopSettings,
    spans: Mapping[TransferKind, BlockSpan],
) -> IncomingResult:
    """Each span's first portion; moves its position on, unless another loop has.

    A side question: what no node answers is read by the next call, and stops nothing else.
    """
    key, known = chain.spec.key, list_notified_tokens(chain.spec, shop)
    async with db.unit_of_work() as session:
        before = await _get_positions(session, key)
        recipients = await _list_recipients(session, chain.spec.kind) if known else []
    read = {
        kind: await _try_to_read(reader, chain.spec, shop, recipients, kind, span)
        for kind, span in spans.items()
    }
    async with db.unit_of_work() as session:
        now = await _claim(session, key)
        # Another loop read the others, or they lost their place.
        ours = {kind: one for kind, one in read.items() if now[kind] == before[kind]}
        found = [transfer for one in ours.values() for transfer in one.transfers]
        found.sort(key=lambda one: (one.block_number, one.log_index))
        notified = await notify_arrivals(session, chain.spec, known, found)
        await _move_on(session, key, {kind: one.last for kind, one in ours.items()})
    return IncomingResult(notified, more=any(one.more for one in ours.values()))


def list_notified_tokens(spec: ChainSpec, shop: ShopSettings) -> dict[str, Token]:
    """The listed tokens, by contract, and the coin, where it has notifications."""
    tokens = list_chain_tokens(shop.tokens, spec.key)
    if spec.key in shop.coins_from:
        tokens[COIN] = make_coin_token(spec, shop.coins_from[spec.key])
    return tokens


async def _try_to_read(
    reader: BlockReader,
    spec: ChainSpec,
    shop: ShopSettings,
    recipients: Sequence[str],
    kind: TransferKind,
    span: BlockSpan,
) -> _Read:
    try:
        if kind is TransferKind.TOKENS:
            tokens = list(list_chain_tokens(shop.tokens, spec.key))
            return await _read_tokens(reader, tokens, recipients, span)
        return await _read_coins(reader, spec, shop.coins_from.get(spec.key), recipients, span)
    except UnavailableError as error:
        log.warning("transfers_unread", chain=spec.key, kind=kind.name.lower(), reason=str(error))
        return _Read(span.fresh - 1)


async def _read_tokens(
    reader: BlockReader, tokens: Sequence[str], recipients: Sequence[str], span: BlockSpan
) -> _Read:
    if not tokens or not recipients:
        return _Read(span.last)
    part = span.limit(_PORTION)
    found = await reader.get_transfers(tokens, recipients, part.first, part.last)
    return _Read(part.last, found, more=part.last < span.last)


async def _read_coins(
    reader: BlockReader,
    spec: ChainSpec,
    least: Decimal | None,
    recipients: Sequence[str],
    span: BlockSpan,
) -> _Read:
    if least is None or not recipients:
        return _Read(span.last)
    part = span.limit(MAX_COIN_BLOCKS)
    found = await get_coin_transfers(reader, recipients, to_units(least, spec.decimals), part)
    return _Read(part.last, found, more=part.last < span.last)


async def _list_recipients(session: AsyncSession, kind: ChainKind) -> list[str]:
    """Of those that can be notified."""
    wanted = (
        select(Address.address)
        .join(User, User.id == Address.user_id)
        .where(
            Address.kind == kind,
            Address.notify_incoming,
            User.unreachable_at.is_(None),
        )
        .distinct()
        .order_by(Address.address)
    )
    return list(await session.scalars(wanted))


async def _get_positions(session: AsyncSession, chain: str) -> dict[TransferKind, int | None]:
    state = await session.get(ChainState, chain)
    return get_transfer_cursors(state or ChainState())


async def _claim(session: AsyncSession, chain: str) -> dict[TransferKind, int | None]:
    """Locks the chain's row until the end."""
    await session.execute(insert(ChainState).values(chain=chain).on_conflict_do_nothing())
    return get_transfer_cursors(await session.get_one(ChainState, chain, with_for_update=True))


async def _move_on(session: AsyncSession, chain: str, numbers: Mapping[TransferKind, int]) -> None:
    if not numbers:
        return
    await session.execute(
        update(ChainState)
        .where(ChainState.chain == chain)
        .values({kind.value: number for kind, number in numbers.items()})
        .execution_options(synchronize_session=False)
    )
