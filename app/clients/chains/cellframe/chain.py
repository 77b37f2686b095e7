"""Cellframe as the product sees it: its gateways together."""

from collections.abc import Sequence
from dataclasses import replace

from app.clients.chains.cellframe.asking import Asker
from app.clients.chains.cellframe.commands import get_fee
from app.clients.chains.cellframe.models import FeesModel, read
from app.clients.chains.cellframe.protocol import CellframeProtocol
from app.clients.chains.cellframe.reader import CellframeReader
from app.clients.chains.pooled import PooledChain
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import Timings
from app.domain.chain_ports import EndpointStatus, NetworkFee
from app.domain.chains import ChainSpec


class CellframeChain(PooledChain):
    """`urls` in order of preference."""

    def __init__(
        self, spec: ChainSpec, urls: Sequence[str], *, timings: Timings | None = None
    ) -> None:
        self._spec = spec
        self._protocol = CellframeProtocol(spec.network)
        self._asker = Asker(self._protocol)
        self._pool = RpcPool(
            spec.key, urls, self._protocol, block_time=spec.block_time, timings=timings
        )

    def list_endpoints(self) -> list[EndpointStatus]:
        """A lonely node is compared with what it says of its network."""
        endpoints = super().list_endpoints()
        if len(endpoints) > 1 or not self._protocol.behind:
            return endpoints
        return [
            replace(one, lag=self._protocol.behind, state="lagging")
            if one.state in {"ok", "lagging"}
            else one
            for one in endpoints
        ]

    async def pin(self) -> CellframeReader:
        return CellframeReader(self._spec.network, await self._pool.pin(), self._asker)

    async def get_network_fee(self) -> NetworkFee:
        command = get_fee(self._spec.network)
        answer = await self._asker.ask(self._pool, command)
        return read(FeesModel, command.method, answer).to_network_fee()
