"""A forum in memory."""

from tests.support.fakes import Scripted


class FakeTopics(Scripted):
    """A ForumTopics with their names, where `is_manager` says whether the bot may; by id."""

    def __init__(self) -> None:
        super().__init__()
        self.is_manager = True
        self.names: dict[int, str] = {}
        self.closed: set[int] = set()

    async def can_manage(self, chat_id: int) -> bool:  # noqa: ARG002
        await self._play()
        return self.is_manager

    async def create(self, chat_id: int, name: str) -> int:  # noqa: ARG002
        await self._play()
        thread_id = 100 + len(self.names)
        self.names[thread_id] = name
        return thread_id

    async def close(self, chat_id: int, thread_id: int) -> None:  # noqa: ARG002
        await self._play()
        self.closed.add(thread_id)

    async def reopen(self, chat_id: int, thread_id: int) -> None:  # noqa: ARG002
        await self._play()
        self.closed.discard(thread_id)

    async def delete(self, chat_id: int, thread_id: int) -> None:  # noqa: ARG002
        await self._play()
        del self.names[thread_id]
