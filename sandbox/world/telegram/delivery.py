"""Hands updates to the bot's webhook as Telegram does: in order per queue, until taken."""

import asyncio
import json
from collections import deque
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus

import httpx
from pydantic import JsonValue

from sandbox.world.clock import WorldClock
from sandbox.world.config import WorldConfig
from sandbox.world.deliveries import DeliveryLog
from sandbox.world.state import WorldState
from sandbox.world.tasks import Tasks
from sandbox.world.telegram.models import PendingUpdate

_TIMEOUT = httpx.Timeout(60, connect=5)
_LONGEST_WAIT_SECONDS = 60
_LONGEST_RETRY_AFTER_SECONDS = 3600
_SHORTEST_WAIT_SECONDS = 0.01
_LIFETIMES = {
    "callback_query": timedelta(seconds=150),
    "pre_checkout_query": timedelta(seconds=150),
}
_MESSAGE_LIFETIME = timedelta(hours=24)


class UpdateDelivery:
    def __init__(
        self,
        config: WorldConfig,
        state: WorldState,
        clock: WorldClock,
        http: httpx.AsyncClient,
        tasks: Tasks,
        deliveries: DeliveryLog,
    ) -> None:
        self._config = config
        self._state = state
        self._clock = clock
        self._http = http
        self._tasks = tasks
        self._deliveries = deliveries
        self._queues: dict[str, deque[PendingUpdate]] = {}
        self._running: set[str] = set()
        self._started = False
        self._changed = asyncio.Event()
        self._slots = asyncio.Semaphore(40)

    def start(self) -> None:
        self._started = True
        self.settings_changed()

    def enqueue(
        self,
        kind: str,
        queue: str,
        payload: dict[str, JsonValue],
        *,
        what: str,
        person_id: int,
        chat_id: int | None = None,
        repeats: int = 0,
    ) -> int:
        """The id of the update, which waits for its turn when the bot asked for this kind."""
        state = self._state
        state.counters.update_id += 1
        update_id = state.counters.update_id
        allowed = state.webhook.allowed_updates
        if allowed and kind not in allowed:
            return update_id
        lifetime = _LIFETIMES.get(kind, _MESSAGE_LIFETIME)
        pending = PendingUpdate.model_construct(
            update_id=update_id,
            queue=queue,
            kind=kind,
            payload=payload,
            what=what,
            person_id=person_id,
            chat_id=chat_id,
            expires_at=self._clock.now() + lifetime,
            attempts=0,
            repeats=repeats,
        )
        state.pending_updates[update_id] = pending
        self._queues.setdefault(queue, deque()).append(pending)
        self._wake(queue)
        return update_id

    def settings_changed(self) -> None:
        """Try everything again at once: the webhook, or what stands before it, is another now."""
        self._slots = asyncio.Semaphore(self._state.webhook.max_connections)
        self._changed.set()
        self._changed = asyncio.Event()
        for queue in list(self._queues):
            self._wake(queue)

    def drop_pending(self) -> None:
        self._state.pending_updates.clear()
        self._queues.clear()

    def hand_out(self, offset: int) -> list[PendingUpdate]:
        """What waits from `offset` on, oldest first; what comes before it was received."""
        waiting = [one for queue in self._queues.values() for one in queue]
        for one in waiting:
            if one.update_id < offset:
                self._remove(one)
        return sorted(
            (one for one in waiting if one.update_id >= offset), key=lambda one: one.update_id
        )

    def pending_count(self) -> int:
        for queue in list(self._queues):
            self._head(queue)
        return len(self._state.pending_updates)

    def reload(self, state: WorldState) -> None:
        """Go on with the queues of a restored state, in the order of their update ids."""
        self._state = state
        self._queues.clear()
        for _, pending in sorted(self._state.pending_updates.items()):
            self._queues.setdefault(pending.queue, deque()).append(pending)
        self.settings_changed()

    def _wake(self, queue: str) -> None:
        if not self._started or queue in self._running or not self._state.webhook.url:
            return
        self._running.add(queue)
        self._tasks.spawn(self._drain(queue), name=f"updates {queue}")

    async def _drain(self, queue: str) -> None:
        try:
            while self._state.webhook.url and (pending := self._head(queue)):
                wait_seconds = await self._attempt(pending)
                if wait_seconds is None and pending.repeats:
                    pending.repeats -= 1
                elif wait_seconds is None:
                    self._remove(pending)
                elif wait_seconds:
                    await self._pause(wait_seconds)
        finally:
            self._running.discard(queue)

    def _head(self, queue: str) -> PendingUpdate | None:
        waiting = self._queues.get(queue)
        while waiting:
            if waiting[0].expires_at > self._clock.now():
                return waiting[0]
            self._remove(waiting[0])
        self._queues.pop(queue, None)
        return None

    def _remove(self, pending: PendingUpdate) -> None:
        self._state.pending_updates.pop(pending.update_id, None)
        waiting = self._queues.get(pending.queue)
        if waiting and waiting[0] is pending:
            waiting.popleft()

    async def _attempt(self, pending: PendingUpdate) -> float | None:
        """Seconds until the next attempt, None when the bot took the update."""
        async with self._slots:
            pending.attempts += 1
            started = asyncio.get_running_loop().time()
            answer = await self._post(pending)
            latency_seconds = asyncio.get_running_loop().time() - started
        status = answer.status_code if isinstance(answer, httpx.Response) else 0
        self._deliveries.record(
            "telegram",
            pending.what,
            person_id=pending.person_id,
            chat_id=pending.chat_id,
            attempt=pending.attempts,
            status=status,
            latency_seconds=latency_seconds,
        )
        if isinstance(answer, httpx.Response) and answer.is_success:
            return None
        self._remember_error(answer)
        return _wait_seconds(answer, pending.attempts) * self._config.retry_scale

    async def _post(self, pending: PendingUpdate) -> httpx.Response | str:
        webhook = self._state.webhook
        if self._state.knobs.telegram_webhook == "lost":
            return "Connection timed out"
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        body = json.dumps({"update_id": pending.update_id, pending.kind: pending.payload})
        try:
            return await self._http.post(
                webhook.url, content=body, headers=headers, timeout=_TIMEOUT
            )
        except httpx.ConnectError:
            return "Connection refused"
        except httpx.TimeoutException:
            return "Read timeout expired"
        except httpx.HTTPError:
            return "Connection reset by peer"

    def _remember_error(self, answer: httpx.Response | str) -> None:
        webhook = self._state.webhook
        webhook.last_error_date = self._clock.timestamp()
        if isinstance(answer, str):
            webhook.last_error_message = answer
            return
        phrase = answer.reason_phrase or HTTPStatus(answer.status_code).phrase
        webhook.last_error_message = (
            f"Wrong response from the webhook: {answer.status_code} {phrase}"
        )

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), max(seconds, _SHORTEST_WAIT_SECONDS))


def _wait_seconds(answer: httpx.Response | str, attempts: int) -> float:
    """At once after the first failure, then 2, 4, 8 … seconds, or what the bot asked for."""
    if isinstance(answer, httpx.Response):
        asked: str = answer.headers.get("Retry-After", "")
        if asked.isdigit():
            return max(_SHORTEST_WAIT_SECONDS, min(int(asked[:9]), _LONGEST_RETRY_AFTER_SECONDS))
    if attempts == 1:
        return 0
    return min(2.0 ** min(attempts - 1, 6), _LONGEST_WAIT_SECONDS)
