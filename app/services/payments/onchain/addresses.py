"""Which of the operator's addresses buyers pay to: that in effect, and only as it was set."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import OnchainAddress
from app.domain.onchain.addresses import AddressSigner, ChainFamily

log = structlog.get_logger()


class AddressBook:
    """One for a process. `environment`: addresses that need no row and no delay, by family.

    Where the environment sets one, no row is asked for: it is restarted with another.
    """

    def __init__(self, signer: AddressSigner, environment: Mapping[ChainFamily, str]) -> None:
        self._signer = signer
        self.environment = environment
        self._frozen: dict[tuple[str, str], frozenset[str]] = {}

    async def find_address(self, session: AsyncSession, family: str) -> str | None:
        """The one in effect; None where none is set, or its row was changed. Step."""
        of = ChainFamily(family)
        if of in self.environment:
            return self.environment[of]
        row = await session.scalar(
            select(OnchainAddress)
            .where(
                OnchainAddress.family == of,
                OnchainAddress.effective_at <= clock.now(),
                OnchainAddress.cancelled_at.is_(None),
                OnchainAddress.set_by.is_not(None),
            )
            .order_by(OnchainAddress.effective_at.desc(), OnchainAddress.id)
            .limit(1)
        )
        return row.address if row is not None and self.is_genuine(row) else None

    async def is_ours(self, session: AsyncSession, family: str, address: str) -> bool:
        """Whether it was ever set here: what an invoice holds is shown only then. Step."""
        if self.environment.get(ChainFamily(family)) == address:
            return True
        rows = await session.scalars(
            select(OnchainAddress).where(
                OnchainAddress.family == ChainFamily(family), OnchainAddress.address == address
            )
        )
        return any(self.is_genuine(row) for row in rows)

    def is_frozen(self, chain: str, contract: str, address: str) -> bool:
        """As the chain said last: what arrives there could never leave."""
        return contract in self._frozen.get((chain, address), ())

    def note_frozen(self, chain: str, address: str, contracts: frozenset[str]) -> None:
        self._frozen[chain, address] = contracts

    def is_genuine(self, row: OnchainAddress) -> bool:
        """As it was set here. One that is not is nothing to pay to."""
        is_genuine = self._signer.is_signed(row.mac, *_list_signed(row))
        if not is_genuine:
            log.error("onchain_address_changed", row=str(row.id), family=row.family)
        return is_genuine

    def list_changed(self, rows: Iterable[OnchainAddress]) -> Sequence[OnchainAddress]:
        return [row for row in rows if not self.is_genuine(row)]

    def make_row(
        self, family: ChainFamily, address: str, effective_at: datetime, set_by: int | None
    ) -> OnchainAddress:
        row = OnchainAddress(
            id=uuid4(),
            family=family,
            address=address,
            effective_at=effective_at,
            set_by=set_by,
            created_at=clock.now(),
        )
        row.mac = self._signer.sign(*_list_signed(row))
        return row


def _list_signed(row: OnchainAddress) -> Sequence[str]:
    return (
        str(row.id),
        row.family,
        row.address,
        str(row.effective_at.timestamp()),
        str(row.set_by),
        str(row.created_at.timestamp()),
    )
