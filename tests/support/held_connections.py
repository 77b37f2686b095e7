"""Shows a fake port whether its caller holds a database connection, which P5 forbids.

Held is what the running task, or a task that it was started by, has checked out of a pool and not
given back. What runs beside it may hold connections: that is none of the caller's business.
"""

from contextvars import ContextVar
from itertools import count

import pytest
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, Pool

_CHECKOUT = "checkout"
_numbers = count()
_open: set[int] = set()
_taken_here: ContextVar[tuple[int, ...]] = ContextVar("connections_taken_here", default=())


@event.listens_for(Pool, "checkout")
def _note_taken(_connection: object, entry: ConnectionPoolEntry, _proxy: object) -> None:
    number = next(_numbers)
    entry.info[_CHECKOUT] = number
    _open.add(number)
    _taken_here.set((*(taken for taken in _taken_here.get() if taken in _open), number))


@event.listens_for(Pool, "checkin")
@event.listens_for(Pool, "invalidate")  # refused when it was taken: another is taken for it
def _note_given_back(_connection: object, entry: ConnectionPoolEntry, *_: object) -> None:
    _open.discard(entry.info.pop(_CHECKOUT, -1))


def require_none_held() -> None:
    """Fails the test, past every `except Exception`: called by all that stands for the outside."""
    held = [number for number in _taken_here.get() if number in _open]
    if held:
        pytest.fail("a port is called while the caller holds a database connection (P5)")
