"""java-tron's HTTP API: the head's view, and below `walletsolidity` that of the solid block."""

from collections.abc import Callable
from typing import Final

from pydantic import JsonValue

from sandbox.world.chains.evm.models import Block, Transaction
from sandbox.world.chains.evm.vantage import Vantage
from sandbox.world.chains.tron.addresses import from_base58check, to_base58check, to_tron_hex
from sandbox.world.chains.tron.wallet_shapes import wallet_block, wallet_info, wallet_transaction
from sandbox.world.json_types import JsonObject

_MOST_BLOCKS = 100
_ADDRESS_DIGITS = 42
_TRANSFER_INPUTS: Final[list[JsonValue]] = [
    {"indexed": True, "name": "from", "type": "address"},
    {"indexed": True, "name": "to", "type": "address"},
    {"name": "value", "type": "uint256"},
]


class WalletError(Exception):
    """The text is what a node writes beside `Error`, with HTTP 200."""


class Asked:
    """A call's fields; `visible`: addresses in base58."""

    def __init__(self, fields: JsonObject) -> None:
        self._fields = fields
        self.visible = fields.get("visible") is True

    def number(self, name: str) -> int:
        value = self._fields.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool):
            raise WalletError("class java.lang.NumberFormatException : no number")
        return value

    def text(self, name: str) -> str:
        return str(self._fields.get(name) or "")


def answer(vantage: Vantage, api: str, method: str, asked: Asked) -> JsonValue | None:
    """None: there is no such method. WalletError for a call that makes no sense."""
    run = _METHODS.get(method)
    if run is None or (api == "walletsolidity" and method in _OF_FULL_NODES):
        return None
    if api == "walletsolidity":
        vantage.head = max(vantage.final, vantage.ledger.first.number)
    return run(vantage, asked)


def _now_block(vantage: Vantage, asked: Asked) -> JsonValue:
    return wallet_block(vantage, vantage.require_head(), visible=asked.visible)


def _block_by_num(vantage: Vantage, asked: Asked) -> JsonValue:
    return _shape(vantage, vantage.get_block(asked.number("num")), asked)


def _block_by_id(vantage: Vantage, asked: Asked) -> JsonValue:
    return _shape(vantage, vantage.get_block_by_hash(_hash(asked)), asked)


def _blocks_by_limit(vantage: Vantage, asked: Asked) -> JsonValue:
    """The end is exclusive."""
    first, end = asked.number("startNum"), asked.number("endNum")
    if not 0 <= first < end <= first + _MOST_BLOCKS:
        return {}
    found = [block for number in range(first, end) if (block := vantage.get_block(number))]
    shapes: list[JsonValue] = [wallet_block(vantage, one, visible=asked.visible) for one in found]
    return {"block": shapes} if shapes else {}


def _transaction(vantage: Vantage, asked: Asked) -> JsonValue:
    found = _find_placed(vantage, asked)
    return wallet_transaction(vantage, found, visible=asked.visible) if found else {}


def _pending_transaction(vantage: Vantage, asked: Asked) -> JsonValue:
    found = vantage.get_transaction(_hash(asked))
    if found is None or vantage.get_inclusion(found) is not None:
        return {}
    return wallet_transaction(vantage, found, visible=asked.visible)


def _info(vantage: Vantage, asked: Asked) -> JsonValue:
    found = _find_placed(vantage, asked)
    return _info_of(vantage, found, asked) if found else {}


def _infos_of_block(vantage: Vantage, asked: Asked) -> JsonValue:
    block = vantage.get_block(asked.number("num"))
    found = vantage.list_transactions(block) if block else []
    return [_info_of(vantage, one, asked) for one in found]


def _node_info(vantage: Vantage, _asked: Asked) -> JsonValue:
    head, solid = vantage.require_head(), vantage.get_block(vantage.final)
    return {
        "block": _name(head),
        "solidityBlock": _name(solid or vantage.ledger.first),
        "beginSyncNum": vantage.ledger.first.number,
        "currentConnectCount": 30,
        "activeConnectCount": 30,
        "passiveConnectCount": 0,
    }


def _contract(vantage: Vantage, asked: Asked) -> JsonValue:
    address = _read_address(asked.text("value"))
    token = next((one for one in vantage.spec.tokens if one.address == address), None)
    if token is None:
        return {}
    transfer: JsonObject = {"name": "Transfer", "type": "Event", "inputs": _TRANSFER_INPUTS}
    shown = to_base58check(address) if asked.visible else to_tron_hex(address)
    return {
        "contract_address": shown,
        "name": "TetherToken",
        "consume_user_resource_percent": 100,
        "abi": {"entrys": [transfer]},
    }


def _shape(vantage: Vantage, block: Block | None, asked: Asked) -> JsonValue:
    return wallet_block(vantage, block, visible=asked.visible) if block else {}


def _find_placed(vantage: Vantage, asked: Asked) -> Transaction | None:
    found = vantage.get_transaction(_hash(asked))
    return found if found and vantage.get_inclusion(found) else None


def _info_of(vantage: Vantage, transaction: Transaction, asked: Asked) -> JsonObject:
    placed = vantage.get_inclusion(transaction)
    if placed is None:
        raise LookupError("a transaction of a block that is in none")
    return wallet_info(vantage, transaction, placed, visible=asked.visible)


def _hash(asked: Asked) -> str:
    return f"0x{asked.text('value').lower()}"


def _name(block: Block) -> str:
    return f"Num:{block.number},ID:{block.hash.removeprefix('0x')}"


def _read_address(text: str) -> str:
    if len(text) == _ADDRESS_DIGITS:
        return f"0x{text[2:].lower()}"
    try:
        return from_base58check(text)
    except ValueError:
        raise WalletError("class java.lang.IllegalArgumentException : INVALID address") from None


_OF_FULL_NODES: Final = frozenset({"getnodeinfo", "getcontract", "gettransactionfrompending"})
_METHODS: Final[dict[str, Callable[[Vantage, Asked], JsonValue]]] = {
    "getnowblock": _now_block,
    "getblockbynum": _block_by_num,
    "getblockbyid": _block_by_id,
    "getblockbylimitnext": _blocks_by_limit,
    "gettransactionbyid": _transaction,
    "gettransactionfrompending": _pending_transaction,
    "gettransactioninfobyid": _info,
    "gettransactioninfobyblocknum": _infos_of_block,
    "getnodeinfo": _node_info,
    "getcontract": _contract,
}
