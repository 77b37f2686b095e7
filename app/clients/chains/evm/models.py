"""What nodes answer, whatever else they add to it: https://ethereum.github.io/execution-apis/.

Hashes and addresses come in any case; inside, both are lower case.
"""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from app.clients.chains.rpc.jsonrpc import MAX_COUNT, parse_quantity
from app.domain.chain_ports import (
    COIN,
    COIN_INDEX,
    Block,
    CoinBlock,
    Transfer,
    TxDetails,
)

# The Keccak hash of what ERC-20 calls it: Transfer(address,address,uint256)
TRANSFER_TOPIC: Final = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_HEX: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")
_TRANSFER_TOPICS: Final = 3
_WORD_CHARACTERS: Final = 66  # 0x and 32 bytes
_ADDRESS_CHARACTERS: Final = 40


def _lower(value: JsonValue) -> JsonValue:
    return value.lower() if isinstance(value, str) else value


Quantity = Annotated[int, BeforeValidator(parse_quantity), Field(lt=1 << 256)]
Count = Annotated[Quantity, Field(le=MAX_COUNT)]
# Far above what is true, and products of it with a Count fit our columns.
GasPrice = Annotated[Quantity, Field(lt=1 << 128)]
_Instant = Annotated[Quantity, Field(lt=253_402_300_800)]  # the year 10000
Hash = Annotated[str, BeforeValidator(_lower), Field(pattern=r"^0x[0-9a-f]{64}$")]
_Address = Annotated[str, BeforeValidator(_lower), Field(pattern=r"^0x[0-9a-f]{40}$")]


class EvmModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class _Transaction(EvmModel):
    """Types of L2s may lack what those of Ethereum have: 0x7e and 0x7d of Base the nonce."""

    hash: Hash
    sender: Annotated[_Address, Field(alias="from")]
    nonce: Count | None = None
    to: _Address | None = None
    value: Quantity | None = None


class _Authorization(EvmModel):
    """Of EIP-7702; `chain_id` 0: of any chain. Void ones stand in blocks too, with any numbers."""

    chain_id: Quantity
    nonce: Quantity


class _FullTransaction(_Transaction):
    authorization_list: Sequence[_Authorization] | None = None


class FullBlockModel(EvmModel):
    """Asked for with its transactions in full; of each only what shows which nonces it uses."""

    transactions: Sequence[_FullTransaction]


class CoinBlockModel(EvmModel):
    """Asked for with its transactions in full; of each only what shows which coins it moves."""

    number: Count
    hash: Hash
    parent_hash: Hash
    transactions: Sequence[_Transaction]

    def to_block(self, recipients: Collection[str]) -> CoinBlock:
        transfers = [
            Transfer(
                tx_hash=one.hash,
                log_index=COIN_INDEX,
                block_number=self.number,
                block_hash=self.hash,
                token=COIN,
                sender=one.sender,
                recipient=one.to,
                amount=one.value,
            )
            for one in self.transactions
            if one.to is not None and one.to in recipients and one.value
        ]
        return CoinBlock(self.hash, self.parent_hash, tuple(transfers))


class BlockModel(EvmModel):
    """Asked for with hashes only."""

    number: Count
    hash: Hash
    parent_hash: Hash
    timestamp: _Instant
    transactions: Sequence[Hash]

    def to_block(self) -> Block:
        at = datetime.fromtimestamp(self.timestamp, UTC)
        return Block(self.number, self.hash, self.parent_hash, at, tuple(self.transactions))


class EvmTransactionModel(_Transaction):
    gas: Count | None = None
    gas_price: GasPrice | None = None
    max_fee_per_gas: GasPrice | None = None
    block_hash: Hash | None = None  # null while it waits in the pool
    block_number: Count | None = None

    @property
    def is_mined(self) -> bool:
        return self.block_hash is not None and self.block_number is not None

    def to_details(self) -> TxDetails:
        # Once it is mined, `gasPrice` is what was paid; only the older kinds have no maximum.
        most = self.gas_price if self.max_fee_per_gas is None else self.max_fee_per_gas
        return TxDetails(
            sender=self.sender,
            nonce=self.nonce,
            recipient=self.to,
            value=self.value,
            gas_limit=self.gas,
            max_fee_per_gas=most,
        )


class LogModel(EvmModel):
    address: _Address
    topics: Sequence[Hash]
    data: str
    transaction_hash: Hash | None = None
    log_index: Count | None = None
    block_hash: Hash | None = None
    block_number: Count | None = None
    removed: bool = False

    def to_transfer(self) -> Transfer | None:
        """None for what is no ERC-20 transfer of a block: NFTs use the same topic, with an id."""
        if (
            self.removed
            or self.transaction_hash is None
            or self.log_index is None
            or self.block_hash is None
            or self.block_number is None
            or len(self.topics) != _TRANSFER_TOPICS
            or self.topics[0] != TRANSFER_TOPIC
            or len(self.data) != _WORD_CHARACTERS
            or not _HEX.fullmatch(self.data)
        ):
            return None
        return Transfer(
            tx_hash=self.transaction_hash,
            log_index=self.log_index,
            block_number=self.block_number,
            block_hash=self.block_hash,
            token=self.address,
            sender=_to_address(self.topics[1]),
            recipient=_to_address(self.topics[2]),
            amount=int(self.data, 16),
        )


class FeeHistoryModel(EvmModel):
    """`reward` has a row a block, the percentiles asked for in each."""

    base_fee_per_gas: Sequence[GasPrice] = ()
    gas_used_ratio: Sequence[float] = ()
    reward: Sequence[Sequence[GasPrice]] | None = None

    @property
    def next_base(self) -> int:
        """The last one is the next block's."""
        return self.base_fee_per_gas[-1] if self.base_fee_per_gas else 0

    def list_rewards(self, percentiles: int) -> list[Sequence[int]]:
        """Of blocks with something in them: an empty one's rewards are zeros."""
        rows = zip(self.gas_used_ratio, self.reward or (), strict=False)
        return [row for used, row in rows if used > 0 and len(row) == percentiles]


def to_topic(address: str) -> str:
    return f"0x{address.removeprefix('0x').lower():0>64}"


def _to_address(topic: str) -> str:
    return f"0x{topic[-_ADDRESS_CHARACTERS:]}"
