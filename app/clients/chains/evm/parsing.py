"""Turns answers into models: what can't be read is an endpoint's failure, and no crash of ours."""

from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.clients.chains.evm.models import Count, GasPrice
from app.clients.chains.rpc.calls import Answer, Call, RpcRefusal
from app.clients.chains.rpc.pool import Pinned
from app.domain.ports import UnavailableError

_COUNT: TypeAdapter[int] = TypeAdapter(Count)
_GAS_PRICE: TypeAdapter[int] = TypeAdapter(GasPrice)

M = TypeVar("M", bound=BaseModel)


class RefusedError(UnavailableError):
    """This endpoint does not answer this question: another may."""


def nonsense(pinned: Pinned, method: str, why: str) -> UnavailableError:
    """The error to raise; the endpoint is held to account for it."""
    pinned.note_nonsense(why)
    return UnavailableError(f"{pinned.name}: {method}: {why}")


def read(pinned: Pinned, model: type[M], call: Call, answer: Answer) -> M | None:
    """None for null."""
    refuse(pinned, call, answer)
    if answer is None:
        return None
    try:
        return model.model_validate(answer)
    except ValidationError:
        raise nonsense(pinned, call.method, "an unreadable answer") from None


def require(pinned: Pinned, model: type[M], call: Call, answer: Answer) -> M:
    found = read(pinned, model, call, answer)
    if found is None:
        raise nonsense(pinned, call.method, "null, where something must be")
    return found


def refuse(pinned: Pinned, call: Call, answer: Answer) -> None:
    """Raises RefusedError for a refusal."""
    if isinstance(answer, RpcRefusal):
        raise RefusedError(f"{pinned.name}: {call.method}: refused with {answer.code}")


def read_count(pinned: Pinned, call: Call, answer: Answer) -> int:
    return _read_number(_COUNT, pinned, call, answer)


def read_gas_price(pinned: Pinned, call: Call, answer: Answer) -> int:
    return _read_number(_GAS_PRICE, pinned, call, answer)


def _read_number(kind: TypeAdapter[int], pinned: Pinned, call: Call, answer: Answer) -> int:
    refuse(pinned, call, answer)
    try:
        return kind.validate_python(answer)
    except ValidationError:
        raise nonsense(pinned, call.method, "an unreadable number") from None
