"""Shows what is on sale."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import PlanPage, PlansPage
from app.bot.context import BotContext
from app.bot.filters import command
from app.bot.screens.plans import plan_screen, plans_screen
from app.services.purchases import orders, plans
from app.services.purchases.plans import PlanGoneError, PlanOffer


def create_router() -> Router:
    router = Router(name="plans")
    router.message.register(open_plans, command("plans"))
    router.callback_query.register(open_plans_page, PlansPage.filter())
    router.callback_query.register(open_plan, PlanPage.filter())
    return router


async def open_plans(_: TelegramObject, context: BotContext) -> None:
    await show_plans(context, None)


async def open_plans_page(_: TelegramObject, context: BotContext, callback_data: PlansPage) -> None:
    await show_plans(context, callback_data.subscription_id)


async def show_plans(context: BotContext, subscription_id: int | None) -> None:
    """Raises SubscriptionGoneError."""
    offers = await _list_offers(context, subscription_id)
    if len(offers) == 1:
        await _show_plan(context, offers[0], subscription_id, is_only=True)
    else:
        await context.show(plans_screen(context.t, offers, subscription_id))


async def open_plan(_: TelegramObject, context: BotContext, callback_data: PlanPage) -> None:
    offers = await _list_offers(context, callback_data.subscription_id)
    offer = next((offer for offer in offers if offer.plan.id == callback_data.plan_id), None)
    if offer is None:
        raise PlanGoneError
    await _show_plan(context, offer, callback_data.subscription_id, is_only=len(offers) == 1)


async def _list_offers(context: BotContext, subscription_id: int | None) -> list[PlanOffer]:
    if subscription_id is not None:
        await orders.require_order_target(context.deps.db, context.user.id, subscription_id)
    return await plans.list_plan_offers(context.deps.db)


async def _show_plan(
    context: BotContext, offer: PlanOffer, subscription_id: int | None, *, is_only: bool
) -> None:
    screen = plan_screen(context.t, offer, is_only=is_only, subscription_id=subscription_id)
    await context.show(screen)
