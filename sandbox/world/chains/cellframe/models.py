"""What the Cellframe node remembers."""

import secrets
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Dialect = Literal["new", "old"]
NodeState = Literal["ok", "down", "lagging"]
Status = Literal["mempool", "accepted", "declined", "lost"]


class Transaction(BaseModel):
    """`lost`: was accepted, and is in the mempool again, for automatic blocks not yet there."""

    hash: str
    person_id: int
    sender: str
    to: str
    value: str
    declined: bool = False
    at: datetime
    status: Status = "mempool"
    block: int | None = None
    atom_hash: str | None = None
    waits_until: datetime | None = None


class CellframeState(BaseModel):
    """`seen_tip` is how far a lagging node has come; `calls` counts all requests."""

    seed: str = Field(default_factory=lambda: secrets.token_hex(8))
    serial: int = 0
    tip: int = 900_000
    auto_seconds: float
    dialect: Dialect = "new"
    node: NodeState = "ok"
    counts: bool = True
    seen_tip: int | None = None
    calls: int = 0
    transactions: dict[str, Transaction] = Field(default_factory=dict)
