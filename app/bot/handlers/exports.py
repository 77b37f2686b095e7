"""The operator's `/export`: which table, then what it holds, then a worker makes and sends it."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import ExportPage, ExportsPage, StartExport
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import FromOperator, command
from app.bot.screens.exports import export_screen, exports_screen
from app.domain.exports import ExportKind
from app.domain.operator_roles import Permission
from app.services.operations.exports.requests import get_running_export, request_export


def create_router() -> Router:
    router = Router(name="exports")
    from_operator = FromOperator(Permission.EXPORT_TABLES)
    router.message.register(open_exports, from_operator, command("export"))
    router.callback_query.register(open_exports, from_operator, ExportsPage.filter())
    router.callback_query.register(open_export, from_operator, ExportPage.filter())
    router.callback_query.register(start_export, from_operator, StartExport.filter())
    return router


async def open_exports(_: TelegramObject, context: BotContext) -> None:
    running = await get_running_export(context.deps.db, context.user.id)
    await context.show(
        exports_screen(context.t, running, has_onchain=context.deps.addresses is not None)
    )


async def open_export(_: TelegramObject, context: BotContext, callback_data: ExportPage) -> None:
    await context.show(export_screen(context.t, callback_data.kind))


async def start_export(
    _: TelegramObject, context: BotContext, callback_data: StartExport, answer: TapAnswer
) -> None:
    """From now on the worker edits the message that was tapped."""
    await request_export(
        context.deps.db,
        context.user.id,
        callback_data.kind,
        with_bom=callback_data.with_bom,
        message_id=context.message_id,
    )
    answer.toast(context.t.plain("export-started"))


async def send_report(
    context: BotContext, kind: ExportKind, subject_id: int, answer: TapAnswer
) -> None:
    """Of one broadcast or job. Its progress is a message of its own: what was tapped stays."""
    await request_export(
        context.deps.db,
        context.user.id,
        kind,
        with_bom=True,
        message_id=None,
        subject_id=subject_id,
    )
    answer.toast(context.t.plain("export-started"))
