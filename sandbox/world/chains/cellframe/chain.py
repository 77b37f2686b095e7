"""Cellframe's Backbone as the world has it: its tip, its mempool, and how the page sees it."""

import time
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sandbox.world.chains.cellframe.addresses import cellframe_address
from sandbox.world.chains.cellframe.models import CellframeState, NodeState, Transaction
from sandbox.world.clock import WorldClock, iso
from sandbox.world.json_types import JsonObject
from sandbox.world.problems import Problem

KEY: Final = "cf"
COIN: Final = "CELL"
_PACE_SECONDS = 5
_MOST_SHOWN = 30
_MOST_TRANSACTIONS = 2_000
_MOST_BLOCKS_A_TICK = 20
# Longer than the service takes between two looks at a transaction that is accepted.
_LOST_FOR = timedelta(seconds=60)


class CellframeChain:
    """Code that changes its state calls `touch` after it."""

    def __init__(self, clock: WorldClock, snapshot: JsonObject | None, *, mines: bool) -> None:
        fresh = {"auto_seconds": _PACE_SECONDS if mines else 0}
        self.state = CellframeState.model_validate(snapshot or fresh)
        self.clock = clock
        self._revision = 0
        self._next_block_at: float | None = None

    @property
    def revision(self) -> int:
        return self._revision

    def touch(self) -> None:
        self._revision += 1

    def send(
        self, person_id: int, to: str, value: str, *, declined: bool, tx_hash: str | None = None
    ) -> Transaction:
        """`tx_hash` makes it the namesake of another chain's."""
        sender = cellframe_address(f"person {person_id}")
        transaction = Transaction(
            hash=tx_hash or self._new_hash("transaction", sender),
            person_id=person_id,
            sender=sender,
            to=to,
            value=value,
            declined=declined,
            at=self.clock.now(),
        )
        self.state.transactions[transaction.hash] = transaction
        if len(self.state.transactions) > _MOST_TRANSACTIONS:
            del self.state.transactions[next(iter(self.state.transactions))]
        self.touch()
        return transaction

    def mine(self, blocks: int = 1) -> None:
        """The first of the blocks takes all of the mempool."""
        self._mine(blocks, [one for one in self.state.transactions.values() if one.block is None])

    def move(self, tx_hash: str) -> None:
        """A reorg: as deep as before, but in another atom."""
        self._require_included(tx_hash).atom_hash = self._new_hash("atom", tx_hash)
        self.touch()

    def lose(self, tx_hash: str) -> None:
        """A reorg that leaves it out: back in the mempool until it is mined again."""
        transaction = self._require_included(tx_hash)
        transaction.status, transaction.block, transaction.atom_hash = "lost", None, None
        transaction.waits_until = self.clock.now() + _LOST_FOR
        self.touch()

    def forget(self, tx_hash: str) -> None:
        """No node knows of it any more, as when the mempool's time is over."""
        del self.state.transactions[self.require(tx_hash).hash]
        self.touch()

    def require(self, tx_hash: str) -> Transaction:
        transaction = self.state.transactions.get(tx_hash.lower())
        if transaction is None:
            raise Problem(404, "Nobody here has sent such a transaction.")
        return transaction

    def set_pace(self, auto_seconds: float) -> None:
        """0 stops it."""
        self.state.auto_seconds = auto_seconds
        self._next_block_at = None
        self.touch()

    def set_node(self, node: NodeState) -> None:
        self.state.node = node
        self.state.seen_tip = self.state.tip if node == "lagging" else None
        self.touch()

    def tick(self) -> None:
        pace, now = self.state.auto_seconds, time.monotonic()
        if not pace:
            self._next_block_at = None
            return
        if self._next_block_at is None or self._next_block_at < now - _MOST_BLOCKS_A_TICK * pace:
            self._next_block_at = now + pace
        while self._next_block_at <= now:
            self._mine(1, self._list_due())
            self._next_block_at += pace

    def snapshot(self) -> JsonObject:
        return self.state.model_dump(mode="json")

    def view(self) -> JsonObject:
        state = self.state
        newest = list(reversed(state.transactions.values()))[:_MOST_SHOWN]
        return {
            "key": KEY,
            "title": "Cellframe",
            "coin": COIN,
            "kind": "cellframe",
            "dialect": state.dialect,
            "tip": state.tip,
            "auto_seconds": state.auto_seconds,
            "node": state.node,
            "counts": state.counts,
            "calls": state.calls,
            "transactions": [self._view_of(one) for one in newest],
        }

    def _view_of(self, transaction: Transaction) -> JsonObject:
        told = self.state.counts and transaction.status == "accepted"
        return {
            "hash": transaction.hash,
            "person_id": transaction.person_id,
            "from": transaction.sender,
            "to": transaction.to,
            "value": transaction.value,
            "token": COIN,
            "status": transaction.status,
            "confirmations": self.state.tip - (transaction.block or 0) if told else None,
            "atom_hash": transaction.atom_hash,
            "at": iso(transaction.at),
        }

    def _mine(self, blocks: int, transactions: list[Transaction]) -> None:
        block, atom_hash = self.state.tip + 1, self._new_hash("atom")
        for transaction in transactions:
            transaction.status = "declined" if transaction.declined else "accepted"
            transaction.block, transaction.atom_hash = block, atom_hash
        self.state.tip += blocks
        self.touch()

    def _list_due(self) -> list[Transaction]:
        now = self.clock.now()
        return [
            one
            for one in self.state.transactions.values()
            if one.block is None and (one.waits_until is None or one.waits_until <= now)
        ]

    def _require_included(self, tx_hash: str) -> Transaction:
        transaction = self.require(tx_hash)
        if transaction.block is None:
            raise Problem(409, "This transaction stands in no block.")
        return transaction

    def _new_hash(self, *words: str) -> str:
        self.state.serial += 1
        named = ":".join(("cellframe", self.state.seed, str(self.state.serial), *words))
        return f"0x{sha256(named.encode()).hexdigest()}"
