"""Runs the workers only while this instance holds the lock, and hands over when asked to (P7).

Here and not in db, because the lock knows nothing of workers; it needs no service and no port.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from app.core.metrics import ROLE
from app.core.role import Role
from app.db.lock import LeaseLostError, LockLease

logger = structlog.get_logger()


class Leadership:
    """`on_active` starts the workers; `on_standby` stops them and may be called more than once.

    Then the lock is given away. Each has the lease's stop bound to end. The supervisor runs `run`.
    """

    def __init__(
        self,
        lease: LockLease,
        *,
        on_active: Callable[[], Awaitable[None]],
        on_standby: Callable[[], Awaitable[None]],
    ) -> None:
        self._lease = lease
        self._on_active = on_active
        self._on_standby = on_standby
        self._task: asyncio.Task[None] | None = None
        self._role = Role.STARTING
        self._set_role(Role.STARTING)

    @property
    def role(self) -> Role:
        return self._role

    async def run(self) -> None:
        """Standby, active, lost, standby … until `drain`; whatever ends it, the workers stop.

        Before that it is starting.
        """
        self._task = asyncio.current_task()
        if self._role is Role.STARTING:
            self._set_role(Role.STANDBY)
        try:
            while self._role is not Role.DRAINING:
                await self._serve_one_term()
        finally:
            await self._become_standby()

    async def drain(self) -> None:
        """Never active again: stop the workers, free the lock, notify the next one. Bounded."""
        is_first_call = self._role is not Role.DRAINING
        self._set_role(Role.DRAINING)
        if self._task is not None and not self._task.done():
            if is_first_call:  # a second cancellation would interrupt the hand-over
                self._task.cancel()
            # Two bounds: one of the workers, one of the release.
            bound = self._lease.timings.stop_bound + self._lease.timings.heartbeat_bound
            await asyncio.wait({self._task}, timeout=bound.total_seconds())

    async def _serve_one_term(self) -> None:
        started = time.monotonic()
        freed_at = await self._lease.acquire()
        try:
            await self._become_active(started, freed_at)
            await self._lease.hold()
        except LeaseLostError as error:
            logger.warning("leadership_lost", reason=str(error))
            await self._become_standby()

    async def _become_active(self, started: float, freed_at: float) -> None:
        async with asyncio.timeout(self._stop_bound_seconds):
            await self._on_active()
        self._set_role(Role.ACTIVE)
        now = time.monotonic()
        logger.info(
            "leadership_taken",
            waited_seconds=round(now - started, 3),
            takeover_seconds=round(now - freed_at, 3),
            term=self._lease.term.number,
        )

    async def _become_standby(self) -> None:
        if self._role is Role.ACTIVE:
            self._set_role(Role.STANDBY)
        try:
            async with asyncio.timeout(self._stop_bound_seconds):
                await self._on_standby()
        except Exception:
            # The lease tokens of the claims are what keeps such a worker from doing harm.
            logger.exception("workers_not_stopped")
        if self._role is Role.DRAINING:
            await self._lease.hand_over()  # handlers may still be at work
        else:
            await self._lease.release()

    @property
    def _stop_bound_seconds(self) -> float:
        return self._lease.timings.stop_bound.total_seconds()

    def _set_role(self, role: Role) -> None:
        self._role = role
        for each in Role:
            ROLE.labels(each).set(each is role)
