"""What users do with the pool: send, pay more, give up, try again."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.world.chains.addresses import address_of
from sandbox.world.chains.evm.ledger import Ledger
from sandbox.world.chains.evm.models import Kind, Transaction, TransactionType
from sandbox.world.chains.evm.spec import GWEI, Token
from sandbox.world.problems import Problem

ADDRESS_PATTERN = r"^(0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33})$"
HASH_PATTERN = r"^0x[0-9a-f]{64}$"


class Order(BaseModel):
    """What a user sends; `replaces` says whose place in the pool it takes."""

    model_config = ConfigDict(extra="forbid")

    person_id: int | None = None
    to: str | None = Field(default=None, pattern=ADDRESS_PATTERN)
    value: str = Field(default="0.05", pattern=r"^\d{1,9}(\.\d{1,18})?$")
    token: str | None = None
    tip_gwei: Decimal | None = Field(default=None, ge=0, le=100_000)
    fails: bool = False
    type: TransactionType = 2
    kind: Kind = "transfer"
    replaces: str | None = Field(default=None, pattern=HASH_PATTERN)


def send(ledger: Ledger, order: Order, person_id: int, to: str) -> Transaction:
    """Into the pool. Problem when the amount, the token or the fee is none that a node takes."""
    token = _require_token(ledger, order.token)
    if order.kind in {"swap", "batch"} and token is None:
        raise Problem(400, f"token: a {order.kind} begins with one.")
    amount = _units(order.value, token.decimals if token else ledger.spec.decimals)
    if order.replaces and ledger.spec.family == "tron":
        raise Problem(400, "replaces: without nonces nothing is replaced.")
    old = require_pending(ledger, order.replaces) if order.replaces else None
    sender = old.sender if old else address_of(ledger.spec.family, person_id)
    tip = _tip(ledger, order, old)
    transaction = Transaction(
        hash=ledger.state.new_hash("transaction", sender),
        person_id=old.person_id if old else person_id,
        sender=sender,
        nonce=old.nonce if old else next_nonce(ledger, sender),
        to=to.lower(),
        value=0 if token else amount,
        token=token.symbol if token else None,
        amount=amount if token else 0,
        tip=tip,
        max_fee=_max_fee(ledger, tip, old),
        fails=order.fails,
        type=order.type,
        kind=order.kind,
        at=ledger.clock.now(),
    )
    if old:
        old.status, old.replaced_by = "replaced", transaction.hash
    ledger.state.transactions[transaction.hash] = transaction
    return transaction


def drop(transaction: Transaction) -> None:
    transaction.status = "dropped"


def resend(ledger: Ledger, transaction: Transaction) -> None:
    """The same bytes again, as a wallet does that sees them nowhere."""
    if transaction.status != "dropped":
        raise Problem(409, "Only a dropped transaction can be sent again.")
    if ledger.is_expired(transaction, ledger.clock.timestamp()):
        raise Problem(409, "It has expired.")
    free = _free_nonces(ledger, transaction.sender, transaction.nonce)
    if ledger.spec.family == "evm" and transaction.nonce not in free:
        raise Problem(409, "Its nonce is used up by another transaction.")
    transaction.status = "pending"


def next_nonce(ledger: Ledger, sender: str) -> int:
    """The first that no block and nothing in the pool has."""
    return _free_nonces(ledger, sender, None)[0]


def require_pending(ledger: Ledger, tx_hash: str) -> Transaction:
    transaction = require_transaction(ledger, tx_hash)
    if transaction.status != "pending":
        raise Problem(409, "This transaction is not in the pool.")
    return transaction


def require_transaction(ledger: Ledger, tx_hash: str) -> Transaction:
    transaction = ledger.state.transactions.get(tx_hash)
    if transaction is None:
        raise Problem(404, "Nobody here has sent such a transaction.")
    return transaction


def cancel(ledger: Ledger, old: Transaction) -> Transaction:
    """One of nothing to its own sender that takes the place of another: how wallets cancel."""
    new = old.model_copy(
        update={
            "hash": ledger.state.new_hash("transaction", old.sender),
            "to": old.sender,
            "value": 0,
            "token": None,
            "amount": 0,
            "fails": False,
            "tip": 2 * old.tip,
            "max_fee": 2 * old.max_fee,
            "at": ledger.clock.now(),
        }
    )
    old.status, old.replaced_by = "replaced", new.hash
    ledger.state.transactions[new.hash] = new
    return new


def _free_nonces(ledger: Ledger, sender: str, wanted: int | None) -> list[int]:
    waiting = {one.nonce for one in ledger.list_pool() if one.sender == sender}
    first = ledger.state.nonces.get(sender, 0)
    last = max(first + len(waiting), wanted or 0)
    return [nonce for nonce in range(first, last + 1) if nonce not in waiting]


def _require_token(ledger: Ledger, symbol: str | None) -> Token | None:
    token = ledger.spec.token(symbol) if symbol else None
    if symbol and token is None:
        known = ", ".join(token.symbol for token in ledger.spec.tokens)
        raise Problem(400, f"token: this chain has {known}.")
    return token


def _units(value: str, decimals: int) -> int:
    units = Decimal(value).scaleb(decimals)
    if units != int(units):
        raise Problem(400, f"value: at most {decimals} decimals.")
    return int(units)


def _tip(ledger: Ledger, order: Order, old: Transaction | None) -> int:
    asked = None if order.tip_gwei is None else int(order.tip_gwei * GWEI)
    if old is None:
        return ledger.spec.tip if asked is None else asked
    # A node takes a replacement only when it pays a tenth more.
    least = max(old.tip * 11 // 10 + 1, 1)
    if asked is not None and asked < least:
        raise Problem(409, "Replacement transaction underpriced: it must pay a tenth more.")
    return max(least, 2 * old.tip, ledger.spec.tip) if asked is None else asked


def _max_fee(ledger: Ledger, tip: int, old: Transaction | None) -> int:
    if tip == 0:
        # As a wallet's "slow" once prices have risen: less than what blocks ask now.
        return (ledger.state.base_fee + ledger.spec.tip) * 3 // 4
    usual = 2 * ledger.state.base_fee + tip
    return max(usual, old.max_fee * 11 // 10 + 1) if old else usual
