"""One endpoint of an EVM chain for the length of a pass."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Self, TypeVar

from pydantic import BaseModel

from app.clients.chains.evm import calls
from app.clients.chains.evm.fallback import ask_with_fallback, is_refusal
from app.clients.chains.evm.heads import UnknownTags, get_heads, list_tagged_elsewhere
from app.clients.chains.evm.models import (
    BlockModel,
    CoinBlockModel,
    EvmTransactionModel,
    FeeHistoryModel,
)
from app.clients.chains.evm.nonces import SenderNonce, find_nonce_use
from app.clients.chains.evm.own_logs import find_sample_transfer, get_receipt_transfers
from app.clients.chains.evm.parsing import (
    parse_answer,
    parse_count,
    parse_gas_price,
    report_invalid_answer,
    require_answer,
)
from app.clients.chains.evm.receipts import ReceiptModel
from app.clients.chains.evm.transfers import get_own_transfers, get_transfers
from app.clients.chains.rpc.calls import RpcAnswer, RpcCall
from app.clients.chains.rpc.pool import Pinned
from app.domain.chain_ports import (
    Block,
    CoinBlock,
    GasPrices,
    Heads,
    Inclusion,
    NodeTx,
    NonceUse,
    ReceiptTransfers,
    Transfer,
)
from app.domain.chains import ChainSpec
from app.domain.gas_prices import REWARD_PERCENTILES, compute_gas_prices
from app.domain.ports import UnavailableError

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class EvmReader:
    """Raises UnavailableError, also for an answer that makes no sense."""

    _transactions: ClassVar[type[EvmTransactionModel]] = EvmTransactionModel
    _receipts: ClassVar[type[ReceiptModel]] = ReceiptModel

    def __init__(self, spec: ChainSpec, pinned: Pinned, unknown_tags: UnknownTags) -> None:
        self._spec = spec
        self._pinned = pinned
        self._unknown_tags = unknown_tags
        self._has_refused_logs = False

    @property
    def endpoint(self) -> str:
        return self._pinned.name

    @property
    def is_ready(self) -> bool:
        return self._pinned.is_ready

    async def other(self) -> Self:
        return type(self)(self._spec, await self._pinned.other(), self._unknown_tags)

    async def list_others(self) -> list[Self]:
        others = await self._pinned.find_others()
        return [type(self)(self._spec, one, self._unknown_tags) for one in others]

    async def get_heads(self) -> Heads:
        return await get_heads(
            self._pinned, self._unknown_tags, has_safe_tag=self._spec.has_safe_tag
        )

    async def list_finals_elsewhere(self) -> list[Block]:
        return await list_tagged_elsewhere(self._pinned, "finalized")

    async def list_safes_elsewhere(self) -> list[Block]:
        return await list_tagged_elsewhere(self._pinned, "safe")

    async def get_blocks(self, numbers: Sequence[int]) -> list[Block]:
        asked = [calls.make_block_call(number) for number in numbers]
        blocks = [found for found in await self._get(BlockModel, asked) if found]
        self._require_numbers(blocks, numbers)
        return [block.to_block() for block in blocks]

    def _require_numbers(
        self, blocks: Sequence[BlockModel | CoinBlockModel], numbers: Sequence[int]
    ) -> None:
        if [block.number for block in blocks] != list(numbers):
            raise report_invalid_answer(self._pinned, "eth_getBlockByNumber", "lacks a block")

    async def get_inclusions(self, tx_hashes: Sequence[str]) -> Mapping[str, Inclusion | None]:
        receipts = await self._get_receipts(tx_hashes)
        return {tx_hash: one.to_inclusion() if one else None for tx_hash, one in receipts.items()}

    async def _get_receipts(self, tx_hashes: Sequence[str]) -> Mapping[str, ReceiptModel | None]:
        return await self._get_each(self._receipts, _of_each(tx_hashes, calls.make_receipt_call))

    async def get_node_txs(self, tx_hashes: Sequence[str]) -> Mapping[str, NodeTx | None]:
        known = await self._get_each(
            self._transactions, _of_each(tx_hashes, calls.make_transaction_call)
        )
        mined = [tx_hash for tx_hash, one in known.items() if one and one.is_mined]
        receipts = await self._get_receipts_of(mined, is_all=len(mined) == len(known))
        found: dict[str, NodeTx | None] = {}
        for tx_hash, one in known.items():
            if one is None:
                found[tx_hash] = None
            elif not one.is_mined:
                found[tx_hash] = NodeTx(one.to_details(), None)
            elif tx_hash in receipts:
                # Without a receipt it is late, or was reorganised away: the block says which.
                receipt = receipts[tx_hash]
                inclusion = receipt.to_inclusion(one.gas_price) if receipt else None
                found[tx_hash] = NodeTx(one.to_details(), inclusion)
        return found

    async def _get_receipts_of(
        self, mined: Sequence[str], *, is_all: bool
    ) -> Mapping[str, ReceiptModel | None]:
        try:
            return await self._get_receipts(mined)
        except UnavailableError:
            if is_all:
                raise
            return {}

    async def get_nonces(self, senders: Sequence[str]) -> Mapping[str, int]:
        asked = _of_each(senders, calls.make_nonce_call)
        return await self._read_each(
            asked, lambda call, answer: parse_count(self._pinned, call, answer)
        )

    async def get_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        return await get_transfers(self._pinned, tokens, recipients, first, last)

    async def get_own_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        try:
            return await get_own_transfers(self._pinned, tokens, recipients, first, last)
        except UnavailableError as error:
            self._has_refused_logs = is_refusal(error)
            raise

    def note_answered_elsewhere(self) -> None:
        if self._has_refused_logs:
            self._pinned.note_refusal(calls.GET_LOGS)

    async def get_receipt_transfers(
        self, tx_hashes: Sequence[str]
    ) -> Mapping[str, ReceiptTransfers]:
        return await get_receipt_transfers(self._pinned, tx_hashes)

    async def has_log_index(self, tokens: Sequence[str], number: int) -> bool | None:
        sample = await find_sample_transfer(self._pinned, tokens, number)
        if sample is None:
            return None
        return sample in await self.get_own_transfers(tokens, [sample.recipient], number, number)

    async def get_coin_blocks(
        self, recipients: Sequence[str], numbers: Sequence[int]
    ) -> list[CoinBlock]:
        asked = [calls.make_full_block_call(number) for number in numbers]
        blocks = [found for found in await self._get(CoinBlockModel, asked) if found]
        self._require_numbers(blocks, numbers)
        wanted = {recipient.lower() for recipient in recipients}
        return [block.to_block(wanted) for block in blocks]

    async def get_gas_prices(self) -> GasPrices:
        return await ask_with_fallback(self._pinned, _get_gas_prices)

    async def find_nonce_use(
        self, sender: str, nonce: int, first: int, last: int
    ) -> NonceUse | None:
        wanted = SenderNonce(self._spec.chain_id, sender.lower(), nonce)
        return await find_nonce_use(self._pinned, wanted, first, last)

    async def _get_each(self, model: type[M], asked: Mapping[str, RpcCall]) -> dict[str, M | None]:
        def read_own(call: RpcCall, answer: RpcAnswer) -> M | None:
            found = parse_answer(self._pinned, model, call, answer)
            if found is not None and _hash_of(found) != call.params[0]:
                raise report_invalid_answer(
                    self._pinned, call.method, "another transaction than asked for"
                )
            return found

        return await self._read_each(asked, read_own)

    async def _read_each(
        self, asked: Mapping[str, RpcCall], read_one: Callable[[RpcCall, RpcAnswer], T]
    ) -> dict[str, T]:
        """Without those that got no answer, or none that can be read: that is theirs alone.

        Raises UnavailableError where there is an answer for none.
        """
        if not asked:
            return {}
        calls_, found, errors = list(asked.values()), dict[str, T](), list[UnavailableError]()
        answers = await self._pinned.call_each(calls_)
        for index, (key, call) in enumerate(asked.items()):
            if index in answers:
                try:
                    found[key] = read_one(call, answers[index])
                except UnavailableError as error:
                    errors.append(error)
        if errors and not found:
            raise errors[0]
        return found

    async def _get(self, model: type[M], asked: Sequence[RpcCall]) -> list[M | None]:
        answers = await self._call_many(asked)
        return [
            parse_answer(self._pinned, model, call, answer)
            for call, answer in zip(asked, answers, strict=True)
        ]

    async def _call_many(self, asked: Sequence[RpcCall]) -> list[RpcAnswer]:
        return list(await self._pinned.call_many(asked)) if asked else []


def _of_each(keys: Sequence[str], to_call: Callable[[str], RpcCall]) -> dict[str, RpcCall]:
    return {key: to_call(key) for key in keys}


def _hash_of(found: BaseModel) -> str:
    return found.transaction_hash if isinstance(found, ReceiptModel) else getattr(found, "hash", "")


async def _get_gas_prices(pinned: Pinned) -> GasPrices:
    fees, suggested = await pinned.call_many([calls.FEE_HISTORY, calls.GAS_PRICE])
    history = require_answer(pinned, FeeHistoryModel, calls.FEE_HISTORY, fees)
    return compute_gas_prices(
        history.next_base,
        history.list_rewards(len(REWARD_PERCENTILES)),
        parse_gas_price(pinned, calls.GAS_PRICE, suggested),
    )
