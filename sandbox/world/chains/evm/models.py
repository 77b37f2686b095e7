"""What an EVM chain remembers. Amounts in the smallest unit, fees in wei for a unit of gas."""

import secrets
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from sandbox.world.chains.evm.hashes import digest

EndpointState = Literal[
    "ok",
    "lagging",
    "rate_limited",
    "forbidden",
    "overloaded",
    "html",
    "wrong_chain",
    "down",
    "no_logs",
    "lying",
]
Finality = Literal["ok", "stalled"]

BLOB_TYPE = 3
BLOB_GAS = 131_072  # of one blob
_GAS_USED = {"swap": 152_300, "nft": 84_700, "creation": 1_240_000, "batch": 131_900}
_LOGS = {"swap": 2, "nft": 1, "creation": 0, "batch": 3}


class Inclusion(BaseModel):
    """`log_index` is the first that its logs have in the block, `gas_before` used above it."""

    block_number: int
    block_hash: str
    index: int
    log_index: int
    gas_before: int
    price: int
    timestamp: int = 0


TransactionType = Literal[0, 1, 2, 3, 4]
Kind = Literal["transfer", "swap", "nft", "creation", "batch"]


class Transaction(BaseModel):
    """`person_id` is None for the traffic of strangers; `amount` is the token's.

    `type` is EIP-2718's: legacy, with an access list, dynamic fee, with blobs, setting code.
    """

    hash: str
    person_id: int | None
    sender: str
    nonce: int
    to: str
    value: int
    token: str | None = None
    amount: int = 0
    tip: int
    max_fee: int
    fails: bool = False
    type: TransactionType = 2
    kind: Kind = "transfer"
    at: datetime
    status: Literal["pending", "mined", "replaced", "dropped"] = "pending"
    replaced_by: str | None = None
    inclusion: Inclusion | None = None

    @property
    def gas_limit(self) -> int:
        return 2 * self.gas_used if self.kind != "transfer" else self._limit_of_a_transfer

    @property
    def _limit_of_a_transfer(self) -> int:
        return 90_000 if self.token or self.fails else 21_000

    @property
    def gas_used(self) -> int:
        if self.fails:
            return 28_417
        if self.kind != "transfer":
            return _GAS_USED[self.kind]
        return 46_109 if self.token else 21_000

    @property
    def blob_gas_used(self) -> int:
        return BLOB_GAS if self.type == BLOB_TYPE else 0

    @property
    def logs_count(self) -> int:
        if self.fails:
            return 0
        return _LOGS[self.kind] if self.kind != "transfer" else int(self.token is not None)


class Block(BaseModel):
    number: int
    hash: str
    parent_hash: str
    timestamp: int
    base_fee: int
    gas_used: int
    hashes: list[str]


class Endpoint(BaseModel):
    """`calls` counts every item of a batch, `requests` the batch as one."""

    state: EndpointState = "ok"
    batch_limit: int = 100
    calls: int = 0
    requests: int = 0


class Depths(BaseModel):
    safe: int
    final: int


class EvmState(BaseModel):
    """`seed` and `serial` make hashes that no other chain has; `stalled` holds a stalled finality.

    `blocks` are in order and without a gap; `orphans` were in the chain once.
    """

    seed: str = Field(default_factory=lambda: secrets.token_hex(8))
    serial: int = 0
    auto_seconds: float
    base_fee: int
    stalled: Depths | None = None
    blocks: list[Block] = Field(default_factory=list)
    orphans: dict[str, Block] = Field(default_factory=dict)
    transactions: dict[str, Transaction] = Field(default_factory=dict)
    traffic: dict[str, Transaction] = Field(default_factory=dict)
    nonces: dict[str, int] = Field(default_factory=dict)
    frozen: list[str] = Field(default_factory=list)  # addresses on the tokens' blacklists
    endpoints: dict[str, Endpoint] = Field(
        default_factory=lambda: {"1": Endpoint(), "2": Endpoint()}
    )

    def new_hash(self, *words: object) -> str:
        self.serial += 1
        return digest(self.seed, self.serial, *words)
