"""`eth_getLogs`: which transfers match a filter, by block, contract and topic."""

from collections.abc import Sequence

from pydantic import JsonValue

from sandbox.world.chains.evm.hashes import digest
from sandbox.world.chains.evm.models import Block
from sandbox.world.chains.evm.params import (
    INVALID_PARAMS,
    Params,
    RpcError,
    read_block_number,
    read_data,
)
from sandbox.world.chains.evm.transaction_shapes import TRANSFER_TOPIC, log_shapes
from sandbox.world.chains.evm.vantage import Vantage
from sandbox.world.json_types import JsonObject

_LIMIT_EXCEEDED = -32005
# As public endpoints bound what one call may cost them; geth itself does not.
_MOST_BLOCKS = 5_000
_MOST_RESULTS = 10_000
_MOST_TOPICS = 4
_RECIPIENT = 2  # of a Transfer's topics
_MOST_ALTERNATIVES = 1_000


def get_logs(vantage: Vantage, params: Params) -> JsonValue:
    asked = params.get(0)
    if not isinstance(asked, dict):
        raise RpcError(INVALID_PARAMS, "invalid argument 0: want an object")
    addresses = _alternatives(asked.get("address"), 20, "address")
    topics = _read_topics(asked.get("topics"))
    blocks = _blocks(vantage, asked)
    found = [
        log
        for block in blocks
        for log in _logs_of(vantage, block)
        if vantage.logs != "none" and _matches(log, addresses, topics)
    ]
    if vantage.logs == "invented" and blocks and addresses:
        found.append(_invent(blocks[-1], min(addresses), topics))
    if len(found) > _MOST_RESULTS:
        raise RpcError(_LIMIT_EXCEEDED, f"query returned more than {_MOST_RESULTS} results")
    return [*found]


def _logs_of(vantage: Vantage, block: Block) -> list[JsonObject]:
    return [
        log
        for transaction in vantage.list_transactions(block)
        if (placed := vantage.get_inclusion(transaction)) and placed.block_hash == block.hash
        for log in log_shapes(vantage.spec, transaction, placed)
    ]


def _invent(block: Block, token: str, topics: Sequence[set[str] | None]) -> JsonObject:
    """A transfer of a hundred that never was, to whom one asks about."""
    asked = topics[_RECIPIENT] if len(topics) > _RECIPIENT else None
    recipient = min(asked) if asked else f"0x{0:064x}"
    sent: list[JsonValue] = [TRANSFER_TOPIC, f"0x{1:064x}", recipient]
    return {
        "address": token,
        "topics": sent,
        "data": f"0x{100 * 10**6:064x}",
        "blockNumber": hex(block.number),
        "blockHash": block.hash,
        "blockTimestamp": hex(block.timestamp),
        "transactionHash": digest("a lie", block.hash, recipient),
        "transactionIndex": "0x0",
        "logIndex": "0x0",
        "removed": False,
    }


def _blocks(vantage: Vantage, asked: JsonObject) -> list[Block]:
    """Those in the range that this endpoint has; both ends count."""
    if asked.get("blockHash") is not None:
        return [_block_of_hash(vantage, asked)]
    first = read_block_number(asked.get("fromBlock") or "latest", vantage, "fromBlock")
    last = read_block_number(asked.get("toBlock") or "latest", vantage, "toBlock")
    if first > last:
        raise RpcError(INVALID_PARAMS, "invalid block range params")
    if last > vantage.head:
        raise RpcError(INVALID_PARAMS, "block range extends beyond current head block")
    if last - first >= _MOST_BLOCKS:
        message = f"exceed maximum block range: {_MOST_BLOCKS}"
        raise RpcError(_LIMIT_EXCEEDED, message)
    first = max(first, vantage.ledger.first.number)
    numbers = range(first, min(last, vantage.head) + 1)
    return [block for number in numbers if (block := vantage.get_block(number))]


def _block_of_hash(vantage: Vantage, asked: JsonObject) -> Block:
    if asked.get("fromBlock") is not None or asked.get("toBlock") is not None:
        raise RpcError(
            INVALID_PARAMS,
            "invalid argument 0: cannot specify both BlockHash and FromBlock/ToBlock, choose one or"
            " the other",
        )
    block = vantage.get_block_by_hash(read_data(asked["blockHash"], 32, "blockHash"))
    if block is None:
        raise RpcError(-32000, "unknown block")
    return block


def _read_topics(asked: JsonValue) -> list[set[str] | None]:
    if asked is None:
        return []
    if not isinstance(asked, list) or len(asked) > _MOST_TOPICS:
        raise RpcError(INVALID_PARAMS, f"topics: want a list of at most {_MOST_TOPICS}")
    return [_alternatives(one, 32, "topic") for one in asked]


def _alternatives(value: JsonValue, size: int, where: str) -> set[str] | None:
    """None: anything."""
    if value is None or value == []:
        return None
    listed = value if isinstance(value, list) else [value]
    if len(listed) > _MOST_ALTERNATIVES:
        raise RpcError(INVALID_PARAMS, f"{where}: exceed max addresses or topics")
    if None in listed:
        return None
    return {read_data(one, size, where) for one in listed}


def _matches(
    log: JsonObject, addresses: set[str] | None, topics: Sequence[set[str] | None]
) -> bool:
    own = log["topics"]
    if addresses is not None and log["address"] not in addresses:
        return False
    if not isinstance(own, list) or len(topics) > len(own):
        return False
    return all(
        wanted is None or topic in wanted for wanted, topic in zip(topics, own, strict=False)
    )
