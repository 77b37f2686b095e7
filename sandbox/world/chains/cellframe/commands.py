"""The node's command line, which is what its JSON-RPC really is, and the commands it knows here."""

import re
from typing import Final

from sandbox.world.chains.cellframe.addresses import NET_ID, cellframe_address
from sandbox.world.chains.cellframe.chain import CellframeChain
from sandbox.world.chains.cellframe.models import Transaction
from sandbox.world.json_types import JsonObject

_NET: Final = "Backbone"
_CHAINS: Final = ("main", "zerochain")
_HASH: Final = re.compile(r"0[xX][0-9a-fA-F]{64}")
_NETWORK_FEE = ("0.002", "2000000000000000")
_VALIDATOR_FEE = ("0.05", "50000000000000000")
_NOT_FOUND, _MISSING, _BAD_HASH, _BAD_NET, _BAD_CHAIN = -1, 2, 3, 4, 11


class CommandError(Exception):
    """What the node says of it stands inside `result`, under HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def run_command(chain: CellframeChain, words: list[str]) -> JsonObject:
    """`words` as typed after cellframe-node-cli; raises CommandError."""
    match words[:1]:
        case ["tx_history"]:
            return _tell_transaction(chain, words)
        case ["mempool"] if "check" in words:
            return _check_mempool(chain, words)
        case ["net"] if _option(words, "get") == "fee":
            _require_net(words)
            return {"fees": _tell_fees()}
        case ["net"] if _option(words, "get") == "status":
            _require_net(words)
            return {"status": _tell_status(chain)}
    raise CommandError(_MISSING, f"can't recognize command {' '.join(words)[:100]}")


def _tell_transaction(chain: CellframeChain, words: list[str]) -> JsonObject:
    _require_net(words)
    if _option(words, "-chain") not in _CHAINS:
        raise CommandError(_BAD_CHAIN, "tx_history requires a valid '-chain'")
    asked = _require_hash(words, "-tx")
    transaction = chain.state.transactions.get(asked.lower())
    is_new = chain.state.dialect == "new"
    if transaction and _is_seen(chain, transaction):
        return _tell_included(chain, transaction)
    if transaction and is_new:
        return {"status": "pending", "source": "mempool", "hash": _upper(transaction.hash)}
    where = "chains and mempool" if is_new else "chains"
    raise CommandError(_NOT_FOUND, f"TX hash {asked} not found in {where}")


def _tell_included(chain: CellframeChain, transaction: Transaction) -> JsonObject:
    declined = transaction.status == "declined"
    told: JsonObject = {
        "status": "DECLINED" if declined else "ACCEPTED",
        "atom_hash": _upper(transaction.atom_hash or ""),
        "hash": _upper(transaction.hash),
        "ret_code": 22 if declined else 0,
        "ret_code_str": "Transaction output is already used" if declined else "No error",
        "action": "regular",
        "token ticker": "CELL",
        "tx created": transaction.at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    }
    if chain.state.counts:
        told["confirmations"] = _tip(chain) - (transaction.block or 0)
    return told


def _check_mempool(chain: CellframeChain, words: list[str]) -> JsonObject:
    _require_net(words)
    asked = _require_hash(words, "-datum")
    transaction = chain.state.transactions.get(asked.lower())
    if transaction is None:
        return {"hash": _upper(asked), "net": _NET, "chain": None, "find": False}
    source = "chain" if _is_seen(chain, transaction) else "mempool"
    return {
        "hash": _upper(asked),
        "net": _NET,
        "chain": "main",
        "find": True,
        "source": source,
        "datum": {"Datum": {"hash": _upper(transaction.hash), "ITEMS": []}},
    }


def _tell_fees() -> JsonObject:
    coins, balance = _NETWORK_FEE
    return {
        "network": {
            "coins": coins,
            "balance": balance,
            "ticker": "CELL",
            "addr": cellframe_address("fees"),
        },
        "validators": {
            "min": {"coin": "0.01", "balance": "10000000000000000"},
            "max": {"coin": "1.0", "balance": "1000000000000000000"},
            "average": {"coin": "0.09", "balance": "90000000000000000"},
            "median": {"coin": _VALIDATOR_FEE[0], "balance": _VALIDATOR_FEE[1]},
            "token": "CELL",
        },
        "xchange": {"fee": "service has no fee"},
    }


def _tell_status(chain: CellframeChain) -> JsonObject:
    current, in_network = _tip(chain), chain.state.tip
    main: JsonObject = {
        "id": "0x0000000000000001",
        "status": "synced" if current == in_network else "sync in process",
        "current": current,
        # What the two versions of the answers call it.
        "in_network" if chain.state.dialect == "new" else "in network": in_network,
        "percent": f"{current * 100 / in_network:.3f} %",
    }
    return {
        "net": _NET,
        "id": f"0x{NET_ID:016x}",
        "native_ticker": "CELL",
        "current_addr": "C0DE::0001::0002::0003",
        "links": {"active": 4, "required": 3},
        "processed": {"zerochain": {**main, "id": "0x0000000000000000"}, "main": main},
        "states": {"current": "NET_STATE_ONLINE", "target": "NET_STATE_ONLINE"},
    }


def _tip(chain: CellframeChain) -> int:
    return chain.state.tip if chain.state.seen_tip is None else chain.state.seen_tip


def _is_seen(chain: CellframeChain, transaction: Transaction) -> bool:
    return transaction.block is not None and transaction.block <= _tip(chain)


def _option(words: list[str], name: str) -> str | None:
    """The word after the first of this name, as the node's own parser finds it."""
    place = words.index(name) + 1 if name in words else len(words)
    return words[place] if place < len(words) else None


def _require_net(words: list[str]) -> None:
    net = _option(words, "-net")
    if net is None:
        raise CommandError(_MISSING, f"{words[0]} requires parameter '-net'")
    if net != _NET:
        raise CommandError(_BAD_NET, f"{words[0]} requires a valid '-net', {net[:60]} not found")


def _require_hash(words: list[str], name: str) -> str:
    typed = _option(words, name)
    if typed is None:
        raise CommandError(_MISSING, f"{words[0]} requires parameter '{name}'")
    if not _HASH.fullmatch(typed):
        raise CommandError(_BAD_HASH, f"{words[0]}: hash {typed[:100]} not recognized")
    return typed


def _upper(tx_hash: str) -> str:
    return f"0x{tx_hash[2:].upper()}"
