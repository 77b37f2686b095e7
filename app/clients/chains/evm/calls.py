"""The calls that nodes of Ethereum's kind are asked, and which of their errors are answers."""

import re
from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from app.clients.chains.evm.models import TRANSFER_TOPIC, to_topic
from app.clients.chains.rpc.calls import ANY_CODE, Call, RpcRefusal
from app.domain.gas_prices import HISTORY_BLOCKS, REWARD_PERCENTILES

# Every provider has an error of its own for too many blocks or logs, and some for any of them.
_LOGS_REFUSED: Final = frozenset({-32003, -32005})
_TOO_LARGE: Final = re.compile(r"range|returned more than|response size|too large", re.IGNORECASE)
# In a node's words, of blocks that it does not have (yet): no smaller range would do.
_NO_SUCH_RANGE: Final = re.compile(r"beyond current head|invalid block range params", re.IGNORECASE)


LOGS: Final = "eth_getLogs"


def block_at(number: int) -> Call:
    return Call("eth_getBlockByNumber", (hex(number), False))


def full_block_at(number: int) -> Call:
    return Call("eth_getBlockByNumber", (hex(number), True), is_side=True)


LATEST: Final = Call("eth_getBlockByNumber", ("latest", False))


def tagged(tag: str) -> Call:
    """`safe` or `finalized`; nodes that know no tags say so with codes of every kind."""
    return Call("eth_getBlockByNumber", (tag, False), ANY_CODE)


def transaction(tx_hash: str) -> Call:
    return Call("eth_getTransactionByHash", (tx_hash,), is_side=True)


def receipt(tx_hash: str) -> Call:
    return Call("eth_getTransactionReceipt", (tx_hash,), is_side=True)


def next_nonce(sender: str) -> Call:
    return Call("eth_getTransactionCount", (sender, "latest"), is_side=True)


def nonce_after(sender: str, block: int) -> Call:
    """A refusal means that the node does not know the state of that block any more."""
    return Call("eth_getTransactionCount", (sender, hex(block)), is_side=True)


def transfers(tokens: Sequence[str], recipients: Sequence[str], first: int, last: int) -> Call:
    """A refusal may mean that the answer would be too large: `says_too_large`."""
    wanted: dict[str, JsonValue] = {
        "fromBlock": hex(first),
        "toBlock": hex(last),
        "address": [token.lower() for token in tokens],
        "topics": [TRANSFER_TOPIC, None, [to_topic(recipient) for recipient in recipients]],
    }
    return Call(LOGS, (wanted,), _LOGS_REFUSED, is_side=True)


def says_too_large(refusal: RpcRefusal) -> bool:
    is_absent = _NO_SUCH_RANGE.search(refusal.message) is not None
    return not is_absent and _TOO_LARGE.search(refusal.message) is not None


FEE_HISTORY: Final = Call(
    "eth_feeHistory", (hex(HISTORY_BLOCKS), "latest", list(REWARD_PERCENTILES)), is_side=True
)
GAS_PRICE: Final = Call("eth_gasPrice", is_side=True)
