"""An EVM chain as the product sees it: its endpoints together."""

from collections.abc import Sequence

from app.clients.chains.evm.reader import EvmReader
from app.clients.chains.evm.tags import UnknownTags
from app.clients.chains.rpc.jsonrpc import JsonRpc
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import Timings
from app.domain.chain_ports import EndpointStatus, GasPrices, Sighting
from app.domain.chains import ChainSpec
from app.domain.ports import UnavailableError


class EvmChain:
    """`urls` in order of preference. Close it with `aclose`."""

    def __init__(
        self, spec: ChainSpec, urls: Sequence[str], *, timings: Timings | None = None
    ) -> None:
        if spec.chain_id is None:
            raise ValueError(f"{spec.key}: no chain id")
        self._spec = spec
        protocol = JsonRpc(spec.chain_id)
        self._pool = RpcPool(spec.key, urls, protocol, block_time=spec.block_time, timings=timings)
        self._unknown_tags = UnknownTags()

    @property
    def spec(self) -> ChainSpec:
        return self._spec

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def check(self) -> None:
        await self._pool.check()

    def list_endpoints(self) -> list[EndpointStatus]:
        return self._pool.list_endpoints()

    async def pin(self) -> EvmReader:
        return EvmReader(self._spec, await self._pool.pin(), self._unknown_tags)

    async def find(self, tx_hash: str) -> Sighting | None:
        reader = await self.pin()
        try:
            seen = (await reader.get_sightings([tx_hash]))[tx_hash]
        except UnavailableError:
            return await _look(await reader.other(), tx_hash)
        if seen is not None:
            return seen
        # One that lags, or whose pool is its own, does not know what others do.
        try:
            return await _look(await reader.other(), tx_hash)
        except UnavailableError:
            return None

    async def get_gas_prices(self) -> GasPrices:
        return await (await self.pin()).get_gas_prices()

    async def find_by_nonce(self, sender: str, nonce: int, first: int, last: int) -> str | None:
        return await (await self.pin()).find_by_nonce(sender, nonce, first, last)


async def _look(reader: EvmReader, tx_hash: str) -> Sighting | None:
    return (await reader.get_sightings([tx_hash]))[tx_hash]
