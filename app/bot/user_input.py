"""The user whom an operator means: by a forwarded message of theirs, or as it is typed."""

from aiogram.types import Message, MessageOriginHiddenUser, MessageOriginUser

from app.core.errors import ExpectedError
from app.domain.user_lookup import UserQuery, parse_user_query


class HiddenSenderError(ExpectedError):
    """Their settings say that forwarded messages don't name them."""

    text_key = "error-sender-hidden"


def read_user_query(message: Message) -> UserQuery | None:
    """None for what can be no user. Raises HiddenSenderError."""
    origin = message.forward_origin
    if isinstance(origin, MessageOriginHiddenUser):
        raise HiddenSenderError
    if isinstance(origin, MessageOriginUser):
        return UserQuery(user_id=origin.sender_user.id)
    return parse_user_query((message.text or "").strip())
