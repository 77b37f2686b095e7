"""A user's conversation with support."""

from enum import StrEnum
from typing import Final

TEXT_KIND: Final = "text"


class ConversationState(StrEnum):
    OPEN = "open"  # the user waits for an answer
    ANSWERED = "answered"
    CLOSED = "closed"  # what the user writes next is no part of it
