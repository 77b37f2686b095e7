"""The Ethereum methods that java-tron knows: no nonces, no sending, no pool, tags of its own."""

from collections.abc import Callable
from typing import Final

from pydantic import JsonValue

from sandbox.world.chains.evm import contracts, logs
from sandbox.world.chains.evm.params import INVALID_PARAMS, Params, RpcError, read_quantity
from sandbox.world.chains.evm.vantage import Vantage
from sandbox.world.chains.tron.shapes import (
    block_shape,
    tron_receipt_shape,
    tron_transaction_shape,
)
from sandbox.world.chains.tron.spec import ENERGY_PRICE
from sandbox.world.json_types import JsonObject

_HASH_BYTES = 32
_METHOD_NOT_FOUND = -32601
_MOST_BLOCKS = 5_000


def answer(vantage: Vantage, method: str, params: list[JsonValue]) -> JsonValue:
    known = _METHODS.get(method)
    if known is None:
        raise RpcError(_METHOD_NOT_FOUND, "method not found")
    run, required, most = known
    return run(vantage, Params(params, required, most))


def _chain_id(vantage: Vantage, _params: Params) -> JsonValue:
    return hex(vantage.chain_id)


def _client(vantage: Vantage, _params: Params) -> JsonValue:
    return vantage.spec.client


def _syncing(vantage: Vantage, _params: Params) -> JsonValue:
    """A node with peers always says so; the highest block is what the clock makes it."""
    late = vantage.ledger.clock.timestamp() - vantage.require_head().timestamp
    return {
        "startingBlock": hex(vantage.ledger.first.number),
        "currentBlock": hex(vantage.head),
        "highestBlock": hex(vantage.head + max(0, late // 3)),
    }


def _block_number(vantage: Vantage, _params: Params) -> JsonValue:
    return hex(vantage.head)


def _block_by_number(vantage: Vantage, params: Params) -> JsonValue:
    block = vantage.get_block(_read_number(params.get(0), vantage))
    return block_shape(vantage, block, full=params.boolean(1)) if block else None


def _block_by_hash(vantage: Vantage, params: Params) -> JsonValue:
    block = vantage.get_block_by_hash(params.data(0, _HASH_BYTES))
    return block_shape(vantage, block, full=params.boolean(1)) if block else None


def _transaction(vantage: Vantage, params: Params) -> JsonValue:
    found = vantage.get_transaction(params.data(0, _HASH_BYTES))
    is_placed = found is not None and vantage.get_inclusion(found) is not None
    return tron_transaction_shape(vantage, found) if found and is_placed else None


def _receipt(vantage: Vantage, params: Params) -> JsonValue:
    found = vantage.get_transaction(params.data(0, _HASH_BYTES))
    placed = vantage.get_inclusion(found) if found else None
    return tron_receipt_shape(vantage, found, placed) if found and placed else None


def _gas_price(_vantage: Vantage, _params: Params) -> JsonValue:
    return hex(ENERGY_PRICE)


def _logs(vantage: Vantage, params: Params) -> JsonValue:
    """Of blocks that this node does not have it answers nothing, and no error."""
    asked = params.get(0)
    if not isinstance(asked, dict):
        raise RpcError(INVALID_PARAMS, "JSON parse error")
    if asked.get("blockHash") is not None:
        return logs.get_logs(vantage, params)
    first = _read_number(asked.get("fromBlock") or "latest", vantage)
    last = _read_number(asked.get("toBlock") or "latest", vantage)
    if first > last:
        raise RpcError(INVALID_PARAMS, "please verify: fromBlock <= toBlock")
    last = min(last, vantage.head)
    if last - first > _MOST_BLOCKS:
        raise RpcError(INVALID_PARAMS, f"exceed max block range: {_MOST_BLOCKS}")
    if first > last:
        return []
    known: JsonObject = {**asked, "fromBlock": hex(first), "toBlock": hex(last)}
    return logs.get_logs(vantage, Params([known], 1, 1))


def _read_number(value: JsonValue, vantage: Vantage) -> int:
    tags = {
        "latest": vantage.head,
        "finalized": vantage.final,
        "earliest": vantage.ledger.first.number,
    }
    if isinstance(value, str) and value in tags:
        return tags[value]
    if value in ("pending", "safe"):
        raise RpcError(INVALID_PARAMS, f"TAG {value} not supported")
    return read_quantity(value, "block number")


_Method = Callable[[Vantage, Params], JsonValue]
# Method -> what runs it, how many parameters it needs, how many it takes.
_METHODS: Final[dict[str, tuple[_Method, int, int]]] = {
    "eth_chainId": (_chain_id, 0, 0),
    "net_version": (_chain_id, 0, 0),
    "web3_clientVersion": (_client, 0, 0),
    "eth_syncing": (_syncing, 0, 0),
    "eth_blockNumber": (_block_number, 0, 0),
    "eth_getBlockByNumber": (_block_by_number, 2, 2),
    "eth_getBlockByHash": (_block_by_hash, 2, 2),
    "eth_getTransactionByHash": (_transaction, 1, 1),
    "eth_getTransactionReceipt": (_receipt, 1, 1),
    "eth_getLogs": (_logs, 1, 1),
    "eth_getCode": (contracts.get_code, 2, 2),
    "eth_call": (contracts.call, 2, 2),
    "eth_gasPrice": (_gas_price, 0, 0),
}
