"""Shows what is kept about a person, gives them a copy, and erases it when they say so twice."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import TelegramObject

from app.bot.callbacks import EraseData, ErasePage, ExportData, PrivacyPage
from app.bot.filters import command
from app.bot.screens.privacy import (
    ask_erase_screen,
    erased_screen,
    exported_screen,
    privacy_screen,
)
from app.bot.visit import Visit
from app.services.privacy import erasure
from app.services.privacy.export import export


def create_router() -> Router:
    router = Router(name="privacy")
    router.message.register(open_privacy, command("privacy"))
    router.callback_query.register(open_privacy, PrivacyPage.filter())
    router.callback_query.register(send_export, ExportData.filter())
    router.callback_query.register(ask_erase, ErasePage.filter())
    router.callback_query.register(erase, EraseData.filter())
    return router


async def open_privacy(_: TelegramObject, visit: Visit) -> None:
    await visit.show(privacy_screen(visit.t))


async def send_export(_: TelegramObject, visit: Visit) -> None:
    content = await export(visit.deps.db, visit.user.id)
    await visit.send(exported_screen(visit.t, content))


async def ask_erase(_: TelegramObject, visit: Visit) -> None:
    loss = await erasure.foresee_loss(visit.deps.db, visit.user.id)
    await visit.show(ask_erase_screen(visit.t, loss))


async def erase(_: TelegramObject, visit: Visit, state: FSMContext) -> None:
    deps, user_id = visit.deps, visit.user.id
    await erasure.erase(deps.db, user_id, deps.fingerprints.of(user_id))
    await state.clear()
    await visit.show(erased_screen(visit.t))
