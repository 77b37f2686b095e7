"""Shows what is kept about a user, sends a copy, and erases it once they have confirmed twice."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import TelegramObject

from app.bot.callbacks import EraseData, ErasePage, ExportData, PrivacyPage
from app.bot.context import BotContext
from app.bot.filters import command
from app.bot.screens.privacy import (
    ask_erasure_screen,
    data_export_screen,
    erasure_done_screen,
    privacy_screen,
)
from app.services.privacy import erasure
from app.services.privacy.export import export_user_data


def create_router() -> Router:
    router = Router(name="privacy")
    router.message.register(open_privacy, command("privacy"))
    router.callback_query.register(open_privacy, PrivacyPage.filter())
    router.callback_query.register(send_export, ExportData.filter())
    router.callback_query.register(ask_erasure, ErasePage.filter())
    router.callback_query.register(confirm_erasure, EraseData.filter())
    return router


async def open_privacy(_: TelegramObject, context: BotContext) -> None:
    await context.show(privacy_screen(context.t))


async def send_export(_: TelegramObject, context: BotContext) -> None:
    content = await export_user_data(context.deps.db, context.user.id)
    await context.send(data_export_screen(context.t, content))


async def ask_erasure(_: TelegramObject, context: BotContext) -> None:
    preview = await erasure.preview_erasure(context.deps.db, context.user.id)
    await context.show(ask_erasure_screen(context.t, preview))


async def confirm_erasure(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    deps, user_id = context.deps, context.user.id
    await erasure.erase_user(deps.db, user_id, deps.fingerprints.compute(user_id))
    await state.clear()
    await context.show(erasure_done_screen(context.t))
