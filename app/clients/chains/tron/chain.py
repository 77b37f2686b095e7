"""TRON as the product sees it: its endpoints together."""

from collections.abc import Sequence

from app.clients.chains.evm.node_chain import NodeChain
from app.clients.chains.rpc.timings import PoolTimings
from app.clients.chains.tron.expirations import Expirations
from app.clients.chains.tron.protocol import TronRpc
from app.clients.chains.tron.reader import TronReader
from app.domain.chain_ports import NonceUse
from app.domain.chains import ChainSpec


class RpcTronChain(NodeChain):
    _protocol = TronRpc

    def __init__(
        self, spec: ChainSpec, urls: Sequence[str], *, timings: PoolTimings | None = None
    ) -> None:
        super().__init__(spec, urls, timings=timings)
        self._expirations = Expirations()

    async def pin(self) -> TronReader:
        pinned = await self._pool.pin()
        return TronReader(self._spec, pinned, self._unknown_tags, self._expirations)

    async def find_nonce_use(
        self,
        sender: str,  # noqa: ARG002 - the port's
        nonce: int,  # noqa: ARG002
        first: int,  # noqa: ARG002
        last: int,  # noqa: ARG002
    ) -> NonceUse | None:
        return None

    async def get_energy_price(self) -> int:
        return await (await self.pin()).get_energy_price()
