"""An EVM chain as the product sees it: its endpoints together."""

from collections.abc import Sequence

from app.clients.chains.evm.heads import UnknownTags
from app.clients.chains.evm.reader import EvmReader
from app.clients.chains.evm.recipients import RecipientInspection
from app.clients.chains.pooled import PooledChain
from app.clients.chains.rpc.jsonrpc import JsonRpc
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import PoolTimings
from app.domain.chain_ports import GasPrices, NonceUse
from app.domain.chains import ChainSpec


class RpcEvmChain(RecipientInspection, PooledChain):
    """`urls` in order of preference."""

    def __init__(
        self, spec: ChainSpec, urls: Sequence[str], *, timings: PoolTimings | None = None
    ) -> None:
        if spec.chain_id is None:
            raise ValueError(f"{spec.key}: no chain id")
        self._spec = spec
        protocol = JsonRpc(spec.chain_id)
        self._pool = RpcPool(spec.key, urls, protocol, block_time=spec.block_time, timings=timings)
        self._unknown_tags = UnknownTags()

    async def pin(self) -> EvmReader:
        return EvmReader(self._spec, await self._pool.pin(), self._unknown_tags)

    async def get_gas_prices(self) -> GasPrices:
        return await (await self.pin()).get_gas_prices()

    async def find_nonce_use(
        self, sender: str, nonce: int, first: int, last: int
    ) -> NonceUse | None:
        return await (await self.pin()).find_nonce_use(sender, nonce, first, last)
