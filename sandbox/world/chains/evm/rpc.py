"""JSON-RPC 2.0: reads a request or a batch of them and gives the body of the answer."""

from collections.abc import Callable

from pydantic import JsonValue
from pydantic_core import from_json

from sandbox.world.chains.evm.params import INVALID_PARAMS, RpcError
from sandbox.world.chains.evm.vantage import Vantage
from sandbox.world.json_types import JsonObject

_PARSE_ERROR = -32700
_INVALID_REQUEST = -32600
_SERVER_ERROR = -32000
_RATE_LIMITED = -32005

Request = JsonObject | list[JsonValue]
Run = Callable[[Vantage, str, list[JsonValue]], JsonValue]
"""A method's result; RpcError when there is none."""


def parse(body: bytes) -> Request | None:
    """None for what no JSON-RPC server reads."""
    try:
        request: JsonValue = from_json(body, allow_inf_nan=False)
    except ValueError:
        return None
    return request if isinstance(request, dict | list) else None


def count_calls(request: Request | None) -> int:
    return len(request) if isinstance(request, list) else 1


def answer(vantage: Vantage, request: Request | None, batch_limit: int, run: Run) -> JsonValue:
    """None when nothing was asked but notifications."""
    if request is None:
        return _error(None, RpcError(_PARSE_ERROR, "parse error"))
    if isinstance(request, dict):
        return _answer_one(vantage, request, run)
    if not request:
        return _error(None, RpcError(_INVALID_REQUEST, "empty batch"))
    if len(request) > batch_limit:
        message = f"batch limit {batch_limit} exceeded"
        return _error(None, RpcError(_SERVER_ERROR, message))
    answers = [_answer_one(vantage, one, run) for one in request]
    return [one for one in answers if one is not None] or None


def refuse(request: Request | None) -> JsonValue:
    """Every call is answered that there were too many."""
    error = RpcError(_RATE_LIMITED, "rate limit exceeded")
    if not isinstance(request, list):
        return _error(request.get("id") if request else None, error)
    ids = [one.get("id") if isinstance(one, dict) else None for one in request]
    return [_error(id_, error) for id_ in ids]


def _answer_one(vantage: Vantage, request: JsonValue, run: Run) -> JsonObject | None:
    if not isinstance(request, dict):
        return _error(None, RpcError(_INVALID_REQUEST, "invalid request"))
    id_ = request.get("id")
    try:
        method, params = _read(request)
        if "id" not in request:
            return None
        result = run(vantage, method, params)
    except RpcError as error:
        return _error(id_, error)
    return {"jsonrpc": "2.0", "id": id_, "result": result}


def _read(request: JsonObject) -> tuple[str, list[JsonValue]]:
    method, params = request.get("method"), request.get("params")
    bad_id = isinstance(request.get("id"), dict | list | bool)
    if request.get("jsonrpc") != "2.0" or not isinstance(method, str) or bad_id:
        raise RpcError(_INVALID_REQUEST, "invalid request")
    if params is not None and not isinstance(params, list):
        raise RpcError(INVALID_PARAMS, "non-array args")
    return method, params or []


def _error(id_: JsonValue, error: RpcError) -> JsonObject:
    known = id_ if isinstance(id_, str | int | float) else None
    told: JsonObject = {"code": error.code, "message": error.message}
    return {"jsonrpc": "2.0", "id": known, "error": told}
