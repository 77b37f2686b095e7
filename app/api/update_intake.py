"""Carries an update from its parsing to its end, so that none is lost, doubled or in the way (P2).

Telegram repeats what was not answered with 2xx. So what we could not take gets a 5xx and is
forgotten here; what a handler's bug broke gets 200 and is kept for the operator, because repeating
it for a day would hold up its whole chat; and money is never acknowledged before it is stored.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

import structlog
from aiogram.dispatcher.middlewares.user_context import EventContext, UserContextMiddleware
from aiogram.types import Update

from app.api.user_queue import CrowdedError, Ticket, UserQueue
from app.api.waits import Waits
from app.core.metrics import UPDATES_IN_FLIGHT
from app.core.supervisor import TaskSupervisor, TooManyTasksError
from app.domain.ports import SeenUpdates, UpdateState

# What the handler's own calls outside may take at most is far less. Until it ends, the user's next
# updates wait, and a callback lives 150 s at Telegram.
_HANDLER_LIMIT = timedelta(seconds=60)
_STORE_SECONDS = 5.0
_LATE_NOTICE_SECONDS = 10.0
_CANCEL_SECONDS = 2.0

logger = structlog.get_logger()


class UpdateOutcome(StrEnum):
    """How an update left us; the label of the UPDATES metric."""

    HANDLED = "handled"
    REPEATED = "repeated"  # done before
    FAILED = "failed"  # its handler raised; kept for the operator
    LATE = "late"  # answered at the time-out, its handler still runs
    IN_PROCESSING = "in_processing"  # the same update is being handled now
    CROWDED = "crowded"  # its turn did not come
    CUT_OFF = "cut_off"  # cancelled by the drain
    MONEY_NOT_STORED = "money_not_stored"


@dataclass(frozen=True, slots=True)
class UpdateHooks:
    """What the intake does not know itself.

    `feed` is the dispatcher, with the update as it came; what it raises counts as failed, so the
    bot's error handler must raise again after answering the user. `store_failed` stores an update's
    JSON and its error for operators. `send_late_notice` sends the user that it takes longer.
    """

    feed: Callable[[Update, bytes], Awaitable[object]]
    store_failed: Callable[[str, BaseException], Awaitable[object]]
    send_late_notice: Callable[[Update], Awaitable[object]]


@dataclass(slots=True)
class _Work:
    update: Update
    body: bytes
    context: EventContext
    is_answered: bool = False  # with 200 at the time-out: Telegram will not send it again
    is_handled: bool = False  # its handler ended well: a cancellation comes too late
    is_cut_off: bool = False  # answered with 503 by the drain, while its handler still ends

    @property
    def update_id(self) -> int:
        return self.update.update_id

    @property
    def key(self) -> Hashable:
        """Whose turn it takes: payments wait for no button of the same user.

        A pre-checkout query expires in 10 s, and takes nobody's.
        """
        if self.update.pre_checkout_query is not None:
            return "question", self.update_id
        user = self.context.user_id or self.context.chat_id or 0
        return ("money", user) if _carries_money(self.update) else user


class UpdateIntake:
    def __init__(
        self,
        hooks: UpdateHooks,
        seen: SeenUpdates,
        supervisor: TaskSupervisor,
        *,
        max_concurrent: int,
        feed_timeout: timedelta,
        handler_limit: timedelta = _HANDLER_LIMIT,
    ) -> None:
        self._hooks = hooks
        self._seen = seen
        self._supervisor = supervisor
        self._queue = UserQueue(max_concurrent)
        self._timeout_seconds = feed_timeout.total_seconds()
        self._limit_seconds = handler_limit.total_seconds()
        self._tasks: set[asyncio.Task[UpdateOutcome] | asyncio.Task[None]] = set()
        self._requests = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._is_draining = False
        self._is_cut_off = False
        self._queue_waits = Waits()
        self._result_waits = Waits()

    async def take(self, update: Update, body: bytes) -> UpdateOutcome:
        """The end of the update's handling, or how it stands after the time-out."""
        work = _Work(update, body, UserContextMiddleware.resolve_event_context(update))
        self._requests += 1
        self._idle.clear()
        try:
            return await self._take(work)
        except asyncio.CancelledError:
            work.is_cut_off = True  # nobody waits for its handler's end any more
            raise
        finally:
            self._requests -= 1
            self._set_idle_if_done()

    async def flush(self) -> None:
        """After an answer: what it did not have to wait for."""
        await self._seen.flush()

    async def drain(self, grace: timedelta, cancelling: timedelta) -> None:
        """Take nothing more, let running handlers end within `grace`, then cancel them.

        Cancelled ones are forgotten and answered with 503, so that the next instance gets them.
        One that has not ended within `cancelling` is answered all the same, and forgotten when it
        ends: until then its update is not for anybody else.
        """
        self._is_draining = True
        self._queue_waits.end_all()
        if await self._becomes_idle(grace.total_seconds()):
            return
        logger.warning("updates_cut_off", count=len(self._tasks))
        for task in self._tasks:
            task.cancel("the service ends")
        if not await self._becomes_idle(cancelling.total_seconds()):
            logger.error("updates_did_not_end", count=len(self._tasks))
            self._is_cut_off = True
            self._result_waits.end_all()

    async def _take(self, work: _Work) -> UpdateOutcome:
        deadline = asyncio.get_running_loop().time() + self._timeout_seconds
        try:
            ticket = self._queue.issue_ticket(work.key, is_money=_carries_money(work.update))
        except CrowdedError:
            return UpdateOutcome.CROWDED
        try:
            state = await self._seen.begin(work.update_id)
            task = await self._start(work, ticket, deadline) if state is UpdateState.NEW else None
        except BaseException:
            self._queue.leave(ticket)
            await self._seen.forget(work.update_id)
            raise
        if task:
            return await self._result(work, task, deadline)
        self._queue.leave(ticket)
        if state is UpdateState.NEW:
            await self._seen.forget(work.update_id)
            return UpdateOutcome.CROWDED
        return UpdateOutcome.REPEATED if state is UpdateState.DONE else UpdateOutcome.IN_PROCESSING

    async def _start(
        self, work: _Work, ticket: Ticket, deadline: float
    ) -> asyncio.Task[UpdateOutcome] | None:
        """None when its turn did not come in time."""
        try:
            if self._queue.is_free(ticket):  # saves the timer of nearly every update
                await self._queue.wait(ticket)
            else:
                async with self._queue_waits.until(deadline):
                    await self._queue.wait(ticket)
            if self._is_draining:
                return None
            task = self._supervisor.track(
                self._handle(work, ticket), name=f"update-{work.update_id}"
            )
        except (TimeoutError, TooManyTasksError):
            return None
        UPDATES_IN_FLIGHT.inc()
        self._tasks.add(task)
        # Not in the task's own `finally`: one cancelled before its first step has none.
        task.add_done_callback(partial(self._end, ticket))
        return task

    def _end(self, ticket: Ticket, task: asyncio.Task[UpdateOutcome]) -> None:
        UPDATES_IN_FLIGHT.dec()
        self._queue.leave(ticket)
        self._drop(task)

    def _drop(self, task: asyncio.Task[UpdateOutcome] | asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._set_idle_if_done()

    async def _result(
        self, work: _Work, task: asyncio.Task[UpdateOutcome], deadline: float
    ) -> UpdateOutcome:
        if not await self._ends(task, deadline) and not self._is_cut_off:
            carries_money = _carries_money(work.update)
            logger.warning(
                "WEBHOOK_HANDLER_TIMEOUT", update_id=work.update_id, carries_money=carries_money
            )
            if not carries_money:
                return await self._leave_running(work, task)
            task.cancel()
            await self._ends(task, asyncio.get_running_loop().time() + _CANCEL_SECONDS)
        if task.done() and not task.cancelled():
            return task.result()
        if work.is_handled:
            await self._seen.finish(work.update_id)
            return UpdateOutcome.HANDLED
        if self._is_cut_off and not task.done():
            work.is_cut_off = True
            return UpdateOutcome.CUT_OFF
        await self._seen.forget(work.update_id)
        return UpdateOutcome.CUT_OFF if self._is_draining else UpdateOutcome.MONEY_NOT_STORED

    async def _ends(self, task: asyncio.Task[UpdateOutcome], deadline: float) -> bool:
        """Whether it has ended before the deadline and the drain's end."""
        with suppress(TimeoutError):
            async with self._result_waits.until(deadline):
                await asyncio.wait({task})
        return task.done()

    async def _leave_running(self, work: _Work, task: asyncio.Task[UpdateOutcome]) -> UpdateOutcome:
        work.is_answered = True
        limit = asyncio.get_running_loop().call_later(
            self._limit_seconds - self._timeout_seconds, task.cancel, "ran over the limit"
        )
        task.add_done_callback(lambda _: limit.cancel())
        await self._seen.finish(work.update_id)
        try:
            late_notice = self._supervisor.track(
                self._send_late_notice(work), name=f"late-notice-{work.update_id}"
            )
        except TooManyTasksError:
            return UpdateOutcome.LATE
        self._tasks.add(late_notice)
        late_notice.add_done_callback(self._drop)
        return UpdateOutcome.LATE

    async def _send_late_notice(self, work: _Work) -> None:
        _bind(work)
        try:
            async with asyncio.timeout(_LATE_NOTICE_SECONDS):
                await self._hooks.send_late_notice(work.update)
        except Exception:
            logger.exception("late_notice_failed")

    async def _handle(self, work: _Work, ticket: Ticket) -> UpdateOutcome:
        _bind(work)
        ticket.slot.hold()
        try:
            await self._hooks.feed(work.update, work.body)
        except asyncio.CancelledError as error:
            if not _was_cancelled():  # something inside let another's cancellation out: a bug
                return await self._fail(work, error)
            if work.is_answered:
                logger.exception("update_cut_off", reason=str(error))
                await self._store_failed(work, error)
            elif work.is_cut_off:
                await self._seen.forget(work.update_id)
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is its end
            return await self._fail(work, error)
        work.is_handled = True
        await self._seen.finish(work.update_id)
        return UpdateOutcome.HANDLED

    async def _fail(self, work: _Work, error: BaseException) -> UpdateOutcome:
        logger.error("update_failed", exc_info=error)
        if _carries_money(work.update):
            await self._seen.forget(work.update_id)
            return UpdateOutcome.MONEY_NOT_STORED
        await self._store_failed(work, error)
        await self._seen.finish(work.update_id)
        return UpdateOutcome.FAILED

    async def _store_failed(self, work: _Work, error: BaseException) -> None:
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                await self._hooks.store_failed(work.body.decode(errors="replace"), error)
        except Exception:
            logger.exception("update_not_kept")

    async def _becomes_idle(self, grace_seconds: float) -> bool:
        try:
            async with asyncio.timeout(grace_seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def _set_idle_if_done(self) -> None:
        if not self._requests and not self._tasks:
            self._idle.set()


def _bind(work: _Work) -> None:
    structlog.contextvars.bind_contextvars(update_id=work.update_id, user_id=work.context.user_id)


def _was_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _carries_money(update: Update) -> bool:
    message = update.message
    return update.pre_checkout_query is not None or (
        message is not None
        and (message.successful_payment is not None or message.refunded_payment is not None)
    )
