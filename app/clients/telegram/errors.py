"""What every odd thing of the Bot API means for the caller, decided in this one place (P4, P12).

The rule behind it: UnavailableError says that the same call may safely be made again,
UndecidedError that it may already have been carried out and must not be repeated by itself.
"""

import re
from datetime import timedelta
from typing import Any, Final

import aiohttp
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import TelegramMethod

from app.domain.broadcast_ports import SourceMessageError
from app.domain.ports import (
    ChatMigratedError,
    ChatRestrictedError,
    PortError,
    RefusedError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)


class FloodError(RetryLaterError):
    """Telegram's own 429, in contrast to a limiter whose queue is too long."""


class NotModifiedError(RefusedError):
    """An edit that would change nothing: the message already shows what was wanted."""


class NotEditableError(RefusedError):
    """The message is gone, frozen, or of another kind: only a new one can show the screen."""


class MessageGoneError(NotEditableError):
    """It was removed, as far as Telegram says."""


class PictureGoneError(RefusedError):
    """A file id that Telegram, or this bot, does not know."""


class TopicClosedError(RefusedError):
    """The topic is closed or deleted: the chat may take the message outside of it."""


# Everything else creates something that users see twice when it is done twice.
_REPEATABLE = re.compile(
    r"(get|set|edit|answer|delete|pin|unpin|close|log)[A-Z].*|close|sendChatAction"
)

# The connection never stood, so no byte of the request can have arrived.
_NEVER_LEFT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

# Parts of a description, in lower case. A code that the server answers with 403 arrives with 400.
_REFUSALS: Final[tuple[tuple[type[PortError], tuple[str, ...]], ...]] = (
    (SourceMessageError, ("message to copy not found", "message can't be copied")),
    (
        PictureGoneError,
        ("wrong file", "wrong remote file", "file_reference_", "photo_invalid_dimensions"),
    ),
    (NotModifiedError, ("message is not modified", "message_not_modified")),
    (
        MessageGoneError,
        (
            "message to edit not found",
            "message not found",
            "message_id_invalid",
            "msg_id_invalid",
        ),
    ),
    (
        NotEditableError,
        (
            "can't be edited",
            "in the message to edit",  # there is no text, no caption, no media
            "message_author_required",
            "message_edit_time_expired",
            "media_prev_invalid",
        ),
    ),
    (
        TopicClosedError,
        (
            "topic_closed",
            "topic_deleted",
            "topic_id_invalid",
            "message thread not found",
            "forum topic identifier specified",  # invalid, unknown
        ),
    ),
    (
        ChatRestrictedError,
        (
            "not enough rights",
            "have no rights to send a message",
            "have no write access to the chat",
            "need administrator rights",
            "chat_restricted",
            "chat_write_forbidden",
            "chat_send_",  # …PLAIN_FORBIDDEN, …PHOTOS_FORBIDDEN
            "chat_guest_send_forbidden",
            "chat_admin_required",
            "user_banned_in_channel",
            "allow_payment_required",
            "group chat was upgraded",  # to an id that was not given: the group's own message does
        ),
    ),
    (
        UnreachableError,
        (
            "chat not found",
            "user not found",
            "can't access the chat",
            "bot was kicked",
            "bot is not a member",
            "group chat was deleted",
            "deactivated",  # a group, a user
            "peer_id_invalid",
            "chat_id_invalid",
            "chat_forbidden",
            "channel_invalid",
            "channel_private",
            "channel_public_group_na",
            "user_is_blocked",
            "user_deleted",
        ),
    ),
)
_FLOOD: Final = "too many requests"
_FLOOD_WITHOUT_A_TIME: Final = timedelta(seconds=5)
_TEXT_LENGTH: Final = 300


def is_repeatable(method: TelegramMethod[Any]) -> bool:
    """Carried out twice it leaves the chat as carried out once."""
    return _REPEATABLE.fullmatch(method.__api_method__) is not None


def _redact_token(text: str, token: str) -> str:
    """Hide the token: aiohttp's errors may quote the address, which holds it."""
    _, _, secret = token.partition(":")
    return text.replace(token, "***").replace(secret or token, "***")[:_TEXT_LENGTH]


def classify_error(error: Exception, method: TelegramMethod[Any], token: str) -> PortError:
    """Translate whatever came out of the session; the text of the result is safe to show."""
    text = f"{method.__api_method__}: {_redact_token(_describe(error), token)}"
    if isinstance(error, TelegramRetryAfter):
        return FloodError(timedelta(seconds=max(1, error.retry_after)))
    if isinstance(error, TelegramAPIError) and _is_refusal(error):
        return _refusal(error, method, text)
    if isinstance(error, TelegramConflictError):  # another setWebhook at the same moment
        return UnavailableError(text)
    if isinstance(error.__cause__, _NEVER_LEFT) or is_repeatable(method):
        return UnavailableError(text)
    # Left: no answer, a 5xx, an HTML page (ClientDecodeError), a 5xx without description (aiogram
    # stumbles: TypeError). A 5xx proves nothing for a message: the proxy in front says 502 and 504
    # also when its backend took the request and died, and the Bot API server says 500 when it
    # closes while the message is on its way. So it is treated like an answer that never came.
    return UndecidedError(text)


def _is_refusal(error: TelegramAPIError) -> bool:
    """Telegram understood and refused; a network error only by inheritance is among them."""
    vague = (TelegramNetworkError, TelegramServerError, TelegramConflictError)
    return isinstance(error, TelegramEntityTooLarge) or not isinstance(error, vague)


def _refusal(error: TelegramAPIError, method: TelegramMethod[Any], text: str) -> PortError:
    description = (error.message or "").lower()
    if _FLOOD in description:  # a 429 without parameters is no TelegramRetryAfter
        return FloodError(_FLOOD_WITHOUT_A_TIME)
    if isinstance(error, TelegramMigrateToChat):
        return ChatMigratedError(text, error.migrate_to_chat_id)
    if not isinstance(error, TelegramBadRequest | TelegramForbiddenError):
        return RefusedError(text)
    for kind, parts in _REFUSALS:
        if any(part in description for part in parts):
            shut = kind is ChatRestrictedError and _is_private(method)
            return UnreachableError(text) if shut else kind(text)
    # A 403 in other words: blocked, never started, a bot.
    return (UnreachableError if isinstance(error, TelegramForbiddenError) else RefusedError)(text)


def _is_private(method: TelegramMethod[Any]) -> bool:
    """There are no rights in a private chat: only its user can shut it."""
    chat_id = getattr(method, "chat_id", None)
    return isinstance(chat_id, int) and chat_id > 0


def _describe(error: Exception) -> str:
    if isinstance(error, TelegramAPIError):
        return error.message or "an error without description"
    if isinstance(error, ClientDecodeError):  # its text is the whole answer
        return "an answer that is none of the Bot API"
    if isinstance(error, AiogramError | TypeError):
        return f"an answer that cannot be read ({type(error).__name__})"
    return f"{type(error).__name__}: {error}"
