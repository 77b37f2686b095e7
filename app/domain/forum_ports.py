"""What support in a forum needs of Telegram beside messages."""

from typing import Protocol


class ForumTopics(Protocol):
    """Raises what a MessageSender does; TopicGoneError for a topic that was deleted."""

    async def can_manage(self, chat_id: int) -> bool:
        """Whether the chat is a forum in which the bot may make topics."""
        ...

    async def create(self, chat_id: int, name: str) -> int:
        """The new topic's id."""
        ...

    async def close(self, chat_id: int, thread_id: int) -> None:
        """Twice is once."""
        ...

    async def reopen(self, chat_id: int, thread_id: int) -> None:
        """Twice is once."""
        ...

    async def delete(self, chat_id: int, thread_id: int) -> None:
        """With all its messages."""
        ...
