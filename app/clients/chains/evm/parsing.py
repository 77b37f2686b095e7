"""Turns answers into models: what can't be read is an endpoint's failure, and no crash of ours."""

from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.clients.chains.evm.models import Count, GasPrice
from app.clients.chains.rpc.calls import RpcAnswer, RpcCall, RpcRefusal
from app.clients.chains.rpc.pool import Pinned
from app.domain.ports import UnavailableError

_COUNT: TypeAdapter[int] = TypeAdapter(Count)
_GAS_PRICE: TypeAdapter[int] = TypeAdapter(GasPrice)

M = TypeVar("M", bound=BaseModel)


class CallRefusedError(UnavailableError):
    """This endpoint does not answer this question: another may."""


def report_invalid_answer(pinned: Pinned, method: str, why: str) -> UnavailableError:
    """The error to raise; the endpoint is held to account for it."""
    pinned.record_invalid_answer(why)
    return UnavailableError(f"{pinned.name}: {method}: {why}")


def parse_answer(pinned: Pinned, model: type[M], call: RpcCall, answer: RpcAnswer) -> M | None:
    """None for null."""
    _raise_if_refused(pinned, call, answer)
    if answer is None:
        return None
    try:
        return model.model_validate(answer)
    except ValidationError:
        raise report_invalid_answer(pinned, call.method, "an unreadable answer") from None


def require_answer(pinned: Pinned, model: type[M], call: RpcCall, answer: RpcAnswer) -> M:
    found = parse_answer(pinned, model, call, answer)
    if found is None:
        raise report_invalid_answer(pinned, call.method, "null, where something must be")
    return found


def _raise_if_refused(pinned: Pinned, call: RpcCall, answer: RpcAnswer) -> None:
    """Raises RefusedError for a refusal."""
    if isinstance(answer, RpcRefusal):
        raise CallRefusedError(f"{pinned.name}: {call.method}: refused with {answer.code}")


def parse_count(pinned: Pinned, call: RpcCall, answer: RpcAnswer) -> int:
    return _read_number(_COUNT, pinned, call, answer)


def parse_gas_price(pinned: Pinned, call: RpcCall, answer: RpcAnswer) -> int:
    return _read_number(_GAS_PRICE, pinned, call, answer)


def _read_number(kind: TypeAdapter[int], pinned: Pinned, call: RpcCall, answer: RpcAnswer) -> int:
    _raise_if_refused(pinned, call, answer)
    try:
        return kind.validate_python(answer)
    except ValidationError:
        raise report_invalid_answer(pinned, call.method, "an unreadable number") from None
