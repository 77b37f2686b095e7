"""One endpoint of an EVM chain for the length of a pass."""

from collections.abc import Mapping, Sequence
from typing import Self, TypeVar

from pydantic import BaseModel

from app.clients.chains.evm import calls
from app.clients.chains.evm.models import (
    BlockModel,
    FeeHistoryModel,
    ReceiptModel,
    TransactionModel,
)
from app.clients.chains.evm.nonces import find_by_nonce
from app.clients.chains.evm.parsing import nonsense, read, read_quantity, require
from app.clients.chains.evm.tags import UnknownTags
from app.clients.chains.evm.transfers import get_transfers
from app.clients.chains.rpc.calls import Answer, Call, RpcRefusal
from app.clients.chains.rpc.pool import Pinned
from app.domain.chain_ports import Block, GasPrices, Heads, Inclusion, Sighting, Transfer
from app.domain.chains import ChainSpec
from app.domain.gas_prices import REWARD_PERCENTILES, compute_gas_prices

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class EvmReader:
    """Raises UnavailableError, also for an answer that makes no sense."""

    def __init__(self, spec: ChainSpec, pinned: Pinned, unknown_tags: UnknownTags) -> None:
        self._spec = spec
        self._pinned = pinned
        self._unknown_tags = unknown_tags

    @property
    def endpoint(self) -> str:
        return self._pinned.name

    async def other(self) -> Self:
        return type(self)(self._spec, await self._pinned.other(), self._unknown_tags)

    async def get_heads(self) -> Heads:
        told = ("safe", "finalized") if self._spec.tells_safe else ("finalized",)
        tags = [tag for tag in told if not self._unknown_tags.has(self.endpoint, tag)]
        asked = [calls.LATEST, *(calls.tagged(tag) for tag in tags)]
        head, *answers = await self._pinned.call_many(asked)
        latest = require(self._pinned, BlockModel, calls.LATEST, head).to_block()
        self._pinned.note_head(latest.number)
        known = {
            tag: self._read_tag(tag, answer) for tag, answer in zip(tags, answers, strict=True)
        }
        return Heads(
            latest,
            safe=_at_most(latest, known.get("safe")),
            final=_at_most(latest, known.get("finalized")),
        )

    def _read_tag(self, tag: str, answer: Answer) -> int | None:
        if answer is None or isinstance(answer, RpcRefusal):
            self._unknown_tags.add(self.endpoint, tag)
            return None
        return require(self._pinned, BlockModel, calls.tagged(tag), answer).number

    async def get_blocks(self, numbers: Sequence[int]) -> list[Block]:
        asked = [calls.block_at(number) for number in numbers]
        blocks = [found.to_block() for found in await self._get(BlockModel, asked) if found]
        if [block.number for block in blocks] != list(numbers):
            raise nonsense(self._pinned, "eth_getBlockByNumber", "lacks a block")
        return blocks

    async def get_inclusions(self, tx_hashes: Sequence[str]) -> Mapping[str, Inclusion | None]:
        asked = [calls.receipt(tx_hash) for tx_hash in tx_hashes]
        receipts = await self._get(ReceiptModel, asked)
        found = {one.transaction_hash: one.to_inclusion() for one in receipts if one}
        return self._by_hash("eth_getTransactionReceipt", tx_hashes, found)

    async def get_sightings(self, tx_hashes: Sequence[str]) -> Mapping[str, Sighting | None]:
        asked = [calls.transaction(tx_hash) for tx_hash in tx_hashes]
        known = [one for one in await self._get(TransactionModel, asked) if one]
        inclusions = await self.get_inclusions([one.hash for one in known if one.is_mined])
        # Without a receipt it stands nowhere: it is about to be mined, or was reorganised away.
        found = {one.hash: Sighting(one.to_details(), inclusions.get(one.hash)) for one in known}
        return self._by_hash("eth_getTransactionByHash", tx_hashes, found)

    async def get_nonces(self, senders: Sequence[str]) -> Mapping[str, int]:
        asked = [calls.next_nonce(sender) for sender in senders]
        answers = await self._call_many(asked)
        return {
            sender: read_quantity(self._pinned, call, answer)
            for sender, call, answer in zip(senders, asked, answers, strict=True)
        }

    async def get_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        return await get_transfers(self._pinned, tokens, recipients, first, last)

    async def get_gas_prices(self) -> GasPrices:
        asked = [calls.FEE_HISTORY, calls.GAS_PRICE]
        fees, suggested = await self._call_many(asked)
        history = require(self._pinned, FeeHistoryModel, calls.FEE_HISTORY, fees)
        return compute_gas_prices(
            history.next_base,
            history.list_rewards(len(REWARD_PERCENTILES)),
            read_quantity(self._pinned, calls.GAS_PRICE, suggested),
        )

    async def find_by_nonce(self, sender: str, nonce: int, first: int, last: int) -> str | None:
        return await find_by_nonce(self._pinned, sender, nonce, first, last)

    async def _get(self, model: type[M], asked: Sequence[Call]) -> list[M | None]:
        answers = await self._call_many(asked)
        return [
            read(self._pinned, model, call, answer)
            for call, answer in zip(asked, answers, strict=True)
        ]

    async def _call_many(self, asked: Sequence[Call]) -> list[Answer]:
        return list(await self._pinned.call_many(asked)) if asked else []

    def _by_hash(
        self, method: str, tx_hashes: Sequence[str], found: Mapping[str, T | None]
    ) -> dict[str, T | None]:
        if not found.keys() <= set(tx_hashes):
            raise nonsense(self._pinned, method, "another transaction than asked for")
        return {tx_hash: found.get(tx_hash) for tx_hash in tx_hashes}


def _at_most(latest: Block, number: int | None) -> int | None:
    """The answers of a batch may be a moment apart."""
    return None if number is None else min(number, latest.number)
