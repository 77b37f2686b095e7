"""What reading payments needs: a chain, whatever its kind, and the address in effect."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.chain_ports import BlockReader, EndpointStatus
from app.domain.chains import ChainSpec


class ReadableChain(Protocol):
    """Its blocks and logs can be read. Raises UnavailableError."""

    @property
    def spec(self) -> ChainSpec: ...

    async def pin(self) -> BlockReader: ...

    def list_endpoints(self) -> Sequence[EndpointStatus]: ...


class FindAddress(Protocol):
    """The address in effect; None where none is set, or its row was changed. Step."""

    async def __call__(self, session: AsyncSession, family: str) -> str | None: ...
