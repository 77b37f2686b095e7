"""The chain as one endpoint sees it: whole, or as it was some blocks ago."""

from typing import Literal

from sandbox.world.chains.evm.ledger import Ledger
from sandbox.world.chains.evm.models import Block, Inclusion, Transaction
from sandbox.world.chains.evm.spec import EvmSpec

_LAG_BLOCKS = 5

Logs = Literal["true", "none", "invented"]


class Vantage:
    """Every answer of one request is of the same head; a lagging one sees no fork.

    `logs`: none are found, as without an index of them, or one too many is.
    """

    def __init__(
        self, ledger: Ledger, *, lags: bool = False, chain_id: int = 0, logs: Logs = "true"
    ) -> None:
        behind = _LAG_BLOCKS if lags else 0
        self.logs = logs
        self.ledger = ledger
        self.chain_id = chain_id
        self.head = max(ledger.head.number - behind, ledger.first.number)
        depths = ledger.depths_below(self.head)
        self.safe, self.final = depths.safe, depths.final

    @property
    def spec(self) -> EvmSpec:
        return self.ledger.spec

    def require_head(self) -> Block:
        block = self.get_block(self.head)
        if block is None:
            raise LookupError("a chain without a head")
        return block

    def get_block(self, number: int) -> Block | None:
        return self.ledger.get_block(number) if number <= self.head else None

    def get_block_by_hash(self, block_hash: str) -> Block | None:
        block = self.ledger.get_block_by_hash(block_hash)
        return block if block and block.number <= self.head else None

    def get_transaction(self, tx_hash: str) -> Transaction | None:
        """None also for what has left the pool."""
        transaction = self.ledger.get_transaction(tx_hash)
        gone = transaction and transaction.status in {"replaced", "dropped"}
        if transaction is None or gone or self._is_unheard_of(transaction):
            return None
        return transaction

    def get_inclusion(self, transaction: Transaction) -> Inclusion | None:
        placed = transaction.inclusion
        return placed if placed and placed.block_number <= self.head else None

    def list_transactions(self, block: Block) -> list[Transaction]:
        found = (self.ledger.get_transaction(tx_hash) for tx_hash in block.hashes)
        return [one for one in found if one]

    def list_pool(self) -> list[Transaction]:
        known = self.ledger.state.transactions.values()
        return [one for one in known if self.get_transaction(one.hash) and not self._stands(one)]

    def count_sent(self, sender: str, number: int) -> int:
        """The sender's next nonce after this block."""
        count = self.ledger.state.nonces.get(sender, 0)
        for above in range(number + 1, self.ledger.head.number + 1):
            block = self.ledger.get_block(above)
            count -= sum(one.sender == sender for one in self.list_transactions(block or _NONE))
        return count

    def _stands(self, transaction: Transaction) -> bool:
        return self.get_inclusion(transaction) is not None

    def _is_unheard_of(self, transaction: Transaction) -> bool:
        """Strangers' transactions come to light with their block."""
        return transaction.person_id is None and not self._stands(transaction)


_NONE = Block(number=0, hash="", parent_hash="", timestamp=0, base_fee=0, gas_used=0, hashes=[])
