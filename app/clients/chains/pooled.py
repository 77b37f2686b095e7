"""What all chains have in common, whatever their nodes speak: a pool, and a second opinion."""

import contextlib
from abc import ABC, abstractmethod

from app.clients.chains.rpc.pool import RpcPool
from app.domain.chain_ports import ChainReader, EndpointStatus, NodeTx
from app.domain.chains import ChainSpec
from app.domain.ports import UnavailableError


class PooledChain(ABC):
    """Close it with `aclose`."""

    _spec: ChainSpec
    _pool: RpcPool

    @abstractmethod
    async def pin(self) -> ChainReader: ...

    @property
    def spec(self) -> ChainSpec:
        return self._spec

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def check(self) -> None:
        await self._pool.check()

    def list_endpoints(self) -> list[EndpointStatus]:
        return self._pool.list_endpoints()

    async def find(self, tx_hash: str) -> NodeTx | None:
        reader = await self.pin()
        try:
            seen = await _look_up(reader, tx_hash)
        except UnavailableError:
            return await _look_up(await reader.other(), tx_hash)
        if seen is not None:
            return seen
        # One that lags, or whose pool is its own, does not know what others do.
        with contextlib.suppress(UnavailableError):
            other = await reader.other()
            if other.endpoint != reader.endpoint:
                return await _look_up(other, tx_hash)
        if not reader.is_ready:
            raise UnavailableError(f"{reader.endpoint} synchronises")
        return None


async def _look_up(reader: ChainReader, tx_hash: str) -> NodeTx | None:
    return (await reader.get_node_txs([tx_hash]))[tx_hash]
