"""The node's commands that are asked, in both forms that its versions take.

Source: dap_json_rpc_request.c and the wiki's "JSON-RPC Requests". Either form becomes a command
line there, with `;` between its words: nothing of unknown shape may stand in one.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import JsonValue

from app.clients.chains.rpc.calls import RpcAnswer, RpcCall, RpcRefusal

_TX_HASH: Final = re.compile(r"0x[0-9a-f]{64}")
_NOT_FOUND: Final = -1
_MISSING_ARGUMENT: Final = 2
NO_SUCH_NET: Final = 4
# Missing argument, bad hash, bad net, bad chain: no endpoint will ever answer that otherwise.
_OURS: Final = frozenset({_MISSING_ARGUMENT, 3, NO_SUCH_NET, 11})
_NO_REQUEST: Final = -32600
_UNPARSED: Final = frozenset({_MISSING_ARGUMENT, -32700, _NO_REQUEST, -32602})
_REFUSALS: Final = frozenset({_NOT_FOUND}) | _OURS | _UNPARSED


class CommandForm(StrEnum):
    """LINE is taken by every node itself, some gateways in front take only ARGUMENTS."""

    LINE = "line"
    ARGUMENTS = "arguments"

    @property
    def other(self) -> "CommandForm":
        return CommandForm.ARGUMENTS if self is CommandForm.LINE else CommandForm.LINE


@dataclass(frozen=True, slots=True)
class Command:
    line: str
    subcommand: str | tuple[str, ...]
    arguments: tuple[tuple[str, str], ...]

    @property
    def method(self) -> str:
        return self.line.partition(";")[0]

    def to_call(self, form: CommandForm) -> RpcCall:
        """`params` hold the request's own fields."""
        fields: dict[str, JsonValue] = {"params": [self.line]}
        if form is CommandForm.ARGUMENTS:
            fields = {"subcommand": _to_json(self.subcommand), "arguments": dict(self.arguments)}
        return RpcCall(self.method, (fields,), _REFUSALS)


# What it says that is no answer, to a request in a form that it may not know.
NOT_UNDERSTOOD: Final = RpcRefusal(_NO_REQUEST, "no answer that makes sense")


def is_tx_hash(text: str) -> bool:
    """In lower case."""
    return _TX_HASH.fullmatch(text) is not None


def make_tx_history_command(network: str, tx_hash: str) -> Command:
    """ValueError for what is no hash in lower case."""
    _require_tx_hash(tx_hash)
    return Command(
        f"tx_history;-tx;{tx_hash};-net;{network};-chain;main",
        "tx_history",
        (("tx", tx_hash), ("net", network), ("chain", "main")),
    )


def make_mempool_command(network: str, tx_hash: str) -> Command:
    """ValueError for what is no hash in lower case."""
    _require_tx_hash(tx_hash)
    return Command(
        f"mempool;check;-net;{network};-datum;{tx_hash}",
        ("check",),
        (("net", network), ("datum", tx_hash)),
    )


def make_fee_command(network: str) -> Command:
    return Command(f"net;-net;{network};get;fee", ("get", "fee"), (("net", network),))


def make_status_command(network: str) -> Command:
    return Command(f"net;-net;{network};get;status", ("get", "status"), (("net", network),))


def is_unparsed_answer(answer: RpcAnswer) -> bool:
    """The node read no arguments: it may take the other form."""
    return isinstance(answer, RpcRefusal) and answer.code in _UNPARSED


def is_our_fault(answer: RpcRefusal) -> bool:
    return answer.code in _OURS or answer.code in _UNPARSED


def is_not_found(answer: RpcAnswer) -> bool:
    """Of `make_tx_history_command`. Old nodes look into the chains alone."""
    return (
        isinstance(answer, RpcRefusal)
        and answer.code == _NOT_FOUND
        and "not found" in answer.message.lower()
    )


def _to_json(subcommand: str | tuple[str, ...]) -> JsonValue:
    return subcommand if isinstance(subcommand, str) else list(subcommand)


def _require_tx_hash(tx_hash: str) -> None:
    if not is_tx_hash(tx_hash):
        raise ValueError("no transaction's hash")
