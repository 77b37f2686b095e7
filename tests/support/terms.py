"""A new term of leadership, and two instances that overlap for a moment."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import text

from app.db.unit_of_work import Database
from app.domain.messages import Lane, Screen
from app.domain.ports import ClaimState
from tests.support.fakes import FakeClaims, RecordingSender

_COUNT = text(
    "INSERT INTO leadership_term (id, number) VALUES (1, 1)"
    " ON CONFLICT (id) DO UPDATE SET number = leadership_term.number + 1"
)


async def begin_term(db: Database) -> None:
    """What the lock's next holder does first."""
    async with db.unit_of_work() as session:
        await session.execute(_COUNT)


class Stepped:
    """One instance at work, which stops before everything that it does outside the database."""

    def __init__(self, claims: FakeClaims, sender: RecordingSender) -> None:
        self.claims = claims
        self.sender = sender
        self.got: ClaimState | None = None
        self._may_go = asyncio.Event()
        self._stopped = asyncio.Event()
        self._task: asyncio.Task[object] | None = None

    def start(self, work: Callable[[], Awaitable[object]]) -> None:
        self._task = asyncio.ensure_future(work())

    @property
    def has_started(self) -> bool:
        return self._task is not None

    async def step(self) -> bool:
        """Go on to the next stop; False at the end."""
        if self._task is None or self._task.done():
            return False
        self._stopped.clear()
        self._may_go.set()
        stopped = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait({self._task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        return not self._task.done()

    async def kill(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _stop(self) -> None:
        self._may_go.clear()
        self._stopped.set()
        await self._may_go.wait()

    async def claim(self, key: str) -> ClaimState:
        await self._stop()
        self.got = await self.claims.claim(key)
        return self.got

    async def mark_sent(self, key: str) -> None:
        await self._stop()
        await self.claims.mark_sent(key)

    async def release(self, key: str) -> None:
        await self._stop()
        await self.claims.release(key)

    def get_chat_wait(self, chat_id: int) -> timedelta:
        return self.sender.get_chat_wait(chat_id)

    async def send(
        self,
        chat_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
        only_there: bool = False,  # noqa: ARG002
    ) -> int:
        await self._stop()
        message_id = await self.sender.send(chat_id, screen, lane=lane, thread_id=thread_id)
        await self._stop()  # Telegram has it, and its answer has not come yet
        return message_id

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        return await self.sender.edit(chat_id, message_id, screen, lane=lane, thread_id=thread_id)

    async def replace(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        return await self.sender.replace(
            chat_id, message_id, screen, lane=lane, thread_id=thread_id
        )

    async def update(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int | None:
        return await self.sender.update(chat_id, message_id, screen, lane=lane, thread_id=thread_id)
