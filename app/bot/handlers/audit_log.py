"""`/audit`: what operators, users and the service decided; each look at a user's is on record."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator, command
from app.bot.operator_callbacks import AuditLogSearchPage, OpenAuditLog
from app.bot.screens.audit_log import (
    ask_whose_audit_log_screen,
    audit_log_screen,
    no_audit_log_screen,
)
from app.bot.user_input import read_user_query
from app.domain.operator_roles import Permission
from app.services import audit
from app.services.operations.audit_log import get_audit_log
from app.services.operations.user_lookup import find_user


class AuditLogDialogue(StatesGroup):
    naming = State()


def create_router() -> Router:
    router = Router(name="audit_log")
    may_view = FromOperator(Permission.VIEW_AUDIT)
    router.message.register(open_newest_entries, may_view, command("audit"))
    router.callback_query.register(open_audit_log, may_view, OpenAuditLog.filter())
    router.callback_query.register(ask_whose_audit_log, may_view, AuditLogSearchPage.filter())
    router.message.register(read_whose_audit_log, may_view, AnswerTo(AuditLogDialogue.naming))
    return router


async def open_newest_entries(_: TelegramObject, context: BotContext) -> None:
    await _show(context, OpenAuditLog())


async def open_audit_log(
    _: TelegramObject, context: BotContext, callback_data: OpenAuditLog
) -> None:
    await _show(context, callback_data)


async def ask_whose_audit_log(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(AuditLogDialogue.naming)
    await context.show(ask_whose_audit_log_screen(context.t))


async def read_whose_audit_log(message: Message, context: BotContext, state: FSMContext) -> None:
    """An operator or a user; an id that nobody has any more, too: its entries stay."""
    query = read_user_query(message)
    found = await find_user(context.deps.db, query) if query else None
    user_id = found.id if found else query.user_id if query else None
    if user_id is None:
        await context.show(no_audit_log_screen(context.t, (message.text or "").strip()))
        return
    async with ended_afterwards(state):
        await _show(context, OpenAuditLog(user_id=user_id))


async def _show(context: BotContext, asked: OpenAuditLog) -> None:
    db, subject = context.deps.db, f"user:{asked.user_id}" if asked.user_id else "audit"
    page = await get_audit_log(db, asked.user_id, asked.before)
    await audit.record_data_access(db, context.user.id, "audit_viewed", subject)
    await context.show(audit_log_screen(context.t, page, asked.user_id))
