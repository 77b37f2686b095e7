"""A message from an operator to a user, who can answer it in the chat."""

from collections.abc import Sequence
from typing import Final

from app.admin_web.context import WebContext
from app.admin_web.forms import text_area
from app.admin_web.views.user_actions.action import FormRefusedError, UserAction, get_given
from app.bot.i18n import Html
from app.db.models import User
from app.domain.names import drop_hidden_characters
from app.domain.operator_roles import Permission
from app.services.notifications.support import MAX_QUESTION_LENGTH, write_to_user


async def _ask_for_text(context: WebContext, _: User) -> Sequence[Html]:
    label = context.t.plain("web-action-write-field", longest=MAX_QUESTION_LENGTH)
    return [text_area(label, "text", get_given(context, "text"))]


async def _write(context: WebContext, user: User, number: int) -> None:
    text = drop_hidden_characters(context.form.get("text", "")).replace("\r\n", "\n").strip()
    if not 0 < len(text) <= MAX_QUESTION_LENGTH:
        longest = MAX_QUESTION_LENGTH
        raise FormRefusedError(context.t.plain("web-action-write-unread", longest=longest))
    await write_to_user(context.deps.db, context.operator_id, number, user.id, text)


WRITING_ACTIONS: Final = (
    UserAction("write", Permission.ANSWER_QUESTIONS, _ask_for_text, None, _write),
)
