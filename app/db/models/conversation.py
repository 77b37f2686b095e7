"""What users and support write to each other: one conversation a user, which can be taken up."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.conversations import ConversationState


class Conversation(Base):
    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "ix_conversations_open",
            "waiting_since",
            "id",
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_conversations_answered",
            "last_message_at",
            postgresql_where=text("state = 'answered'"),
        ),
        Index(
            "ix_conversations_topic",
            "topic_chat_id",
            "topic_id",
            postgresql_where=text("topic_id IS NOT NULL"),
        ),
        Index(
            "ix_conversations_closed",
            "last_message_at",
            postgresql_where=text("state = 'closed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    state: Mapped[ConversationState] = mapped_column(text_enum(ConversationState, "state"))
    waiting_since: Mapped[datetime | None]  # the first message that has no answer
    unanswered: Mapped[int]  # messages since then
    last_message_at: Mapped[datetime]
    answered_by: Mapped[int | None]  # the operator who did last
    note_message_id: Mapped[int | None]  # where the user reads that we have their messages
    # Where operators have it in a forum; reopened before the next message, where it is closed.
    topic_chat_id: Mapped[int | None]
    topic_id: Mapped[int | None]
    is_topic_closed: Mapped[bool] = mapped_column(default=False, server_default=false())


class ConversationMessage(Base):
    __tablename__ = "conversation_messages"
    __table_args__ = (
        UniqueConstraint("chat_id", "message_id"),
        Index("ix_conversation_messages_conversation", "conversation_id", "id"),
        Index("ix_conversation_messages_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    operator_id: Mapped[int | None]  # whose answer it is; null: the user's own
    chat_id: Mapped[int]  # where it was written
    message_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))  # as Telegram calls it
    text: Mapped[str]  # how it begins; empty beside a file without a caption
    created_at: Mapped[datetime]

    @property
    def is_answer(self) -> bool:
        return self.operator_id is not None
