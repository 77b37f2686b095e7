"""Which update may be handled now: one a user at a time, in order, and so many over all at once."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from app.core.slots import Slot

# Telegram sends the next update of a chat only after the last was answered, over 100 connections
# at most: more than this is a flood, and Telegram keeps it for us better than we could.
_MAX_PER_USER = 20
_MAX_WAITING = 200
# Money has slots of its own, so that no crowd stands before it: a pre-checkout query expires in 10
# s. Its database connections are counted in the pool's need.
_MONEY_SLOTS: Final = 4
_MAX_MONEY_WAITING: Final = 100


class CrowdedError(Exception):
    """Too many wait already."""


@dataclass(slots=True)
class _SlotPool:
    slots: asyncio.Semaphore
    limit: int
    tickets: int = 0


@dataclass(slots=True)
class _User:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    tickets: int = 0


@dataclass(slots=True)
class Ticket:
    key: Hashable
    user: _User
    pool: _SlotPool
    slot: Slot
    has_lock: bool = False


class UserQueue:
    """A waiting update holds no slot, so one user's flood leaves room for others."""

    def __init__(self, slots: int) -> None:
        self._ordinary = _SlotPool(asyncio.Semaphore(slots), _MAX_WAITING)
        self._money = _SlotPool(asyncio.Semaphore(_MONEY_SLOTS), _MAX_MONEY_WAITING)
        self._users: dict[Hashable, _User] = {}

    def __len__(self) -> int:
        """Users who have a ticket."""
        return len(self._users)

    def issue_ticket(self, key: Hashable, *, is_money: bool = False) -> Ticket:
        """A ticket that must be given back by `leave`. Raises CrowdedError."""
        pool = self._money if is_money else self._ordinary
        user = self._users.get(key)
        if pool.tickets >= pool.limit or (user and user.tickets >= _MAX_PER_USER):
            raise CrowdedError
        if user is None:
            user = self._users[key] = _User()
        user.tickets += 1
        pool.tickets += 1
        return Ticket(key, user, pool, Slot(pool.slots))

    def is_free(self, ticket: Ticket) -> bool:
        """Whether `wait` would return at once."""
        return ticket.user.tickets == 1 and not ticket.pool.slots.locked()

    async def wait(self, ticket: Ticket) -> None:
        """For the user's turn, then for a slot; each in the order of asking."""
        await ticket.user.lock.acquire()
        ticket.has_lock = True
        await ticket.slot.take()

    def leave(self, ticket: Ticket) -> None:
        ticket.slot.end()
        if ticket.has_lock:
            ticket.user.lock.release()
        ticket.user.tickets -= 1
        ticket.pool.tickets -= 1
        if not ticket.user.tickets:
            del self._users[ticket.key]
