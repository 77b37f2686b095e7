"""One Cellframe node for the length of a pass: transactions are asked for one by one."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Self

from app.clients.chains.cellframe.command_client import CommandClient
from app.clients.chains.cellframe.commands import (
    is_not_found,
    is_tx_hash,
    make_mempool_command,
    make_tx_history_command,
)
from app.clients.chains.cellframe.models import (
    CellframeTransactionModel,
    MempoolModel,
    parse_cellframe_answer,
)
from app.clients.chains.rpc.calls import RpcRefusal
from app.clients.chains.rpc.pool import Pinned
from app.domain.chain_ports import NodeTx, TxDetails
from app.domain.ports import UnavailableError


class CellframeReader:
    def __init__(self, network: str, pinned: Pinned, client: CommandClient) -> None:
        self._network = network
        self._pinned = pinned
        self._client = client

    @property
    def endpoint(self) -> str:
        return self._pinned.name

    @property
    def is_ready(self) -> bool:
        return self._pinned.is_ready

    async def other(self) -> Self:
        return type(self)(self._network, await self._pinned.other(), self._client)

    async def get_nonces(self, senders: Sequence[str]) -> Mapping[str, int]:  # noqa: ARG002 - the port's
        """Transactions spend outputs here and have none."""
        return {}

    async def get_node_txs(self, tx_hashes: Sequence[str]) -> Mapping[str, NodeTx | None]:
        """What has not the shape of a hash is known to nobody, and never sent."""
        answers = await asyncio.gather(
            *(self._get_node_tx(one.lower()) for one in tx_hashes), return_exceptions=True
        )
        found: dict[str, NodeTx | None] = {}
        errors: list[UnavailableError] = []
        for tx_hash, answer in zip(tx_hashes, answers, strict=True):
            if isinstance(answer, UnavailableError):
                errors.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found[tx_hash] = answer
        if errors and not found:
            raise errors[0]
        return found

    async def _get_node_tx(self, tx_hash: str) -> NodeTx | None:
        if not is_tx_hash(tx_hash):
            return None
        command = make_tx_history_command(self._network, tx_hash)
        answer = await self._client.ask(self._pinned, command)
        if is_not_found(answer):
            return await self._look_up_mempool(tx_hash)
        transaction = parse_cellframe_answer(CellframeTransactionModel, command.method, answer)
        if transaction.hash != tx_hash:
            raise UnavailableError(f"{command.method}: tells of another transaction")
        return transaction.to_node_tx()

    async def _look_up_mempool(self, tx_hash: str) -> NodeTx | None:
        """Needed with older nodes, whose history knows the chains alone."""
        command = make_mempool_command(self._network, tx_hash)
        answer = await self._client.ask(self._pinned, command)
        if isinstance(answer, RpcRefusal):
            return None
        is_there = parse_cellframe_answer(MempoolModel, command.method, answer).find
        return NodeTx(TxDetails(), inclusion=None) if is_there else None
