"""What an EVM chain remembers. Amounts in the smallest unit, fees in wei for a unit of gas."""

import secrets
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

EndpointState = Literal["ok", "lagging", "rate_limited", "html", "wrong_chain", "down"]
Finality = Literal["ok", "stalled"]


class Inclusion(BaseModel):
    """`log_index` is the first that its logs have in the block, `gas_before` used above it."""

    block_number: int
    block_hash: str
    index: int
    log_index: int
    gas_before: int
    price: int


class Transaction(BaseModel):
    """`person_id` is None for the traffic of strangers; `amount` is the token's."""

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
    at: datetime
    status: Literal["pending", "mined", "replaced", "dropped"] = "pending"
    replaced_by: str | None = None
    inclusion: Inclusion | None = None

    @property
    def gas_limit(self) -> int:
        return 90_000 if self.token or self.fails else 21_000

    @property
    def gas_used(self) -> int:
        if self.fails:
            return 28_417
        return 46_109 if self.token else 21_000

    @property
    def logs_count(self) -> int:
        return 1 if self.token and not self.fails else 0


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
    endpoints: dict[str, Endpoint] = Field(
        default_factory=lambda: {"1": Endpoint(), "2": Endpoint()}
    )
