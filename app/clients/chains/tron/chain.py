"""TRON as the product sees it: its endpoints together."""

from collections.abc import Sequence

from app.clients.chains.evm.heads import UnknownTags
from app.clients.chains.evm.recipients import RecipientInspection
from app.clients.chains.pooled import PooledChain
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import PoolTimings
from app.clients.chains.tron.expirations import Expirations
from app.clients.chains.tron.protocol import TronRpc
from app.clients.chains.tron.reader import TronReader
from app.domain.chain_ports import NonceUse
from app.domain.chains import ChainSpec


class RpcTronChain(RecipientInspection, PooledChain):
    """`urls` in order of preference."""

    def __init__(
        self, spec: ChainSpec, urls: Sequence[str], *, timings: PoolTimings | None = None
    ) -> None:
        if spec.chain_id is None:
            raise ValueError(f"{spec.key}: no chain id")
        self._spec = spec
        protocol = TronRpc(spec.chain_id)
        self._pool = RpcPool(spec.key, urls, protocol, block_time=spec.block_time, timings=timings)
        self._unknown_tags = UnknownTags()
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
