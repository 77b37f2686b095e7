"""The only place that creates tasks, so that none is lost, none fails unheard, all end (P6)."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from app.core.backoff import backoff_seconds

_HEALTHY_SECONDS = 60.0

_T = TypeVar("_T")
logger = structlog.get_logger()


class TooManyTasksError(Exception):
    """As many tasks are tracked as may be; the coroutine was closed without running."""


class TaskSupervisor:
    """Loops that are kept running by name, and one-off tasks that are kept track of."""

    def __init__(self, *, max_tracked: int) -> None:
        self._max_tracked = max_tracked
        self._loops: dict[str, asyncio.Task[None]] = {}
        self._tracked: set[asyncio.Task[Any]] = set()

    @property
    def tracked_count(self) -> int:
        return len(self._tracked)

    def is_running(self, name: str) -> bool:
        task = self._loops.get(name)
        return task is not None and not task.done()

    def start(
        self, name: str, loop: Callable[[], Awaitable[None]], *, restart: bool = True
    ) -> None:
        """A crash is logged and, with `restart`, run again after 1, 2, 4 … 30 s.

        A loop that returns has ended for good. Raises RuntimeError while one of that name runs.
        """
        if self.is_running(name):
            raise RuntimeError(f"{name} is still running")
        self._loops[name] = asyncio.create_task(_keep_running(name, loop, restart), name=name)

    def track(self, coroutine: Coroutine[Any, Any, _T], *, name: str) -> asyncio.Task[_T]:
        """Run once; a failure is logged also when nobody awaits it. Raises TooManyTasksError."""
        if len(self._tracked) >= self._max_tracked:
            coroutine.close()
            raise TooManyTasksError(f"{self._max_tracked} tasks are running")
        task = asyncio.create_task(coroutine, name=name)
        self._tracked.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tracked.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("task_crashed", task=task.get_name(), exc_info=error)

    async def settle(self, grace: timedelta) -> bool:
        """Wait for the tracked tasks without cancelling them; False when some are not done."""
        if not self._tracked:
            return True
        _, pending = await asyncio.wait(self._tracked, timeout=grace.total_seconds())
        return not pending

    async def stop(
        self, names: Collection[str], grace: timedelta, *, patience: timedelta = timedelta()
    ) -> bool:
        """Cancel these loops and await their ends; False when some did not end in time.

        `patience` is what they get before that to end by themselves, when they were asked to.
        """
        tasks = {self._loops[name] for name in names if name in self._loops}
        if tasks and patience:
            await asyncio.wait(tasks, timeout=patience.total_seconds())
        return await _end(tasks, grace)

    async def stop_all(self, grace: timedelta) -> bool:
        """Cancel and await every loop and every tracked task; False when some did not end."""
        return await _end({*self._loops.values(), *self._tracked}, grace)


async def _keep_running(name: str, loop: Callable[[], Awaitable[None]], restart: bool) -> None:  # noqa: FBT001 - private
    failures = 0
    while True:
        started = time.monotonic()
        if await _returns(name, loop) or not restart:
            return
        is_healthy = time.monotonic() - started >= _HEALTHY_SECONDS
        failures = 1 if is_healthy else failures + 1
        await asyncio.sleep(backoff_seconds(failures))


async def _returns(name: str, loop: Callable[[], Awaitable[None]]) -> bool:
    try:
        await loop()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # Nobody cancelled us: something inside let another's cancellation out. That is a crash.
        logger.exception("task_crashed", task=name)
    except Exception:
        logger.exception("task_crashed", task=name)
    else:
        return True
    return False


async def _end(tasks: set[asyncio.Task[Any]], grace: timedelta) -> bool:
    running = {task for task in tasks if not task.done()}
    for task in running:
        task.cancel()
    if not running:
        return True
    _, pending = await asyncio.wait(running, timeout=grace.total_seconds())
    for task in pending:
        logger.error("task_did_not_end", task=task.get_name(), stands_at=_where(task))
    return not pending


def _where(task: asyncio.Task[Any]) -> list[str]:
    # Task.get_stack shows the outermost frame only, which is always this module's.
    places = []
    coroutine: object = task.get_coro()
    while inspect.iscoroutine(coroutine) and coroutine.cr_frame:
        places.append(f"{coroutine.cr_code.co_qualname}:{coroutine.cr_frame.f_lineno}")
        coroutine = coroutine.cr_await
    return places
