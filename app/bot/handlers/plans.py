"""Shows what is on sale."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import PlansPage
from app.bot.filters import command
from app.bot.screens.plans import plans_screen
from app.bot.visit import Visit
from app.services import plans


def create_router() -> Router:
    router = Router(name="plans")
    router.message.register(open_plans, command("plans"))
    router.callback_query.register(open_plans, PlansPage.filter())
    return router


async def open_plans(_: TelegramObject, visit: Visit) -> None:
    await visit.show(plans_screen(visit.t, await plans.list_plans(visit.deps.db)))
