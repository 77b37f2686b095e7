"""What runs only while this instance is the active one, from a term's start to its end."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from functools import partial

from app.core.supervisor import TaskSupervisor
from app.core.wakeups import Wakeups
from app.core.worker_names import WorkerName
from app.workers.loop import Worker, WorkerBoard, run_worker

# For a round under way to end by itself; who is cancelled in a statement needs 2 s to let go of it.
_ROUND_PATIENCE = timedelta(seconds=1)


class TermTasks:
    """The workers, and `keep_commands`: a loop that begins anew with each term."""

    def __init__(
        self,
        supervisor: TaskSupervisor,
        wakeups: Wakeups,
        board: WorkerBoard,
        *,
        workers: Collection[Worker],
        keep_commands: Callable[[], Awaitable[None]],
        stop_bound: timedelta,
    ) -> None:
        self._supervisor = supervisor
        self._wakeups = wakeups
        self._board = board
        self._workers = workers
        self._keep_commands = keep_commands
        # Sooner than the leadership's own bound, so that a worker that does not end is named in the
        # log.
        self._stop_bound = stop_bound - timedelta(seconds=0.5)
        self._ending = asyncio.Event()  # asks the workers of this term to end

    async def start(self) -> None:
        self._ending = asyncio.Event()
        for worker in self._workers:
            loop = partial(run_worker, worker, self._wakeups, self._board, self._ending)
            self._supervisor.start(worker.name, loop)
        self._supervisor.start(WorkerName.COMMANDS, self._keep_commands)

    async def stop(self) -> None:
        """As often as asked, also before a start."""
        self._ending.set()
        self._wakeups.wake_all()
        await self._supervisor.stop({WorkerName.COMMANDS}, self._stop_bound)
        names = {worker.name for worker in self._workers}
        bound = self._stop_bound - _ROUND_PATIENCE
        await self._supervisor.stop(names, bound, patience=_ROUND_PATIENCE)
