"""What can go wrong at an endpoint, sorted by what is to be done about it."""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

from app.core import clock
from app.domain.ports import UnavailableError

_LONGEST_MESSAGE = 2000  # the endpoint takes keys out of it and then cuts it shorter
_LONGEST_RETRY_AFTER_SECONDS = 3600.0


class FaultKind(StrEnum):
    """The value is a label of metrics."""

    TRANSIENT = "transient"  # no answer, or none that makes sense: counts for the breaker
    RATE_LIMIT = "rate_limit"  # leave it alone for a while
    BILLING = "billing"  # its quota is spent: leave it alone for an hour or more
    SIZE = "size"  # fewer calls in a request
    UNSUPPORTED = "unsupported"  # this endpoint has no such method
    ELSEWHERE = "elsewhere"  # it lives but can't answer this: another may
    FORBIDDEN = "forbidden"  # it refuses this question, or us
    OURS = "ours"  # the call makes no sense anywhere


# The same call may succeed a moment later.
PASSING_FAULTS = frozenset({FaultKind.TRANSIENT, FaultKind.ELSEWHERE, FaultKind.FORBIDDEN})
# As an error to one call: about this question, not about who was asked.
ONE_CALL_FAULTS = frozenset({FaultKind.TRANSIENT, FaultKind.ELSEWHERE, FaultKind.OURS})

# As a request's fault: one of its calls may be why.
MAYBE_ONE_CALL_FAULTS = ONE_CALL_FAULTS | {FaultKind.FORBIDDEN, FaultKind.UNSUPPORTED}


@dataclass(frozen=True, slots=True)
class Fault:
    """Stands in an answer's place.

    `is_common`: nothing in it says which of the request's calls it is about.
    """

    kind: FaultKind
    text: str
    retry_after_seconds: float | None = None
    is_common: bool = False


class EndpointError(UnavailableError):
    """An endpoint's fault, or the last one when several were asked."""

    def __init__(self, text: str, kind: FaultKind) -> None:
        super().__init__(text)
        self.kind = kind


_RATE_CODES = frozenset({-32005, -32007, -32016, 429})
_SIZE_CODES = frozenset({-32002, -32003})
_UNSUPPORTED_CODES = frozenset({-32601, -32004})
_OUR_CODES = frozenset({-32700, -32600, -32602})
_INTERNAL_ERROR = -32603

# "Current plan" or "upgrade" prove nothing: limits per second and archives are refused so too.
_PERIOD = re.compile(r"\b(daily|monthly|(per|a|this|24)[ -]?(day|month|hours?)|today)\b")
_QUOTA = re.compile(r"\b(quotas?|limits?|capacity|credits?|usage|allowance|requests?|units?|cap)\b")
_SPENT = re.compile(r"exceed|reached|exhaust|used up|deplet|ran out|run out|\bspent\b")
_PER_SECOND = re.compile(r"second|\brps\b|\bqps\b|\bcups\b|/ ?s(ec)?\b|throughput|\bminute")
_RANGE_TEXTS = ("query returned more than", "block range")  # -32005 too, and no rate limit
_BATCH_TEXT = "batch"


def fault_of_error(code: int, message: str, *, batch: int) -> Fault:
    """`code` and `message` of a JSON-RPC error; `batch`: how many calls the request held."""
    message = message[:_LONGEST_MESSAGE]
    return Fault(_kind_of_error(code, message.lower(), batch), f"{code}: {message}")


def _kind_of_error(code: int, text: str, batch: int) -> FaultKind:  # noqa: PLR0911 - a table
    if _is_quota_spent(text):
        return FaultKind.BILLING
    if code in _SIZE_CODES or (batch > 1 and _BATCH_TEXT in text):
        return FaultKind.SIZE
    if _says(text, _RANGE_TEXTS):
        return FaultKind.ELSEWHERE
    if code in _RATE_CODES:
        return FaultKind.RATE_LIMIT
    if code in _UNSUPPORTED_CODES:
        return FaultKind.UNSUPPORTED
    if code in _OUR_CODES:
        return FaultKind.OURS
    return FaultKind.TRANSIENT if code == _INTERNAL_ERROR else FaultKind.ELSEWHERE


def fault_of_status(
    status: int, text: str, *, batch: int, retry_after: str | None = None
) -> Fault | None:
    """None where the body decides. `text` is the body's beginning, whatever it is."""
    kind = _kind_of_status(status, text.lower(), batch)
    if kind is None:
        return None
    seconds = parse_retry_after(retry_after)
    if status == HTTPStatus.SERVICE_UNAVAILABLE and seconds is not None:
        kind = FaultKind.RATE_LIMIT  # it says when it will be back
    if kind is FaultKind.RATE_LIMIT:
        return Fault(kind, f"HTTP {status}", seconds)
    return Fault(kind, f"HTTP {status}", is_common=kind in MAYBE_ONE_CALL_FAULTS)


def _kind_of_status(  # noqa: PLR0911 - a table
    status: int, text: str, batch: int
) -> FaultKind | None:
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if status == HTTPStatus.PAYMENT_REQUIRED or (
        status < HTTPStatus.INTERNAL_SERVER_ERROR and _is_quota_spent(text)
    ):
        return FaultKind.BILLING
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return FaultKind.RATE_LIMIT
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or (batch > 1 and _BATCH_TEXT in text):
        return FaultKind.SIZE
    if status == HTTPStatus.FORBIDDEN:
        return FaultKind.FORBIDDEN
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return FaultKind.TRANSIENT
    is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return None if is_refusal else FaultKind.TRANSIENT


def parse_retry_after(value: str | None) -> float | None:
    """Seconds from now, an hour at the most; both spellings of RFC 9110."""
    if not value:
        return None
    try:
        seconds = float(value) if value.strip().isdecimal() else _seconds_until(value)
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_SECONDS)


def _seconds_until(http_date: str) -> float:
    return (parsedate_to_datetime(http_date) - clock.now()).total_seconds()


def _is_quota_spent(text: str) -> bool:
    """That a quota of a day or a month is used up; in lower case."""
    needed = (_PERIOD, _QUOTA, _SPENT)
    return all(one.search(text) for one in needed) and not _PER_SECOND.search(text)


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in text for phrase in phrases)
