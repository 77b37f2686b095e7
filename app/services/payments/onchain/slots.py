"""Holds an exact amount at an address for one order, and gives it back when nothing can come."""

from collections.abc import Collection

from sqlalchemy import Integer, case, func, literal, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import OnchainCursor, OnchainInvoice, OnchainWatchedAddress, Purchase
from app.db.models.onchain import OPEN_INVOICES
from app.domain.onchain.addresses import ChainFamily
from app.domain.onchain.amounts import (
    FEW_TAILS,
    MANY_TAILS,
    add_tail,
    compute_base_micro,
)
from app.domain.onchain.networks import OnchainNetwork
from app.domain.onchain.states import HOLD, OnchainState, get_source_states
from app.domain.payment_methods import PaymentMethodClosedError
from app.domain.payments import PAYMENT_GRACE
from app.domain.ports import UnavailableError

MAX_HELD_BY_USER = 10
"""Amounts are few: one user must not hold those of all others."""
_TRIES = 30
_RELEASED_AT_ONCE = 1000


class TooManyAmountsError(ExpectedError):
    """The user holds as many amounts as one may: they pay one of them, or wait."""

    text_key = "error-onchain-too-many"


async def reserve_slot(
    session: AsyncSession, purchase: Purchase, network: OnchainNetwork, address: str
) -> OnchainInvoice:
    """The order's amount at this family's address: once made, it stays what was shown.

    The caller has locked the purchase. On another chain of the same family nothing changes but the
    network. Raises PaymentMethodClosedError, TooManyAmountsError, UnavailableError.
    """
    known = await get_invoice(session, purchase, network.family)
    if known is not None:
        known.networks = [*(one for one in known.networks if one != network.key), network.key]
        return known
    base = compute_base_micro(purchase.due)
    if base is None or base <= 0:
        raise PaymentMethodClosedError
    if await _count_held_by(session, purchase.user_id) >= MAX_HELD_BY_USER:
        raise TooManyAmountsError
    tails = await _count_tails(session, address, base)
    for _ in range(_TRIES):
        id_ = await _insert_free(session, purchase, network, address, (base, tails))
        if id_ is not None:
            return await session.get_one(OnchainInvoice, id_)
    raise UnavailableError(f"no amount is free at {network.key}")


async def watch_address(session: AsyncSession, family: ChainFamily, address: str) -> None:
    """For ever: whatever comes there must be assigned. Step."""
    await session.execute(
        insert(OnchainWatchedAddress)
        .values(family=family, address=address, since=clock.now())
        .on_conflict_do_nothing()
    )


async def get_invoice(
    session: AsyncSession, purchase: Purchase, family: ChainFamily
) -> OnchainInvoice | None:
    found: OnchainInvoice | None = await session.scalar(
        select(OnchainInvoice).where(
            OnchainInvoice.purchase_id == purchase.id, OnchainInvoice.family == family
        )
    )
    return found


async def release_slots(session: AsyncSession, family: ChainFamily, chains: Collection[str]) -> int:
    """Of which the hold is over, and every block of its time was read as final. Step.

    `chains`: of this family, that are read; one that was switched off must not hold them for ever.
    """
    read_until = await session.scalar(
        select(func.min(OnchainCursor.block_at)).where(OnchainCursor.chain.in_(chains))
    )
    if read_until is None:
        return 0
    due = (
        select(OnchainInvoice.id)
        .where(
            OnchainInvoice.family == family,
            OnchainInvoice.released_at.is_(None),
            OnchainInvoice.hold_until < min(read_until, clock.now()),
        )
        .limit(_RELEASED_AT_ONCE)
    )
    is_unpaid = OnchainInvoice.state.not_in((OnchainState.PAID, OnchainState.CREDITED))
    released = await session.scalars(
        update(OnchainInvoice)
        .where(OnchainInvoice.id.in_(due))
        .values(
            released_at=clock.now(),
            state=case((is_unpaid, OnchainState.CLOSED), else_=OnchainInvoice.state),
        )
        .returning(OnchainInvoice.id)
        .execution_options(synchronize_session=False)
    )
    return len(released.all())


async def expire_invoices(session: AsyncSession, family: ChainFamily) -> int:
    """By the clock, but none whose payment stands in a block: that one is in time. Step."""
    expired = await session.scalars(
        update(OnchainInvoice)
        .where(
            OnchainInvoice.family == family,
            literal_column(OPEN_INVOICES),
            OnchainInvoice.state.in_(get_source_states(OnchainState.EXPIRED)),
            OnchainInvoice.expires_at < clock.now() - PAYMENT_GRACE,
        )
        .values(state=OnchainState.EXPIRED)
        .returning(OnchainInvoice.id)
        .execution_options(synchronize_session=False)
    )
    return len(expired.all())


async def _count_held_by(session: AsyncSession, user_id: int) -> int:
    held = (
        select(func.count())
        .select_from(OnchainInvoice)
        .join(Purchase, Purchase.id == OnchainInvoice.purchase_id)
        .where(
            Purchase.user_id == user_id,
            OnchainInvoice.released_at.is_(None),
            OnchainInvoice.state.not_in((OnchainState.PAID, OnchainState.CREDITED)),
        )
    )
    return await session.scalar(held) or 0


async def _count_tails(session: AsyncSession, address: str, base: int) -> int:
    """Few, so that the price stays what it looks like; many where over half of them are taken."""
    taken = select(func.count()).where(
        OnchainInvoice.address == address,
        OnchainInvoice.released_at.is_(None),
        OnchainInvoice.amount_micro.between(add_tail(base, 1), add_tail(base, FEW_TAILS)),
    )
    return MANY_TAILS if (await session.scalar(taken) or 0) * 2 > FEW_TAILS else FEW_TAILS


async def _insert_free(
    session: AsyncSession,
    purchase: Purchase,
    network: OnchainNetwork,
    address: str,
    amounts: tuple[int, int],
) -> int | None:
    """None where another order took the same amount at the same moment, or none was free."""
    base, tails = amounts
    step = add_tail(0, 1)
    tail = func.generate_series(1, tails, type_=Integer).column_valued("tail")
    amount = literal(base) + tail * step
    is_held = (
        select(OnchainInvoice.id)
        .where(
            OnchainInvoice.address == address,
            OnchainInvoice.amount_micro == amount,
            OnchainInvoice.released_at.is_(None),
        )
        .exists()
    )
    row = {
        "purchase_id": purchase.id,
        "family": network.family,
        "networks": [network.key],
        "address": address,
        "state": OnchainState.WAITING,
        "created_at": clock.now(),
        "expires_at": purchase.expires_at,
        "hold_until": purchase.expires_at + HOLD,
    }
    columns = OnchainInvoice.__table__.c
    values = [literal(value, columns[name].type) for name, value in row.items()]
    free = select(*values, amount).where(~is_held).order_by(func.random()).limit(1)
    statement = insert(OnchainInvoice).from_select([*row, "amount_micro"], free)
    id_: int | None = await session.scalar(
        statement.on_conflict_do_nothing().returning(OnchainInvoice.id)
    )
    return id_
