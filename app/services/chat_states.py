"""What sending shows of a chat, recorded in one way by all who send in the background."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.ports import ChatRestrictedError, UnreachableError
from app.services import group_chats
from app.services.users import mark_user_unreachable


async def record_send_result(
    session: AsyncSession, chat_id: int, error: Exception | None, *, is_edit: bool
) -> datetime | None:
    """When a group that restricts the bot is tried again. Step.

    An edit that succeeds shows nothing: a restricted group allows it too.
    """
    if isinstance(error, ChatRestrictedError):
        return await group_chats.restrict_group(session, chat_id)
    if isinstance(error, UnreachableError) and chat_id < 0:
        await group_chats.mark_group_left(session, chat_id)
        await group_chats.withdraw_group_messages(session, chat_id)
    elif isinstance(error, UnreachableError):
        await mark_user_unreachable(session, chat_id)
    elif error is None and chat_id < 0 and not is_edit:
        await group_chats.lift_group_restriction(session, chat_id)
    return None
