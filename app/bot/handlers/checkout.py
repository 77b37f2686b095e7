"""From the tap on a plan to a paid order, or back."""

from uuid import UUID

import structlog
from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import Buy, CancelPurchase, ConfirmPayment
from app.bot.handlers.plans import open_plans
from app.bot.screens.checkout import invoice_description, order_screen, provider_away_screen
from app.bot.screens.plans import title_of
from app.bot.visit import TapAnswer, Visit
from app.core import clock
from app.db.models import Purchase
from app.domain.payments import PurchaseStatus
from app.domain.ports import PaymentProvider, PortError
from app.services import checkout, payment_watch, plans

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="checkout")
    router.callback_query.register(buy, Buy.filter())
    router.callback_query.register(confirm, ConfirmPayment.filter())
    router.callback_query.register(cancel, CancelPurchase.filter())
    return router


async def buy(_: TelegramObject, visit: Visit, callback_data: Buy, answer: TapAnswer) -> None:
    provider = visit.deps.provider
    if provider is None or visit.deps.panel is None:
        answer.alert(visit.t.plain("checkout-not-open"))
        return
    description = await _describe(visit, callback_data.plan_id)
    try:
        purchase = await checkout.checkout(
            visit.deps.db, provider, visit.user.id, callback_data.plan_id, description
        )
    except PortError as error:
        log.warning("checkout_failed", error=str(error))
        await visit.show(provider_away_screen(visit.t, callback_data.plan_id))
        return
    _bind(purchase.id)
    message_id = await visit.show(order_screen(visit.t, purchase, clock.now()))
    if message_id != purchase.message_id:
        await checkout.remember_message(visit.deps.db, purchase.id, message_id)


async def confirm(
    _: TelegramObject, visit: Visit, callback_data: ConfirmPayment, answer: TapAnswer
) -> None:
    _bind(callback_data.purchase_id)
    if visit.deps.provider is None:
        answer.alert(visit.t.plain("checkout-not-open"))
        return
    try:
        purchase = await _ask(visit, visit.deps.provider, callback_data.purchase_id)
    except PortError as error:
        log.warning("confirmation_failed", error=str(error))
        answer.alert(visit.t.plain("checkout-cannot-ask"))
        return
    if purchase.status is PurchaseStatus.PENDING:
        answer.alert(visit.t.plain("checkout-not-paid-yet"))
        return
    if purchase.status is PurchaseStatus.PAID:
        answer.toast(visit.t.plain("checkout-paid-toast"))
    await visit.show(order_screen(visit.t, purchase, clock.now()))


async def cancel(
    event: TelegramObject, visit: Visit, callback_data: CancelPurchase, answer: TapAnswer
) -> None:
    _bind(callback_data.purchase_id)
    await checkout.cancel(visit.deps.db, callback_data.purchase_id, visit.user.id)
    answer.toast(visit.t.plain("checkout-cancelled-toast"))
    await open_plans(event, visit)


async def _ask(visit: Visit, provider: PaymentProvider, purchase_id: UUID) -> Purchase:
    deps = visit.deps
    return await payment_watch.confirm(
        deps.db, provider, deps.operators, purchase_id, visit.user.id
    )


async def _describe(visit: Visit, plan_id: int) -> str:
    """Raises PlanGoneError, also for numbers that no plan can have."""
    for plan in await plans.list_plans(visit.deps.db):
        if plan.id == plan_id:
            title = title_of(plan.titles, visit.t.language)
            return invoice_description(visit.t, title, plan.days)
    raise checkout.PlanGoneError


def _bind(purchase_id: UUID) -> None:
    structlog.contextvars.bind_contextvars(purchase=str(purchase_id))
