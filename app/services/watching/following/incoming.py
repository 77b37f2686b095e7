"""Reads the tokens and coins that came in: each block's, whatever breaks off."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Address, ChainState, User
from app.db.unit_of_work import Database
from app.domain.chain_ports import COIN, BlockReader, EvmChain, Transfer
from app.domain.chains import ChainKind, ChainSpec
from app.domain.shop import ShopSettings
from app.domain.tokens import Token, coin_of, to_units, tokens_of
from app.services.watching.following.arrivals import tell_arrivals
from app.services.watching.following.coins import (
    MOST_COIN_BLOCKS,
    Span,
    get_coin_transfers,
)

_PORTION: Final = 480  # blocks: with those that are read again, within the 500 that nodes answer


class Incoming(NamedTuple):
    """`told`: new cards. `more`: blocks are left for the next call."""

    told: int
    more: bool


async def read_incoming(
    db: Database, chain: EvmChain, reader: BlockReader, shop: ShopSettings, span: Span
) -> Incoming:
    """The span's first portion; moves chain_states.logs_number on, unless somebody else has.

    Raises UnavailableError: what was not read is read by the next call.
    """
    key, known = chain.spec.key, told_on(chain.spec, shop)
    async with db.unit_of_work() as session:
        read_up_to = await _get_logs_number(session, key)
        recipients = await _list_recipients(session) if known else []
    part, transfers = span, list[Transfer]()
    if recipients:
        part = span.limit(MOST_COIN_BLOCKS if COIN in known else _PORTION)
        transfers = await _get_transfers(reader, chain.spec, shop, recipients, part)
    async with db.unit_of_work() as session:
        if not await _claim(session, key, read_up_to):
            return Incoming(0, more=False)  # another loop read these, or they lost their place
        told = await tell_arrivals(session, key, known, transfers)
        await _move_on(session, key, part.last)
    return Incoming(told, more=part.last < span.last)


def told_on(spec: ChainSpec, shop: ShopSettings) -> dict[str, Token]:
    """The listed tokens, by contract, and the coin, where it is told."""
    tokens = tokens_of(shop.tokens, spec.key)
    if spec.key in shop.coins_from:
        tokens[COIN] = coin_of(spec, shop.coins_from[spec.key])
    return tokens


async def _get_transfers(
    reader: BlockReader, spec: ChainSpec, shop: ShopSettings, recipients: Sequence[str], part: Span
) -> list[Transfer]:
    tokens, least = list(tokens_of(shop.tokens, spec.key)), shop.coins_from.get(spec.key)
    found = []
    if tokens:
        found += await reader.get_transfers(tokens, recipients, part.first, part.last)
    if least is not None:
        units = to_units(least, spec.decimals)
        found += await get_coin_transfers(reader, recipients, units, part)
    return sorted(found, key=lambda one: (one.block_number, one.log_index))


async def _get_logs_number(session: AsyncSession, chain: str) -> int | None:
    return await session.scalar(select(ChainState.logs_number).where(ChainState.chain == chain))


async def _list_recipients(session: AsyncSession) -> list[str]:
    """Of those that can be told."""
    wanted = (
        select(Address.address)
        .join(User, User.id == Address.user_id)
        .where(
            Address.kind == ChainKind.EVM,
            Address.tell_incoming,
            User.unreachable_at.is_(None),
        )
        .distinct()
        .order_by(Address.address)
    )
    return list(await session.scalars(wanted))


async def _claim(session: AsyncSession, chain: str, read_up_to: int | None) -> bool:
    """Locks the chain's row until the end."""
    await session.execute(insert(ChainState).values(chain=chain).on_conflict_do_nothing())
    row = await session.execute(
        select(ChainState.logs_number).where(ChainState.chain == chain).with_for_update()
    )
    return row.scalar_one() == read_up_to


async def _move_on(session: AsyncSession, chain: str, number: int) -> None:
    await session.execute(
        update(ChainState)
        .where(ChainState.chain == chain)
        .values(logs_number=number)
        .execution_options(synchronize_session=False)
    )
