"""Calls outside whose every failure must be a port's: a bug in a client is reported too (P6)."""

from collections.abc import Awaitable
from typing import TypeVar

import structlog

from app.domain.ports import PortError, UnavailableError

log = structlog.get_logger()

T = TypeVar("T")


async def guard_port_call(port_call: Awaitable[T], failure: str, **context: str) -> T:
    """Raises PortError; any other error is logged as `failure` and becomes UnavailableError."""
    try:
        return await port_call
    except PortError:
        raise
    except Exception as error:
        log.exception(failure, **context)
        # Its type only: what an unexpected error says may be secret (P12).
        raise UnavailableError(f"unexpected {type(error).__name__}") from error
