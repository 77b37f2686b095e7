"""Cellframe as the product sees it: its gateways together."""

from collections.abc import Sequence
from dataclasses import replace

from app.clients.chains.cellframe.command_client import CommandClient
from app.clients.chains.cellframe.commands import make_fee_command
from app.clients.chains.cellframe.models import FeesModel, parse_cellframe_answer
from app.clients.chains.cellframe.protocol import CellframeProtocol
from app.clients.chains.cellframe.reader import CellframeReader
from app.clients.chains.pooled import PooledChain
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import PoolTimings
from app.domain.chain_ports import EndpointStatus, NetworkFee
from app.domain.chains import ChainSpec


class CellframeChain(PooledChain):
    """`urls` in order of preference."""

    def __init__(
        self, spec: ChainSpec, urls: Sequence[str], *, timings: PoolTimings | None = None
    ) -> None:
        self._spec = spec
        self._protocol = CellframeProtocol(spec.network)
        self._client = CommandClient(self._protocol)
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
        return CellframeReader(self._spec.network, await self._pool.pin(), self._client)

    async def get_network_fee(self) -> NetworkFee:
        command = make_fee_command(self._spec.network)
        answer = await self._client.ask(self._pool, command)
        return parse_cellframe_answer(FeesModel, command.method, answer).to_network_fee()
