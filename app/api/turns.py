"""Who may work now: one update a person at a time, in order, and so many over all at once."""

import asyncio
from dataclasses import dataclass, field

# Telegram sends the next update of a chat only after the last was answered, over 100 connections
# at most: more than this is a flood, and Telegram keeps it for us better than we could.
PER_PERSON = 20
OVER_ALL = 200


class CrowdedError(Exception):
    """Too many wait already."""


@dataclass(slots=True)
class _Person:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    places: int = 0


@dataclass(slots=True)
class Place:
    key: int
    person: _Person
    has_turn: bool = False
    has_slot: bool = False


class Turns:
    """Who waits for his own turn holds no slot, so one person's flood leaves room for others."""

    def __init__(self, slots: int) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._persons: dict[int, _Person] = {}
        self._places = 0

    def __len__(self) -> int:
        """Persons who have a place."""
        return len(self._persons)

    def enter(self, key: int) -> Place:
        """A place that must be left again. Raises CrowdedError."""
        person = self._persons.get(key)
        if self._places >= OVER_ALL or (person and person.places >= PER_PERSON):
            raise CrowdedError
        if person is None:
            person = self._persons[key] = _Person()
        person.places += 1
        self._places += 1
        return Place(key, person)

    def is_free(self, place: Place) -> bool:
        """Whether `wait` would return at once."""
        return place.person.places == 1 and not self._slots.locked()

    async def wait(self, place: Place) -> None:
        """For the person's turn, then for a slot; each in the order of asking."""
        await place.person.turn.acquire()
        place.has_turn = True
        await self._slots.acquire()
        place.has_slot = True

    def leave(self, place: Place) -> None:
        if place.has_slot:
            self._slots.release()
        if place.has_turn:
            place.person.turn.release()
        place.person.places -= 1
        self._places -= 1
        if not place.person.places:
            del self._persons[place.key]
