"""What broadcasts need of Telegram beside what every message does."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.messages import Button, CopiedMessage
from app.domain.ports import RefusedError


class SourceMessageError(RefusedError):
    """What is to be copied was deleted, or is of a kind that Telegram does not copy."""


class MessageCopier(Protocol):
    """Raises what a MessageSender does, and SourceMessageError."""

    async def wait_for_turn(self, chat_id: int) -> None:
        """Until the limits let a broadcast's message to the chat pass. Raises RetryLaterError."""
        ...

    async def copy_in_turn(
        self, message: CopiedMessage, chat_id: int, buttons: Sequence[Sequence[Button]]
    ) -> int:
        """After `wait_for_turn`, at once; the new message's id."""
        ...

    async def edit_in_turn(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        *,
        is_caption: bool,
        buttons: Sequence[Sequence[Button]],
    ) -> None:
        """After `wait_for_turn`, at once; `text` is Telegram's HTML. Twice is once."""
        ...

    async def delete_in_turn(self, chat_id: int, message_id: int) -> None:
        """After `wait_for_turn`, at once. One that is gone already is no failure."""
        ...

    async def copy(
        self, message: CopiedMessage, chat_id: int, buttons: Sequence[Sequence[Button]]
    ) -> int:
        """For a user who waits for it; the new message's id."""
        ...
