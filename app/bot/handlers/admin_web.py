"""A link into the operator's web, for the operator who asks for it, and for one use."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.context import BotContext
from app.bot.filters import FromOperator, InPrivate
from app.bot.operator_callbacks import AdminWebPage
from app.bot.screens.admin_web import admin_web_off_screen, admin_web_screen
from app.domain.admin_web import build_login_path
from app.domain.operator_roles import Permission
from app.services.operations.admin_web_access import issue_login_link


def create_router() -> Router:
    router = Router(name="admin_web")
    may_open = FromOperator(Permission.OPEN_HOME)
    # In a group, others could be faster.
    router.callback_query.register(give_link, may_open, InPrivate(), AdminWebPage.filter())
    return router


async def give_link(_: TelegramObject, context: BotContext) -> None:
    origin = context.deps.admin_web_origin
    if origin is None:
        await context.show(admin_web_off_screen(context.t))
        return
    token = await issue_login_link(context.deps.db, context.user.id)
    await context.show(admin_web_screen(context.t, f"{origin}{build_login_path(token)}"))
