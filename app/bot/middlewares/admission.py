"""A user who came during a soft launch waits for a place, and reaches support and their data."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from app.bot.context import BotContext
from app.bot.middlewares.blocked import is_always_open
from app.bot.screens.admission import admission_screen
from app.domain.gifts import GIFT_LINK_PREFIX
from app.services.promotions.admissions import admit_user, get_place_in_line


class AdmissionMiddleware(BaseMiddleware):
    """In private chats; costs those who wait a statement, and the others nothing."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        context: BotContext | None = data.get("context")
        if context is None or not _is_held(context):
            return await handler(event, data)
        user = context.user
        is_open = is_always_open(event, data.get("raw_state"), talks=user.talks)
        if is_open or _opens_gift(event):
            return await handler(event, data)
        db = context.deps.db
        if await admit_user(db, user.id, user.username, context.shop):
            return await handler(event, data)
        if isinstance(event, CallbackQuery):
            data["answer"].toast(context.t.plain("waiting-toast"))
        place = await get_place_in_line(db, user.id)
        await context.show(admission_screen(context.t, place))
        return None


def _is_held(context: BotContext) -> bool:
    """Not an operator, nor a user who was given access meanwhile: by a gift, or by hand."""
    user = context.user
    return (
        user.waits
        and context.is_private
        and context.shop.new_users_a_day is not None
        and context.role is None
        and user.had_access_at is None
    )


def _opens_gift(event: TelegramObject) -> bool:
    """It is paid for: who takes it has access, and with that waits no more."""
    text = event.text or "" if isinstance(event, Message) else ""
    return text.startswith(f"/start {GIFT_LINK_PREFIX}_")
