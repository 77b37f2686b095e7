"""Questions of users to the operators, and the answers, through the bot."""

from sqlalchemy import select

from app.core.errors import ExpectedError
from app.db.models import OutboxMessage
from app.db.unit_of_work import Database
from app.services.audit import record_audit_entry
from app.services.notifications.notify import Notification, notify, notify_operators

QUESTION_TEMPLATE = "operator-question"
MAX_QUESTION_LENGTH = 3000  # characters; the rest of the message is our frame around it


class NotAQuestionError(ExpectedError):
    text_key = "operator-not-a-question"


async def ask_operators(db: Database, user_id: int, name: str, message_id: int, text: str) -> None:
    async with db.unit_of_work() as session:
        await notify_operators(
            session,
            f"question:{user_id}:{message_id}",
            QUESTION_TEMPLATE,
            person=user_id,
            name=name,
            text=text[:MAX_QUESTION_LENGTH],
        )


async def write_to_user(
    db: Database, operator: int, message_id: int, user_id: int, text: str
) -> None:
    """A message that answers no question. The operator's message makes it happen once."""
    async with db.unit_of_work() as session:
        key = f"written:{operator}:{message_id}"
        record_audit_entry(session, f"user:{operator}", "user_written_to", f"user:{user_id}")
        await notify(session, Notification(key, user_id, "support-message", {"text": text}))


async def answer_user(
    db: Database, operator: int, question_message_id: int, answer_message_id: int, text: str
) -> None:
    """Send the operator's reply to the user who asked. Raises NotAQuestionError."""
    async with db.unit_of_work() as session:
        values = await session.scalar(
            select(OutboxMessage.values).where(
                OutboxMessage.chat_id == operator,
                OutboxMessage.message_id == question_message_id,
                OutboxMessage.template == QUESTION_TEMPLATE,
            )
        )
        if values is None:
            raise NotAQuestionError
        key = f"answer:{operator}:{answer_message_id}"
        await notify(
            session, Notification(key, int(values["person"]), "support-answer", {"text": text})
        )
