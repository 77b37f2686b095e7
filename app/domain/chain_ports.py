"""A blockchain as the product sees it; `clients/chains` implements these.

All raise UnavailableError when no endpoint answers, and nothing else is expected of a chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, Self, runtime_checkable

from app.domain.chains import ChainSpec


@dataclass(frozen=True, slots=True)
class Block:
    number: int
    hash: str
    parent_hash: str
    at: datetime
    tx_hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heads:
    """`safe` and `final` are block numbers; None where the node does not know the tag.

    `final_at` is the final block's own time.
    """

    latest: Block
    safe: int | None
    final: int | None
    final_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where a transaction stands. Cellframe: `block_hash` is the atom's, and no block number."""

    block_hash: str
    succeeded: bool | None  # None: its block does not say, as none did before EIP-658
    block_number: int | None = None
    gas_used: int | None = None
    fee: int | None = None  # in the coin's smallest unit
    confirmations: int | None = None  # as the node counts; EVM nodes don't
    reason: str | None = None  # why it failed, in the node's words


@dataclass(frozen=True, slots=True)
class TxDetails:
    """What the transaction itself says. Amounts in the coin's smallest unit."""

    sender: str | None = None
    nonce: int | None = None
    recipient: str | None = None  # None: makes a contract
    value: int | None = None
    gas_limit: int | None = None
    max_fee_per_gas: int | None = None  # the most it pays for a unit of gas
    action: str | None = None  # Cellframe's tag of it
    expires_at: datetime | None = None  # of TRON: no block after that can have it


@dataclass(frozen=True, slots=True)
class NodeTx:
    """A transaction that a node knows: in its pool as long as there is no inclusion."""

    details: TxDetails
    inclusion: Inclusion | None


@dataclass(frozen=True, slots=True)
class NonceUse:
    """What used up a nonce: its sender's transaction, or, without one, an authorization.

    https://eips.ethereum.org/EIPS/eip-7702: it may stand in a transaction of any sender's.
    """

    tx_hash: str | None


class ChainReader(Protocol):
    """One endpoint, for the length of a pass: all its answers are of one view of the chain."""

    @property
    def endpoint(self) -> str:
        """Its name, without a key."""
        ...

    @property
    def is_ready(self) -> bool:
        """As it says itself. While it synchronises, nothing bad is believed, and nothing ends."""
        ...

    async def get_node_txs(self, tx_hashes: Sequence[str]) -> Mapping[str, NodeTx | None]:
        """None: this node knows no such transaction; missing: it gave no answer.

        Raises UnavailableError where it answers for none: one's failure is its own.
        """
        ...

    async def get_nonces(self, senders: Sequence[str]) -> Mapping[str, int]:
        """Of each, the next nonce at the head: all below are used up. Empty where none exist.

        What it does not answer is missing; UnavailableError where it answers for none.
        """
        ...

    async def other(self) -> Self:
        """A second witness: another endpoint, or the same where only one is configured."""
        ...


class BlockReader(ChainReader, Protocol):
    async def get_heads(self) -> Heads: ...

    async def list_finals_elsewhere(self) -> list[Block]:
        """What other endpoints in good health call final, as far as they answer; never raises."""
        ...

    async def list_safes_elsewhere(self) -> list[Block]:
        """Likewise what they call safe."""
        ...

    async def get_blocks(self, numbers: Sequence[int]) -> list[Block]:
        """In the order asked for; UnavailableError when the node lacks one."""
        ...

    async def get_inclusions(self, tx_hashes: Sequence[str]) -> Mapping[str, Inclusion | None]:
        """By receipt: None is unknown or pending; missing, and raises, as `get_node_txs`."""
        ...

    async def get_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list["Transfer"]:
        """ERC-20 (TRC-20) transfers to any of the recipients, in these blocks, both included."""
        ...

    async def list_others(self) -> list[Self]:
        """All other endpoints that are fit to testify, the best first."""
        ...

    async def get_own_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list["Transfer"]:
        """As `get_transfers`, but never by another endpoint: its word is to be compared."""
        ...

    def note_answered_elsewhere(self) -> None:
        """Another endpoint served the logs that this one may have refused: it is left alone."""
        ...

    async def get_receipt_transfers(
        self, tx_hashes: Sequence[str]
    ) -> Mapping[str, "ReceiptTransfers"]:
        """Of each, what its receipt says. UnavailableError where one is missing."""
        ...

    async def has_log_index(self, tokens: Sequence[str], number: int) -> bool | None:
        """Whether a transfer that stands in this final block is found by its recipient.

        None: the block has none of these tokens, so that nothing is known.
        """
        ...

    async def get_coin_blocks(
        self, recipients: Sequence[str], numbers: Sequence[int]
    ) -> list["CoinBlock"]:
        """In the order asked for; UnavailableError when the node lacks one."""
        ...


