"""Shows what is on sale."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import PlanPage, PlansPage
from app.bot.filters import command
from app.bot.screens.plans import plan_screen, plans_screen
from app.bot.visit import Visit
from app.services.selling import plans
from app.services.selling.plans import PlanGoneError


def create_router() -> Router:
    router = Router(name="plans")
    router.message.register(open_plans, command("plans"))
    router.callback_query.register(open_plans, PlansPage.filter())
    router.callback_query.register(open_plan, PlanPage.filter())
    return router


async def open_plans(_: TelegramObject, visit: Visit) -> None:
    offers = await plans.list_offers(visit.deps.db)
    if len(offers) == 1:
        await visit.show(plan_screen(visit.t, offers[0], is_only=True))
    else:
        await visit.show(plans_screen(visit.t, offers))


async def open_plan(_: TelegramObject, visit: Visit, callback_data: PlanPage) -> None:
    offers = await plans.list_offers(visit.deps.db)
    offer = next((offer for offer in offers if offer.plan.id == callback_data.plan_id), None)
    if offer is None:
        raise PlanGoneError
    await visit.show(plan_screen(visit.t, offer, is_only=len(offers) == 1))
