"""How owners set the addresses that buyers pay to: not at once, and never in silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import OnchainAddress, OutboxMessage, OutboxStatus
from app.db.unit_of_work import Database
from app.domain.onchain.addresses import ChainFamily, format_receiving_address
from app.services.audit import record_audit_entry
from app.services.notifications.attention import request_attention
from app.services.notifications.notify import (
    notify_operators,
    notify_operators_later,
    to_role_key,
)
from app.services.payments.onchain.address_checks import ChainFacts, inspect_address
from app.services.payments.onchain.addresses import AddressBook
from app.services.tracking.chains import Chains

ADDRESS_DELAY: Final = timedelta(hours=24)
"""In which an owner whose account was taken over has the time to notice."""

_CHANGE_LOCK: Final = 0x0ADD7E55
_ENVIRONMENT: Final = "environment"


class AddressByEnvironmentError(ExpectedError):
    text_key = "error-onchain-address-environment"


class AddressPendingError(ExpectedError):
    """Another one waits to take effect."""

    text_key = "error-onchain-address-pending"


class SameAddressError(ExpectedError):
    text_key = "error-onchain-address-same"


class NoPendingAddressError(ExpectedError):
    """It is in effect meanwhile, or was cancelled."""

    text_key = "error-onchain-address-gone"


@dataclass(frozen=True, slots=True)
class AddressState:
    """`address` is the one in effect; `has_changed_row`: one is not as it was set here."""

    family: ChainFamily
    address: str | None
    is_of_environment: bool
    has_changed_row: bool
    pending: OnchainAddress | None


async def list_address_states(db: Database, book: AddressBook) -> Sequence[AddressState]:
    async with db.read_only() as session:
        rows = await _list_rows(session)
        effective = {
            family: await book.find_address(session, family.value) for family in ChainFamily
        }
    changed = {row.family for row in book.list_changed(rows)}
    return [
        AddressState(
            family,
            effective[family],
            family in book.environment,
            family in changed,
            _find_pending(rows, family),
        )
        for family in ChainFamily
    ]


async def set_receiving_address(
    db: Database, book: AddressBook, owner: int, family: ChainFamily, address: str
) -> OnchainAddress:
    """In effect after `ADDRESS_DELAY`; all operators are notified now and then.

    Raises AddressByEnvironmentError, AddressPendingError, SameAddressError.
    """
    if family in book.environment:
        raise AddressByEnvironmentError
    async with db.unit_of_work() as session:
        await session.execute(select(func.pg_advisory_xact_lock(_CHANGE_LOCK)))
        if _find_pending(await _list_rows(session), family) is not None:
            raise AddressPendingError
        old = await book.find_address(session, family.value)
        if old == address:
            raise SameAddressError
        row = book.make_row(family, address, clock.now() + ADDRESS_DELAY, owner)
        session.add(row)
        record_audit_entry(
            session,
            f"user:{owner}",
            "onchain_address_set",
            f"onchain:{family}",
            old=old,
            new=address,
            effective_at=row.effective_at.isoformat(),
        )
        values = _describe(row)
        await notify_operators(
            session, f"onchain-address-set:{row.id}", "operator-onchain-address-set", **values
        )
        await notify_operators_later(
            session,
            ADDRESS_DELAY,
            _to_effect_key(row),
            "operator-onchain-address-effective",
            values,
        )
    return row


async def cancel_receiving_address(db: Database, owner: int, row_id: UUID) -> ChainFamily:
    """One that is not in effect yet. Raises NoPendingAddressError."""
    async with db.unit_of_work() as session:
        now = clock.now()
        row: OnchainAddress | None = await session.scalar(
            update(OnchainAddress)
            .where(
                OnchainAddress.id == row_id,
                OnchainAddress.cancelled_at.is_(None),
                OnchainAddress.effective_at > now,
            )
            .values(cancelled_at=now)
            .returning(OnchainAddress)
        )
        if row is None:
            raise NoPendingAddressError
        await session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.key == to_role_key(_to_effect_key(row)),
                OutboxMessage.status == OutboxStatus.UNRESOLVED,
            )
            .values(status=OutboxStatus.WITHDRAWN)
        )
        record_audit_entry(
            session,
            f"user:{owner}",
            "onchain_address_cancelled",
            f"onchain:{row.family}",
            new=row.address,
        )
        await notify_operators(
            session,
            f"onchain-address-cancelled:{row.id}",
            "operator-onchain-address-cancelled",
            **_describe(row),
        )
    return row.family


async def check_addresses(db: Database, book: AddressBook, chains: Chains) -> None:
    """As long as a token has frozen one, it is not offered; operators are notified."""
    await check_address_rows(db, book)
    for family in ChainFamily:
        async with db.read_only() as session:
            address = await book.find_address(session, family.value)
        if address is None:
            continue
        found = await inspect_address(chains, family, address)
        for facts in found:
            if facts.facts is not None:
                book.note_frozen(facts.spec.key, address, facts.facts.frozen_by)
            if facts.frozen_symbols:
                await _report_frozen(db, family, address, facts)


async def check_address_rows(db: Database, book: AddressBook) -> None:
    """Operators are notified of a changed one; what the environment says is written down.

    So an invoice keeps its address when the environment names another.
    """
    async with db.unit_of_work() as session:
        rows = await _list_rows(session)
        for row in book.list_changed(rows):
            await request_attention(
                session,
                f"onchain-address-changed:{row.id}",
                "operator-onchain-address-changed",
                family=row.family,
                row=str(row.id),
            )
        known = {(row.family, row.address) for row in rows if book.is_genuine(row)}
        for family, address in book.environment.items():
            if (family, address) not in known:
                await _record_environment(session, book, family, address)


async def _report_frozen(
    db: Database, family: ChainFamily, address: str, facts: ChainFacts
) -> None:
    tokens = ", ".join(facts.frozen_symbols)
    async with db.unit_of_work() as session:
        await request_attention(
            session,
            f"onchain-frozen:{facts.spec.key}:{address}:{tokens}",
            "operator-onchain-frozen",
            chain=facts.spec.title,
            tokens=tokens,
            address=format_receiving_address(address, family),
        )


async def _record_environment(
    session: AsyncSession, book: AddressBook, family: ChainFamily, address: str
) -> None:
    row = book.make_row(family, address, clock.now(), None)
    session.add(row)
    record_audit_entry(
        session, _ENVIRONMENT, "onchain_address_set", f"onchain:{family}", new=address
    )
    await notify_operators(
        session, _to_effect_key(row), "operator-onchain-address-effective", **_describe(row)
    )


async def _list_rows(session: AsyncSession) -> Sequence[OnchainAddress]:
    return (
        await session.scalars(
            select(OnchainAddress).order_by(OnchainAddress.created_at, OnchainAddress.id)
        )
    ).all()


def _find_pending(rows: Sequence[OnchainAddress], family: ChainFamily) -> OnchainAddress | None:
    now = clock.now()
    return next(
        (
            row
            for row in rows
            if row.family is family and row.cancelled_at is None and row.effective_at > now
        ),
        None,
    )


def _to_effect_key(row: OnchainAddress) -> str:
    return f"onchain-address-effective:{row.id}"


def _describe(row: OnchainAddress) -> Mapping[str, str | int | None]:
    """`owner` and not `by`: whose account was taken over is notified too."""
    return {
        "family": row.family,
        "address": format_receiving_address(row.address, row.family),
        "at": row.effective_at.isoformat(),
        "owner": row.set_by,
    }