COIN: Final = ""
"""Stands where a token's contract does, for the chain's own coin."""
COIN_INDEX: Final = -1
"""A transaction moves its own coins before it leaves a log."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount` in the token's smallest unit; addresses in lower case."""

    tx_hash: str
    log_index: int
    block_number: int
    block_hash: str
    token: str
    sender: str
    recipient: str
    amount: int


@dataclass(frozen=True, slots=True)
class ReceiptTransfers:
    """A transaction's ERC-20 transfers; `first_log_index`: in its block, of all its logs."""

    block_hash: str
    succeeded: bool
    first_log_index: int
    transfers: frozenset[Transfer]


@dataclass(frozen=True, slots=True)
class CoinBlock:
    """`transfers`: what its transactions themselves send, whether or not they succeeded."""

    hash: str
    parent_hash: str
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class GasPrices:
    """Wei for a unit of gas: what a transaction of low, normal, fast pace is likely to pay."""

    low: int
    normal: int
    fast: int
    base: int  # of the next block; 0 where the chain has none


@dataclass(frozen=True, slots=True)
class NetworkFee:
    """Of a Cellframe transaction, in its smallest unit."""

    network: int
    validator: int


@dataclass(frozen=True, slots=True)
class EndpointStatus:
    """For the operator; `name` holds no key."""

    name: str
    head: int | None
    lag: int | None  # blocks behind the best head
    latency_ms: int | None
    failures: int  # in a row
    batch: int  # the most it takes in one request, as far as learned
    state: str  # ok, lagging, open, half_open, cooling, billing, wrong_chain, unknown
    state_until: datetime | None = None
    last_error: str | None = None


class Chain(Protocol):
    @property
    def spec(self) -> ChainSpec: ...

    async def find(self, tx_hash: str) -> NodeTx | None:
        """For a user who waits: None only when an endpoint says that it knows none."""
        ...

    async def check(self) -> None:
        """Raise when no endpoint is of use."""
        ...

    def list_endpoints(self) -> list[EndpointStatus]: ...

    async def aclose(self) -> None: ...


class BlockChain(Chain, Protocol):
    """One whose blocks are followed."""

    async def pin(self) -> BlockReader: ...

    async def find_nonce_use(
        self, sender: str, nonce: int, first: int, last: int
    ) -> NonceUse | None:
        """What used this nonce in these blocks, where a node knows; None where none exist."""
        ...


class EvmChain(BlockChain, Protocol):
    async def get_gas_prices(self) -> GasPrices: ...


class TronChain(BlockChain, Protocol):
    async def get_energy_price(self) -> int:
        """In sun, for a unit of energy that is not covered by a stake."""
        ...


@dataclass(frozen=True, slots=True)
class RecipientFacts:
    """Of an address to be paid at. By contract, `balances` in smallest units, and `decimals`.

    `frozen_by`: contracts that keep for ever what arrives there.
    """

    is_contract: bool
    balances: Mapping[str, int]
    decimals: Mapping[str, int]
    frozen_by: frozenset[str]


@runtime_checkable
class RecipientInspector(Protocol):
    """Of a chain whose nodes run the calls of contracts."""

    async def inspect_recipient(
        self, address: str, tokens: Sequence[str], blacklists: Mapping[str, str]
    ) -> RecipientFacts:
        """`blacklists`: by contract, the selector of the call that says whom it has frozen."""
        ...


class PolledChain(Chain, Protocol):
    async def pin(self) -> ChainReader: ...

    async def get_network_fee(self) -> NetworkFee: ...
