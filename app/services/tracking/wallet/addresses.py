"""Addresses that users bind: to use them by name, and to be notified of what comes in."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Address
from app.db.unit_of_work import Database
from app.domain import addresses
from app.domain.chains import ChainKind
from app.domain.names import clean_label
from app.domain.shop_settings import ShopSettings
from app.services.users import lock_user


class TooManyAddressesError(ExpectedError):
    text_key = "error-too-many-addresses"


class SameKeyBoundError(ExpectedError):
    """The same key has an address of another kind of chain, which is bound: TRON's and EVM's."""

    text_key = "error-same-key-bound"


@dataclass(frozen=True, slots=True)
class BoundAddress:
    row: Address
    is_new: bool


async def bind_address(
    db: Database,
    user_id: int,
    address: addresses.ParsedAddress,
    label: str | None,
    shop: ShopSettings,
) -> BoundAddress:
    """The same again only gets the label. Raises TooManyAddressesError, SameKeyBoundError."""
    label = clean_label(label)
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)
        known = await session.scalar(
            select(Address).where(Address.user_id == user_id, Address.address == address.text)
        )
        if known is not None and known.kind is not address.kind:
            raise SameKeyBoundError
        if known is not None:
            known.label = label or known.label
            return BoundAddress(known, is_new=False)
        if await _count(session, user_id) >= shop.address_limit:
            raise TooManyAddressesError
        row = Address(
            user_id=user_id,
            kind=address.kind,
            address=address.text,
            label=label,
            notify_incoming=address.kind is not ChainKind.CELLFRAME,
            created_at=clock.now(),
        )
        session.add(row)
        await session.flush()
        return BoundAddress(row, is_new=True)


async def list_bound_addresses(
    db: Database, user_id: int, kind: ChainKind | None = None
) -> list[Address]:
    """In the order in which they were bound."""
    theirs = select(Address).where(Address.user_id == user_id).order_by(Address.id)
    if kind is not None:
        theirs = theirs.where(Address.kind == kind)
    async with db.read_only() as session:
        return list(await session.scalars(theirs))


async def get_bound_address(db: Database, user_id: int, address_id: int) -> Address | None:
    """None: not theirs, or gone."""
    async with db.read_only() as session:
        return await session.scalar(
            select(Address).where(Address.id == address_id, Address.user_id == user_id)
        )


async def unbind_address(db: Database, user_id: int, address_id: int) -> bool:
    """False: not theirs, or gone."""
    theirs = delete(Address).where(Address.id == address_id, Address.user_id == user_id)
    async with db.unit_of_work() as session:
        return await session.scalar(theirs.returning(Address.id)) is not None


async def set_address_notified(
    db: Database, user_id: int, address_id: int, *, notified: bool
) -> bool:
    """False: not theirs, or gone."""
    return await _change(db, user_id, address_id, notify_incoming=notified)


async def set_address_label(db: Database, user_id: int, address_id: int, label: str | None) -> bool:
    """False: not theirs, or gone."""
    return await _change(db, user_id, address_id, label=clean_label(label))


async def _change(db: Database, user_id: int, address_id: int, **values: object) -> bool:
    theirs = update(Address).where(Address.id == address_id, Address.user_id == user_id)
    async with db.unit_of_work() as session:
        changed = await session.scalar(theirs.values(**values).returning(Address.id))
        return changed is not None


async def _count(session: AsyncSession, user_id: int) -> int:
    count = select(func.count()).where(Address.user_id == user_id)
    return await session.scalar(count) or 0
