"""Who may work now: one update a person at a time, in order, and so many over all at once."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from app.core.slots import Slot

# Telegram sends the next update of a chat only after the last was answered, over 100 connections
# at most: more than this is a flood, and Telegram keeps it for us better than we could.
PER_PERSON = 20
OVER_ALL = 200
# Money has a room of its own, so that no crowd stands before it: a question before a payment dies
# in 10 s. Its database connections are counted in the pool's need.
MONEY_SLOTS: Final = 4
MONEY_OVER_ALL: Final = 100


class CrowdedError(Exception):
    """Too many wait already."""


@dataclass(slots=True)
class _Room:
    slots: asyncio.Semaphore
    limit: int
    places: int = 0


@dataclass(slots=True)
class _Person:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    places: int = 0


@dataclass(slots=True)
class Place:
    key: Hashable
    person: _Person
    room: _Room
    slot: Slot
    has_turn: bool = False


class Turns:
    """Who waits for his own turn holds no slot, so one person's flood leaves room for others."""

    def __init__(self, slots: int) -> None:
        self._ordinary = _Room(asyncio.Semaphore(slots), OVER_ALL)
        self._money = _Room(asyncio.Semaphore(MONEY_SLOTS), MONEY_OVER_ALL)
        self._persons: dict[Hashable, _Person] = {}

    def __len__(self) -> int:
        """Persons who have a place."""
        return len(self._persons)

    def enter(self, key: Hashable, *, is_money: bool = False) -> Place:
        """A place that must be left again. Raises CrowdedError."""
        room = self._money if is_money else self._ordinary
        person = self._persons.get(key)
        if room.places >= room.limit or (person and person.places >= PER_PERSON):
            raise CrowdedError
        if person is None:
            person = self._persons[key] = _Person()
        person.places += 1
        room.places += 1
        return Place(key, person, room, Slot(room.slots))

    def is_free(self, place: Place) -> bool:
        """Whether `wait` would return at once."""
        return place.person.places == 1 and not place.room.slots.locked()

    async def wait(self, place: Place) -> None:
        """For the person's turn, then for a slot; each in the order of asking."""
        await place.person.turn.acquire()
        place.has_turn = True
        await place.slot.take()

    def leave(self, place: Place) -> None:
        place.slot.end()
        if place.has_turn:
            place.person.turn.release()
        place.person.places -= 1
        place.room.places -= 1
        if not place.person.places:
            del self._persons[place.key]
