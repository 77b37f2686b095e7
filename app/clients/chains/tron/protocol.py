"""JSON-RPC as java-tron answers it: overload, bans and freshness in ways of its own.

https://developers.tron.network/reference/json-rpc-api-overview, and its source.
"""

import json
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, JsonValue, ValidationError

from app.clients.chains.evm.models import Count
from app.clients.chains.rpc.calls import EndpointHead, RpcAnswer, RpcCall
from app.clients.chains.rpc.faults import Fault, FaultKind, parse_retry_after
from app.clients.chains.rpc.jsonrpc import JsonRpc

# TronGrid bans a client that asks too often for so long, without saying so in a header.
_BAN_SECONDS: Final = 30.0
_BANNED: Final = frozenset(
    {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
)
_OVERLOAD: Final = re.compile(r"lack of computing resources|exceed|suspended", re.IGNORECASE)
_ALLOWED_LAG_BLOCKS: Final = 10
_LONGEST_TEXT: Final = 2000
_LONGEST_PLAIN: Final = 4000  # a longer body is no error outside of the envelope
_WALLET: Final = "wallet/"


class _Syncing(BaseModel):
    currentBlock: Count  # noqa: N815 - the node's
    highestBlock: Count  # noqa: N815 - by the clock, as it were without a missed block


class TronRpc(JsonRpc):
    def read_head(self, answers: Sequence[RpcAnswer]) -> EndpointHead:
        """A node with peers always says that it synchronises: how far it is behind counts."""
        *numbers, syncing = answers
        head = super().read_head([*numbers, False])
        try:
            state = _Syncing.model_validate(syncing)
        except ValidationError:
            return head
        behind = state.highestBlock - state.currentBlock
        return EndpointHead(head.number, behind <= _ALLOWED_LAG_BLOCKS)

    def locate(self, url: str, calls: Sequence[RpcCall]) -> str:
        """The HTTP API stands beside the JSON-RPC, with a path for each method."""
        if not is_wallet_call(calls[0]):
            return url
        parts = urlsplit(url)
        folder = parts.path.removesuffix("/").removesuffix("/jsonrpc")
        return parts._replace(path=f"{folder}/{calls[0].method}").geturl()

    def encode(self, calls: Sequence[RpcCall]) -> bytes:
        if is_wallet_call(calls[0]):
            return json.dumps(calls[0].params[0]).encode()
        return super().encode(calls)

    def read_status(
        self, status: int, text: str, *, batch: int, retry_after: str | None
    ) -> Fault | None:
        fault = super().read_status(status, text, batch=batch, retry_after=retry_after)
        if status not in _BANNED or (fault and fault.kind is FaultKind.BILLING):
            return fault
        seconds = parse_retry_after(retry_after)
        return Fault(
            FaultKind.RATE_LIMIT, f"HTTP {status}", _BAN_SECONDS if seconds is None else seconds
        )

    def decode(self, body: bytes, calls: Sequence[RpcCall]) -> list[RpcAnswer | Fault]:
        """Overload comes with HTTP 200 and outside of the envelope, for the whole request."""
        text = _read_plain_error(body)
        if text is None and is_wallet_call(calls[0]):
            return [_read_wallet(body)]
        if text is None:
            return super().decode(body, calls)
        is_overload = _OVERLOAD.search(text) is not None
        kind = FaultKind.RATE_LIMIT if is_overload else FaultKind.TRANSIENT
        return [Fault(kind, text[:_LONGEST_TEXT], is_common=not is_overload)] * len(calls)


def make_wallet_call(tx_hash: str) -> RpcCall:
    """Of the HTTP API, whose calls go in requests of their own; {} for what it does not know."""
    asked: dict[str, JsonValue] = {"value": tx_hash.removeprefix("0x")}
    return RpcCall(f"{_WALLET}gettransactionbyid", (asked,), is_side=True)


def is_wallet_call(call: RpcCall) -> bool:
    return call.method.startswith(_WALLET)


def _read_wallet(body: bytes) -> RpcAnswer | Fault:
    try:
        answer: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return Fault(FaultKind.UNSUPPORTED, "no HTTP API beside its JSON-RPC")
    return answer


def _read_plain_error(body: bytes) -> str | None:
    if len(body) > _LONGEST_PLAIN:
        return None
    try:
        parsed: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = parsed.get("Error") if isinstance(parsed, dict) else None
    return error if isinstance(error, str) else None
