"""JSON-RPC 2.0 as EVM nodes speak it: batches in any order, errors of every make, hex numbers."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from app.clients.chains.rpc.calls import (
    ANY_CODE,
    EndpointHead,
    RpcAnswer,
    RpcCall,
    RpcRefusal,
    WrongChainError,
)
from app.clients.chains.rpc.faults import (
    MAYBE_ONE_CALL_FAULTS,
    ONE_CALL_FAULTS,
    Fault,
    FaultKind,
    fault_of_error,
    fault_of_status,
)

MAX_COUNT: Final = (1 << 63) - 1
"""Far above what is true, and within what our dates, columns and gauges can hold."""
_QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")
_NOT_A_BATCH = frozenset({-32700, -32600})  # how a node without batches reads one

_LONGEST_ID = 10  # as a string, which some nodes make of it

_Reply = dict[str, JsonValue]


class JsonRpc:
    """`chain_id` is the right one (EIP-155)."""

    max_batch = 40
    head = (
        RpcCall("eth_chainId"),
        RpcCall("eth_blockNumber"),
        RpcCall("eth_syncing", refusals=ANY_CODE, is_side=True),
    )

    def __init__(self, chain_id: int) -> None:
        self._chain_id = chain_id

    def read_head(self, answers: Sequence[RpcAnswer]) -> EndpointHead:
        *numbers, syncing = answers
        chain_id, number = (_read_number(answer) for answer in numbers)
        if chain_id != self._chain_id:
            raise WrongChainError(f"chain id {chain_id} where {self._chain_id} is meant")
        # False, or how far it is, in fields of many kinds; geth says so too while it indexes.
        return EndpointHead(number, not (syncing is True or isinstance(syncing, dict)))

    def locate(self, url: str, calls: Sequence[RpcCall]) -> str:  # noqa: ARG002 - RpcProtocol's
        return url

    def encode(self, calls: Sequence[RpcCall]) -> bytes:
        requests = [
            {"jsonrpc": "2.0", "id": index, "method": call.method, "params": list(call.params)}
            for index, call in enumerate(calls)
        ]
        # A single call is no batch of one: some nodes know no batches.
        return json.dumps(requests if len(requests) > 1 else requests[0]).encode()

    def read_status(
        self, status: int, text: str, *, batch: int, retry_after: str | None
    ) -> Fault | None:
        return fault_of_status(status, text, batch=batch, retry_after=retry_after)

    def decode(self, body: bytes, calls: Sequence[RpcCall]) -> list[RpcAnswer | Fault]:
        try:
            parsed: JsonValue = json.loads(body)
        except (ValueError, RecursionError):
            return [Fault(FaultKind.TRANSIENT, "no JSON", is_common=True)] * len(calls)
        replies = [item for item in _as_list(parsed) if isinstance(item, dict)]
        if len(calls) == 1 and len(replies) == 1 and replies[0].get("error") is not None:
            return [_read(replies[0], calls[0], 1)]  # some leave its id out
        by_id = _index(replies)
        missing = _fault_of_all(replies, len(calls))
        return [
            _read(by_id[index], call, len(calls)) if index in by_id else missing
            for index, call in enumerate(calls)
        ]


def _as_list(parsed: JsonValue) -> list[JsonValue]:
    return parsed if isinstance(parsed, list) else [parsed]


def _index(replies: Sequence[_Reply]) -> dict[int, _Reply]:
    """An id that was answered twice is left out: nobody knows which answer is its own."""
    ids = [_read_id(reply) for reply in replies]
    times = Counter(ids)
    return {
        known: reply
        for known, reply in zip(ids, replies, strict=True)
        if known is not None and times[known] == 1
    }


def _read_id(reply: _Reply) -> int | None:
    known = reply.get("id")
    if isinstance(known, str) and known.isdecimal() and len(known) < _LONGEST_ID:
        return int(known)
    return known if isinstance(known, int) and not isinstance(known, bool) else None


def _fault_of_all(replies: Sequence[_Reply], batch: int) -> Fault:
    """What befell the calls that have no answer: an error without an id is about all of them."""
    for reply in replies:
        if _read_id(reply) is None and (error := reply.get("error")) is not None:
            code, message = _read_error(error)
            fault = fault_of_error(code, message, batch=batch)
            if batch > 1 and code in _NOT_A_BATCH:
                return Fault(FaultKind.SIZE, fault.text)
            return replace(fault, is_common=fault.kind in MAYBE_ONE_CALL_FAULTS)
    return Fault(FaultKind.TRANSIENT, "no answer to this id", is_common=True)


def _read(reply: _Reply, call: RpcCall, batch: int) -> RpcAnswer | Fault:
    error = reply.get("error")
    if error is not None:
        code, message = _read_error(error)
        if code in call.refusals:
            return RpcRefusal(code, message)
        fault = fault_of_error(code, message, batch=batch)
        is_refused = call.is_side and fault.kind in ONE_CALL_FAULTS
        return RpcRefusal(code, message) if is_refused else fault
    if "result" not in reply:
        return Fault(FaultKind.TRANSIENT, "neither result nor error", is_common=True)
    return reply["result"]


def _read_error(error: JsonValue) -> tuple[int, str]:
    if not isinstance(error, dict):
        return 0, str(error)
    code = error.get("code")
    return code if isinstance(code, int) else 0, str(error.get("message") or "no message")


def _read_number(answer: RpcAnswer) -> int:
    number = parse_quantity(None if isinstance(answer, RpcRefusal) else answer)
    if number > MAX_COUNT:
        raise ValueError("no number of a block")
    return number


def parse_quantity(value: JsonValue) -> int:
    """Hex with 0x (https://ethereum.github.io/execution-apis/), or, from some proxies, a number.

    Raises ValueError for all else. Digits without 0x might be of either base.
    """
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return int(value, 16)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError("no quantity")
