"""One EVM chain of the world: its ledger, its pace, and how the page sees it."""

import math
import time
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property

from sandbox.world.chains.evm.ledger import Ledger
from sandbox.world.chains.evm.models import EvmState, Finality, Transaction
from sandbox.world.chains.evm.spec import GWEI, EvmSpec
from sandbox.world.clock import WorldClock, iso
from sandbox.world.json_types import JsonObject

_MOST_SHOWN = 30
_BLOCKS_IN_A_SNAPSHOT = 300
_MOST_BLOCKS_A_TICK = 20


class EvmChain:
    """Code that changes the ledger calls `touch` after it."""

    def __init__(
        self, spec: EvmSpec, clock: WorldClock, snapshot: JsonObject | None, *, mines: bool
    ) -> None:
        pace = spec.auto_seconds if mines else 0
        fresh = {"auto_seconds": pace, "base_fee": spec.base_fee}
        self.spec = spec
        self.state = EvmState.model_validate(snapshot or fresh)
        self._clock = clock
        self._revision = 0
        self._next_block_at: float | None = None

    @cached_property
    def ledger(self) -> Ledger:
        """Made when first asked for: its past takes longer to make than the rest of the world."""
        return Ledger(self.spec, self.state, self._clock)

    @property
    def revision(self) -> int:
        return self._revision

    def touch(self) -> None:
        self._revision += 1

    def mine(self, blocks: int) -> None:
        for _ in range(blocks):
            self.ledger.mine()
        self.touch()

    def tick(self) -> None:
        pace, now = self.state.auto_seconds, time.monotonic()
        if not pace:
            self._next_block_at = None
            return
        if self._next_block_at is None:
            self._next_block_at = now + pace
        due = math.floor((now - self._next_block_at) / pace) + 1
        if due > 0:
            self.mine(min(due, _MOST_BLOCKS_A_TICK))
            self._next_block_at += due * pace

    def set_pace(self, auto_seconds: float) -> None:
        """0 stops it."""
        self.state.auto_seconds = auto_seconds
        self._next_block_at = None
        self.touch()

    def set_finality(self, finality: Finality) -> None:
        self.state.stalled = None if finality == "ok" else self.ledger.depths
        self.touch()

    def set_base_fee(self, base_fee: int) -> None:
        """From the next block on."""
        self.state.base_fee = base_fee
        self.touch()

    def snapshot(self) -> JsonObject:
        """The last blocks only: nobody looks further back after a restart."""
        blocks = self.state.blocks[-_BLOCKS_IN_A_SNAPSHOT:]
        traffic = {
            one.hash: one
            for block in blocks
            for tx_hash in block.hashes
            if (one := self.state.traffic.get(tx_hash))
        }
        kept = self.state.model_copy(update={"blocks": blocks, "traffic": traffic})
        return kept.model_dump(mode="json")

    def view(self) -> JsonObject:
        ledger, spec, state = self.ledger, self.spec, self.state
        head, depths = ledger.head, ledger.depths
        mined_at = datetime.fromtimestamp(head.timestamp, UTC)
        newest = list(reversed(state.transactions.values()))[:_MOST_SHOWN]
        return {
            "key": spec.key,
            "title": spec.title,
            "coin": spec.coin,
            "kind": spec.family,
            "chain_id": spec.chain_id,
            "head": {"number": head.number, "hash": head.hash, "at": iso(mined_at)},
            "safe": depths.safe,
            "final": depths.final,
            "auto_seconds": state.auto_seconds,
            "finality": "stalled" if state.stalled else "ok",
            "base_fee_gwei": float(Decimal(ledger.next_base_fee) / GWEI),
            "pending": len(ledger.list_pool()),
            "transactions": [self._view_of(one) for one in newest],
            "endpoints": {name: one.model_dump() for name, one in state.endpoints.items()},
        }

    def _view_of(self, transaction: Transaction) -> JsonObject:
        token = self.spec.token(transaction.token) if transaction.token else None
        amount = _decimal(transaction.amount, token.decimals) if token else ""
        placed = transaction.inclusion
        return {
            "hash": transaction.hash,
            "person_id": transaction.person_id,
            "from": transaction.sender,
            "to": transaction.to,
            "value": _decimal(transaction.value, self.spec.decimals),
            "token": {"symbol": token.symbol, "amount": amount} if token else None,
            "nonce": transaction.nonce,
            "status": _status(transaction),
            "block": placed.block_number if placed else None,
            "replaced_by": transaction.replaced_by,
            "at": iso(transaction.at),
        }


def _status(transaction: Transaction) -> str:
    failed = transaction.status == "mined" and transaction.fails
    return "failed" if failed else transaction.status


def _decimal(units: int, decimals: int) -> str:
    text = f"{Decimal(units).scaleb(-decimals):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
