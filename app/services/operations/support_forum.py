"""The group with topics where operators talk to users: checked before it is set."""

from app.db.unit_of_work import Database
from app.domain.forum_ports import ForumTopics
from app.domain.ports import PortError
from app.services.audit import record_audit_entry
from app.services.notifications.topics import SUPPORT_FORUM_SETTING, end_forum
from app.services.shop_settings import change_shop_setting


async def set_support_forum(db: Database, topics: ForumTopics, operator: int, chat_id: int) -> bool:
    """False where the chat has no topics, or the bot may not make any."""
    try:
        if not await topics.can_manage(chat_id):
            return False
    except PortError:
        return False
    await change_shop_setting(db, SUPPORT_FORUM_SETTING, str(chat_id), f"user:{operator}")
    return True


async def leave_support_forum(db: Database, operator: int, chat_id: int) -> None:
    """Questions go to the operators' own chats again. Twice is once."""
    async with db.unit_of_work() as session:
        if await end_forum(session, chat_id):
            record_audit_entry(
                session, f"user:{operator}", "forum_left", f"setting:{SUPPORT_FORUM_SETTING}"
            )
