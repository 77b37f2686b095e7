"""The chain itself: who sent what, which block took it, and what the head says of it."""

from collections.abc import Iterable

from sandbox.world.chains.evm.models import Block, Depths, EvmState, Inclusion, Transaction
from sandbox.world.chains.evm.spec import EvmSpec
from sandbox.world.chains.evm.traffic import make_traffic
from sandbox.world.clock import WorldClock

_BLOCKS_BEFORE_ALL = 80
_FEE_MOVES = (0, 4, 9, 5, -2, -7, -3)  # percent
_MOST_BLOCKS = 2_000
_MOST_ORPHANS = 128
_MOST_TRANSACTIONS = 5_000
# Blocks fall out of memory by the dozen, because taking one from the front moves all others.
_SLACK = 50


class Ledger:
    def __init__(self, spec: EvmSpec, state: EvmState, clock: WorldClock) -> None:
        self.spec = spec
        self.state = state
        self.clock = clock
        if not state.blocks:
            self._make_past()
        self._numbers = {block.hash: block.number for block in state.blocks}

    @property
    def head(self) -> Block:
        return self.state.blocks[-1]

    @property
    def first(self) -> Block:
        return self.state.blocks[0]

    @property
    def depths(self) -> Depths:
        """The numbers of the safe and of the final block."""
        return self.depths_below(self.head.number)

    def depths_below(self, head: int) -> Depths:
        """As a node sees them whose head is this one."""
        epoch = head - head % self.spec.epoch_blocks
        safe, final = epoch - self.spec.safe_depth, epoch - self.spec.final_depth
        if stalled := self.state.stalled:
            return Depths(safe=min(safe, stalled.safe), final=min(final, stalled.final))
        return Depths(safe=safe, final=final)

    @property
    def next_base_fee(self) -> int:
        """Around the chain's own; it moves by less than an eighth from block to block."""
        number = self.state.blocks[-1].number + 1 if self.state.blocks else self.spec.first_block
        return self.state.base_fee * (100 + _FEE_MOVES[number % len(_FEE_MOVES)]) // 100

    def get_block(self, number: int) -> Block | None:
        """None for what is not mined yet, or forgotten."""
        index = number - self.first.number
        return self.state.blocks[index] if 0 <= index < len(self.state.blocks) else None

    def get_block_by_hash(self, block_hash: str) -> Block | None:
        """An orphan too: real nodes keep them, and answer as if nothing were wrong with it."""
        number = self._numbers.get(block_hash)
        return self.state.orphans.get(block_hash) if number is None else self.get_block(number)

    def get_transaction(self, tx_hash: str) -> Transaction | None:
        state = self.state
        return state.transactions.get(tx_hash) or state.traffic.get(tx_hash)

    def list_pool(self) -> list[Transaction]:
        return [one for one in self.state.transactions.values() if one.status == "pending"]

    def make_traffic(self) -> list[Transaction]:
        """What strangers send for the next block."""
        return make_traffic(self.spec, self.state, self.clock.now())

    def mine(self) -> Block:
        """Take from the pool who pays enough and whose turn it is, and what strangers send."""
        self._expire()
        return self.append([*self._take_from_pool(), *self.make_traffic()])

    def append(self, transactions: Iterable[Transaction], timestamp: int | None = None) -> Block:
        """Put a block of these upon the head, of now unless given another time."""
        included = list(transactions)
        parent = self.state.blocks[-1] if self.state.blocks else None
        number = parent.number + 1 if parent else self.spec.first_block
        parent_hash = parent.hash if parent else self.state.new_hash("the block before all")
        block = Block(
            number=number,
            hash=self._new_block_hash(number, parent_hash),
            parent_hash=parent_hash,
            timestamp=self._date(parent) if timestamp is None else timestamp,
            base_fee=self.next_base_fee,
            gas_used=0,
            hashes=[],
        )
        for transaction in included:
            self._include(block, transaction)
        self.state.blocks.append(block)
        self._numbers[block.hash] = block.number
        self._forget()
        return block

    def pop(self) -> tuple[Block, list[Transaction]]:
        """Take the head off; its transactions stand nowhere then, and strangers' are forgotten."""
        block = self.state.blocks.pop()
        del self._numbers[block.hash]
        self.state.orphans[block.hash] = block
        while len(self.state.orphans) > _MOST_ORPHANS:
            del self.state.orphans[next(iter(self.state.orphans))]
        taken = [one for one in map(self.get_transaction, block.hashes) if one]
        for transaction in taken:
            transaction.inclusion = None
            transaction.status = "pending"
            self.state.nonces[transaction.sender] -= 1
            self.state.traffic.pop(transaction.hash, None)
        return block, taken

    def _include(self, block: Block, transaction: Transaction) -> None:
        before = self.get_transaction(block.hashes[-1]) if block.hashes else None
        placed = before and before.inclusion
        transaction.inclusion = Inclusion(
            block_number=block.number,
            block_hash=block.hash,
            index=len(block.hashes),
            log_index=placed.log_index + before.logs_count if before and placed else 0,
            gas_before=block.gas_used,
            price=min(transaction.max_fee, block.base_fee + transaction.tip),
            timestamp=block.timestamp,
        )
        transaction.status = "mined"
        block.hashes.append(transaction.hash)
        block.gas_used += transaction.gas_used
        self.state.nonces[transaction.sender] = transaction.nonce + 1
        if transaction.person_id is None:
            self.state.traffic[transaction.hash] = transaction

    def _new_block_hash(self, number: int, parent_hash: str) -> str:
        digest = self.state.new_hash(number, parent_hash)
        return f"0x{number:016x}{digest[18:]}" if self.spec.family == "tron" else digest

    def _expire(self) -> None:
        for transaction in self.list_pool():
            if self.is_expired(transaction, self.clock.timestamp()):
                transaction.status = "dropped"

    def is_expired(self, transaction: Transaction, at: int) -> bool:
        lifetime = self.spec.lifetime_seconds
        return lifetime is not None and at > transaction.at.timestamp() + lifetime

    def _take_from_pool(self) -> list[Transaction]:
        if self.spec.family == "tron":
            return self.list_pool()
        taken: list[Transaction] = []
        nonces = dict(self.state.nonces)
        for transaction in sorted(self.list_pool(), key=lambda one: one.nonce):
            left = min(transaction.tip, transaction.max_fee - self.next_base_fee)
            if left > 0 and transaction.nonce == nonces.get(transaction.sender, 0):
                nonces[transaction.sender] = transaction.nonce + 1
                taken.append(transaction)
        return taken

    def _date(self, parent: Block | None) -> int:
        now = self.clock.timestamp()
        return now if parent is None else max(now, parent.timestamp)

    def _make_past(self) -> None:
        pace = max(1, int(self.spec.auto_seconds))
        now = self.clock.timestamp()
        self._numbers = {}
        for age in range(_BLOCKS_BEFORE_ALL, 0, -1):
            self.append(self.make_traffic(), now - age * pace)

    def _forget(self) -> None:
        state = self.state
        if len(state.blocks) > _MOST_BLOCKS + _SLACK:
            for block in state.blocks[:-_MOST_BLOCKS]:
                del self._numbers[block.hash]
                for tx_hash in block.hashes:
                    state.traffic.pop(tx_hash, None)
            del state.blocks[:-_MOST_BLOCKS]
        if len(state.transactions) > _MOST_TRANSACTIONS:
            del state.transactions[next(iter(state.transactions))]
