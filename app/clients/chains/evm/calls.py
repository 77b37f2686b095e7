"""The calls that nodes of Ethereum's kind are asked, and which of their errors are answers."""

import re
from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from app.clients.chains.evm.models import TRANSFER_TOPIC, to_topic
from app.clients.chains.rpc.calls import ANY_CODE, RpcCall, RpcRefusal
from app.domain.gas_prices import HISTORY_BLOCKS, REWARD_PERCENTILES

# Every provider has an error of its own for too many blocks or logs, and some for any of them.
_LOGS_REFUSED: Final = frozenset({-32003, -32005})
_TOO_LARGE: Final = re.compile(r"range|returned more than|response size|too large", re.IGNORECASE)
# In a node's words, of blocks that it does not have (yet): no smaller range would do.
_NO_SUCH_RANGE: Final = re.compile(r"beyond current head|invalid block range params", re.IGNORECASE)


GET_LOGS: Final = "eth_getLogs"


def make_block_call(number: int) -> RpcCall:
    return RpcCall("eth_getBlockByNumber", (hex(number), False))


def make_full_block_call(number: int) -> RpcCall:
    return RpcCall("eth_getBlockByNumber", (hex(number), True), is_side=True)


LATEST_BLOCK: Final = RpcCall("eth_getBlockByNumber", ("latest", False))


def make_tagged_block_call(tag: str) -> RpcCall:
    """`safe` or `finalized`; nodes that know no tags say so with codes of every kind."""
    return RpcCall("eth_getBlockByNumber", (tag, False), ANY_CODE)


def make_transaction_call(tx_hash: str) -> RpcCall:
    return RpcCall("eth_getTransactionByHash", (tx_hash,), is_side=True)


def make_receipt_call(tx_hash: str) -> RpcCall:
    return RpcCall("eth_getTransactionReceipt", (tx_hash,), is_side=True)


def make_nonce_call(sender: str) -> RpcCall:
    return RpcCall("eth_getTransactionCount", (sender, "latest"), is_side=True)


def make_nonce_after_call(sender: str, block: int) -> RpcCall:
    """A refusal means that the node does not know the state of that block any more."""
    return RpcCall("eth_getTransactionCount", (sender, hex(block)), is_side=True)


def make_transfers_call(
    tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
) -> RpcCall:
    """A refusal may mean that the answer would be too large: `is_too_large`."""
    wanted: dict[str, JsonValue] = {
        "fromBlock": hex(first),
        "toBlock": hex(last),
        "address": [token.lower() for token in tokens],
        "topics": [TRANSFER_TOPIC, None, [to_topic(recipient) for recipient in recipients]],
    }
    return RpcCall(GET_LOGS, (wanted,), _LOGS_REFUSED, is_side=True)


def is_too_large(refusal: RpcRefusal) -> bool:
    is_absent = _NO_SUCH_RANGE.search(refusal.message) is not None
    return not is_absent and _TOO_LARGE.search(refusal.message) is not None


FEE_HISTORY: Final = RpcCall(
    "eth_feeHistory", (hex(HISTORY_BLOCKS), "latest", list(REWARD_PERCENTILES)), is_side=True
)
GAS_PRICE: Final = RpcCall("eth_gasPrice", is_side=True)
