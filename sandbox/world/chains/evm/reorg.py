"""Another branch wins: the last blocks are orphaned, and what stood in them has another fate."""

from collections.abc import Callable
from typing import Final, Literal

from sandbox.world.chains.evm import sending
from sandbox.world.chains.evm.ledger import Ledger
from sandbox.world.chains.evm.models import Transaction
from sandbox.world.problems import Problem

ReorgKind = Literal["same_height", "pool", "dropped", "replaced"]
_Fate = Callable[[Ledger, list[Transaction]], list[Transaction]]


def reorg(ledger: Ledger, depth: int, kind: ReorgKind) -> None:
    """The head stays as high as it was; heights and times of the new blocks are the old ones."""
    if kind == "replaced" and ledger.spec.family == "tron":
        raise Problem(400, "kind: without nonces nothing is replaced.")
    if depth >= len(ledger.state.blocks):
        raise Problem(409, f"Only {len(ledger.state.blocks)} blocks are there.")
    orphaned = [ledger.pop() for _ in range(depth)]
    for block, transactions in reversed(orphaned):
        ledger.append(_FATES[kind](ledger, transactions), block.timestamp)


def _same(_ledger: Ledger, transactions: list[Transaction]) -> list[Transaction]:
    return transactions


def _back_to_the_pool(ledger: Ledger, _transactions: list[Transaction]) -> list[Transaction]:
    return ledger.make_traffic()


def _dropped(ledger: Ledger, transactions: list[Transaction]) -> list[Transaction]:
    for transaction in _of_people(transactions):
        sending.drop(transaction)
    return ledger.make_traffic()


def _replaced(ledger: Ledger, transactions: list[Transaction]) -> list[Transaction]:
    new = [sending.cancel(ledger, one) for one in _of_people(transactions)]
    return [*new, *ledger.make_traffic()]


def _of_people(transactions: list[Transaction]) -> list[Transaction]:
    return [one for one in transactions if one.person_id is not None]


_FATES: Final[dict[ReorgKind, _Fate]] = {
    "same_height": _same,
    "pool": _back_to_the_pool,
    "dropped": _dropped,
    "replaced": _replaced,
}
