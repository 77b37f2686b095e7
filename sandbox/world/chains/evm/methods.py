"""The Ethereum methods that the sandbox's nodes know."""

from collections.abc import Callable
from typing import Final

from pydantic import JsonValue

from sandbox.world.chains.evm import contracts, fees, logs
from sandbox.world.chains.evm.params import Params, RpcError, read_block_number, read_data
from sandbox.world.chains.evm.shapes import block_shape, pending_block_shape
from sandbox.world.chains.evm.transaction_shapes import receipt_shape, transaction_shape
from sandbox.world.chains.evm.vantage import Vantage

_HASH_BYTES = 32
_ADDRESS_BYTES = 20
_HASH_LENGTH = 2 + 2 * _HASH_BYTES
_METHOD_NOT_FOUND = -32601
_SERVER_ERROR = -32000

_Method = Callable[[Vantage, Params], JsonValue]


def answer(vantage: Vantage, method: str, params: list[JsonValue]) -> JsonValue:
    """The call's result; RpcError when there is none."""
    known = _METHODS.get(method)
    if known is None:
        message = f"the method {method[:80]} does not exist/is not available"
        raise RpcError(_METHOD_NOT_FOUND, message)
    run, required, most = known
    return run(vantage, Params(params, required, most))


def _chain_id(vantage: Vantage, _params: Params) -> JsonValue:
    return hex(vantage.chain_id)


def _network(vantage: Vantage, _params: Params) -> JsonValue:
    return str(vantage.chain_id)


def _client(vantage: Vantage, _params: Params) -> JsonValue:
    return vantage.spec.client


def _syncing(_vantage: Vantage, _params: Params) -> JsonValue:
    return False


def _block_number(vantage: Vantage, _params: Params) -> JsonValue:
    return hex(vantage.head)


def _block_by_number(vantage: Vantage, params: Params) -> JsonValue:
    full = params.boolean(1)
    if params.get(0) == "pending":
        return pending_block_shape(vantage, full=full)
    block = vantage.get_block(params.block_number(0, vantage))
    return block_shape(vantage, block, full=full) if block else None


def _block_by_hash(vantage: Vantage, params: Params) -> JsonValue:
    block = vantage.get_block_by_hash(params.data(0, _HASH_BYTES))
    return block_shape(vantage, block, full=params.boolean(1)) if block else None


def _transaction(vantage: Vantage, params: Params) -> JsonValue:
    found = vantage.get_transaction(params.data(0, _HASH_BYTES))
    return transaction_shape(vantage, found) if found else None


def _receipt(vantage: Vantage, params: Params) -> JsonValue:
    found = vantage.get_transaction(params.data(0, _HASH_BYTES))
    placed = vantage.get_inclusion(found) if found else None
    return receipt_shape(vantage.spec, found, placed) if found and placed else None


def _block_receipts(vantage: Vantage, params: Params) -> JsonValue:
    asked = params.get(0)
    if isinstance(asked, str) and len(asked) == _HASH_LENGTH:
        block = vantage.get_block_by_hash(read_data(asked, _HASH_BYTES, "argument 0"))
    else:
        block = vantage.get_block(read_block_number(asked, vantage, "argument 0"))
    if block is None:
        return None
    return [
        receipt_shape(vantage.spec, one, placed)
        for one in vantage.list_transactions(block)
        if (placed := vantage.get_inclusion(one)) and placed.block_hash == block.hash
    ]


def _transaction_count(vantage: Vantage, params: Params) -> JsonValue:
    sender = params.data(0, _ADDRESS_BYTES)
    asked = params.get(1) or "latest"
    if asked == "pending":
        return hex(_count_with_pool(vantage, sender))
    number = read_block_number(asked, vantage, "argument 1")
    if vantage.get_block(number) is None:
        raise RpcError(_SERVER_ERROR, "header not found")
    return hex(vantage.count_sent(sender, number))


def _count_with_pool(vantage: Vantage, sender: str) -> int:
    waiting = {one.nonce for one in vantage.list_pool() if one.sender == sender}
    count = vantage.count_sent(sender, vantage.head)
    while count in waiting:
        count += 1
    return count


# Method -> what runs it, how many parameters it needs, how many it takes.
_METHODS: Final[dict[str, tuple[_Method, int, int]]] = {
    "eth_chainId": (_chain_id, 0, 0),
    "net_version": (_network, 0, 0),
    "web3_clientVersion": (_client, 0, 0),
    "eth_syncing": (_syncing, 0, 0),
    "eth_blockNumber": (_block_number, 0, 0),
    "eth_getBlockByNumber": (_block_by_number, 1, 2),
    "eth_getBlockByHash": (_block_by_hash, 1, 2),
    "eth_getBlockReceipts": (_block_receipts, 1, 1),
    "eth_getTransactionByHash": (_transaction, 1, 1),
    "eth_getTransactionReceipt": (_receipt, 1, 1),
    "eth_call": (contracts.call, 1, 3),
    "eth_getCode": (contracts.get_code, 1, 2),
    "eth_getTransactionCount": (_transaction_count, 1, 2),
    "eth_getLogs": (logs.get_logs, 1, 1),
    "eth_feeHistory": (fees.fee_history, 2, 3),
    "eth_gasPrice": (fees.gas_price, 0, 0),
    "eth_maxPriorityFeePerGas": (fees.max_priority_fee, 0, 0),
}
