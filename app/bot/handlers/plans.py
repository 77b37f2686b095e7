"""Shows what is on sale."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import PlanPage, PlansPage
from app.bot.filters import command
from app.bot.screens.plans import plan_screen, plans_screen
from app.bot.visit import Visit
from app.services.purchases import orders, plans
from app.services.purchases.plans import Offer, PlanGoneError


def create_router() -> Router:
    router = Router(name="plans")
    router.message.register(open_plans, command("plans"))
    router.callback_query.register(open_page, PlansPage.filter())
    router.callback_query.register(open_plan, PlanPage.filter())
    return router


async def open_plans(_: TelegramObject, visit: Visit) -> None:
    await show_plans(visit, None)


async def open_page(_: TelegramObject, visit: Visit, callback_data: PlansPage) -> None:
    await show_plans(visit, callback_data.subscription_id)


async def show_plans(visit: Visit, subscription_id: int | None) -> None:
    """Raises SubscriptionGoneError."""
    offers = await _list_offers(visit, subscription_id)
    if len(offers) == 1:
        await _show_plan(visit, offers[0], subscription_id, is_only=True)
    else:
        await visit.show(plans_screen(visit.t, offers, subscription_id))


async def open_plan(_: TelegramObject, visit: Visit, callback_data: PlanPage) -> None:
    offers = await _list_offers(visit, callback_data.subscription_id)
    offer = next((offer for offer in offers if offer.plan.id == callback_data.plan_id), None)
    if offer is None:
        raise PlanGoneError
    await _show_plan(visit, offer, callback_data.subscription_id, is_only=len(offers) == 1)


async def _list_offers(visit: Visit, subscription_id: int | None) -> list[Offer]:
    if subscription_id is not None:
        await orders.require_target(visit.deps.db, visit.user.id, subscription_id)
    return await plans.list_offers(visit.deps.db)


async def _show_plan(
    visit: Visit, offer: Offer, subscription_id: int | None, *, is_only: bool
) -> None:
    screen = plan_screen(visit.t, offer, is_only=is_only, subscription_id=subscription_id)
    await visit.show(screen)
