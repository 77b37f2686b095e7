"""The last attempts to hand events to the service, for the page's live strip."""

from collections import deque
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from sandbox.world.clock import WorldClock
from sandbox.world.events import EventHub
from sandbox.world.state import WorldState

_KEPT = 50


class Delivery(BaseModel):
    """One attempt to hand an event to the service; status 0 means that nobody answered."""

    id: int
    target: Literal["telegram", "cryptobot"]
    what: str
    person_id: int | None
    chat_id: int | None = None
    attempt: int
    status: int
    latency_ms: float
    at: datetime


class DeliveryLog:
    def __init__(self, state: WorldState, clock: WorldClock, hub: EventHub) -> None:
        self._state = state
        self._clock = clock
        self._hub = hub
        self.last: deque[Delivery] = deque(maxlen=_KEPT)

    def reload(self, state: WorldState) -> None:
        self._state = state

    def record(
        self,
        target: Literal["telegram", "cryptobot"],
        what: str,
        *,
        person_id: int | None,
        chat_id: int | None = None,
        attempt: int,
        status: int,
        latency_seconds: float,
    ) -> None:
        counters = self._state.counters
        counters.delivery_id += 1
        delivery = Delivery(
            id=counters.delivery_id,
            target=target,
            what=what,
            person_id=person_id,
            chat_id=chat_id,
            attempt=attempt,
            status=status,
            latency_ms=round(latency_seconds * 1000, 1),
            at=self._clock.now(),
        )
        self.last.append(delivery)
        if self._hub.listeners:
            self._hub.publish("delivery", delivery=delivery.model_dump(mode="json"))
