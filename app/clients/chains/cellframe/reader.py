"""One Cellframe node for the length of a pass: transactions are asked for one by one."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Self

from app.clients.chains.cellframe.asking import Asker
from app.clients.chains.cellframe.commands import (
    check_mempool,
    is_tx_hash,
    says_not_found,
    tell_transaction,
)
from app.clients.chains.cellframe.models import MempoolModel, TransactionModel, read
from app.clients.chains.rpc.calls import RpcRefusal
from app.clients.chains.rpc.pool import Pinned
from app.domain.chain_ports import Sighting, TxDetails
from app.domain.ports import UnavailableError


class CellframeReader:
    def __init__(self, network: str, pinned: Pinned, asker: Asker) -> None:
        self._network = network
        self._pinned = pinned
        self._asker = asker

    @property
    def endpoint(self) -> str:
        return self._pinned.name

    @property
    def is_ready(self) -> bool:
        return self._pinned.is_ready

    async def other(self) -> Self:
        return type(self)(self._network, await self._pinned.other(), self._asker)

    async def get_nonces(self, senders: Sequence[str]) -> Mapping[str, int]:  # noqa: ARG002 - the port's
        """Transactions spend outputs here and have none."""
        return {}

    async def get_sightings(self, tx_hashes: Sequence[str]) -> Mapping[str, Sighting | None]:
        """What has not the shape of a hash is known to nobody, and never sent."""
        answers = await asyncio.gather(
            *(self._get_sighting(one.lower()) for one in tx_hashes), return_exceptions=True
        )
        found: dict[str, Sighting | None] = {}
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

    async def _get_sighting(self, tx_hash: str) -> Sighting | None:
        if not is_tx_hash(tx_hash):
            return None
        command = tell_transaction(self._network, tx_hash)
        answer = await self._asker.ask(self._pinned, command)
        if says_not_found(answer):
            return await self._look_into_mempool(tx_hash)
        transaction = read(TransactionModel, command.method, answer)
        if transaction.hash != tx_hash:
            raise UnavailableError(f"{command.method}: tells of another transaction")
        return transaction.to_sighting()

    async def _look_into_mempool(self, tx_hash: str) -> Sighting | None:
        """Needed with older nodes, whose history knows the chains alone."""
        command = check_mempool(self._network, tx_hash)
        answer = await self._asker.ask(self._pinned, command)
        if isinstance(answer, RpcRefusal):
            return None
        is_there = read(MempoolModel, command.method, answer).find
        return Sighting(TxDetails(), inclusion=None) if is_there else None
