"""What the bot shows, described without Telegram's types, so that services can ask for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO


class Lane(StrEnum):
    """Who goes first at the limiter (P10). The values are stored: decision 41."""

    USER = "person"  # a user has just tapped and waits for the answer
    NOTIFICATION = "notice"  # the outbox: what one user must get soon, such as a key
    BULK = "bulk"  # broadcasts; at most 70 % of the rate


class DeliveryGuarantee(StrEnum):
    """What to do when nobody knows whether a message was delivered (P4).

    The values are stored: decision 41.
    """

    AT_LEAST_ONCE = "send_again"  # payment and key messages: better twice than never
    AT_MOST_ONCE = "leave"  # all others: better never than twice


@dataclass(frozen=True, slots=True)
class Button:
    """Exactly one of `data` (callback, at most 64 bytes), `url`, `copy` and `page` is set."""

    text: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None
    # A path of the service's own web pages; the sender knows where they are.
    page: str | None = None


@dataclass(frozen=True, slots=True)
class CopiedMessage:
    """One that stands in a chat and is sent to others as it is, but for its buttons."""

    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Document:
    """A file as users download it; one too large for memory is read while it is sent."""

    name: str
    content: bytes | BinaryIO


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """One that was sent to the bot. Where Telegram does not know it any more, it is left out."""

    file_id: str


@dataclass(frozen=True, slots=True)
class Screen:
    """`text` is Telegram's HTML (a caption beside a file, then at most 1024 characters).

    Of a `copied` message it says what that was, for where it has been deleted since.
    """

    text: str
    buttons: Sequence[Sequence[Button]] = ()
    # A PNG; what takes long is drawn in a thread.
    photo: bytes | Callable[[], bytes] | StoredPicture | None = None
    document: Document | None = None  # instead of a photo; always a message of its own
    copied: CopiedMessage | None = None  # instead of all but the buttons; never an edit
