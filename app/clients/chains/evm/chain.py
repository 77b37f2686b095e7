"""An EVM chain as the product sees it: its endpoints together."""

from app.clients.chains.evm.node_chain import NodeChain
from app.clients.chains.evm.reader import EvmReader
from app.domain.chain_ports import GasPrices, NonceUse


class RpcEvmChain(NodeChain):
    async def pin(self) -> EvmReader:
        return EvmReader(self._spec, await self._pool.pin(), self._unknown_tags)

    async def get_gas_prices(self) -> GasPrices:
        return await (await self.pin()).get_gas_prices()

    async def find_nonce_use(
        self, sender: str, nonce: int, first: int, last: int
    ) -> NonceUse | None:
        return await (await self.pin()).find_nonce_use(sender, nonce, first, last)
