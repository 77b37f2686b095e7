"""From a way to pay to a paid order, or back."""

from uuid import UUID

import structlog
from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import CancelPurchase, ConfirmPayment, Pay
from app.bot.handlers.balance import open_balance
from app.bot.handlers.plans import show_plans
from app.bot.screens.checkout import (
    checkout_screen,
    invoice_words,
    paid_toast,
    provider_away_screen,
)
from app.bot.visit import TapAnswer, Visit
from app.core import clock
from app.db.models import Purchase
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.ports import PortError
from app.services.payments import checkout, polling
from app.services.purchases import order_results
from app.services.purchases.orders import PurchaseGoneError

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="checkout")
    router.callback_query.register(pay, Pay.filter())
    router.callback_query.register(confirm, ConfirmPayment.filter())
    router.callback_query.register(cancel, CancelPurchase.filter())
    return router


async def pay(_: TelegramObject, visit: Visit, callback_data: Pay) -> None:
    deps = visit.deps
    _bind(callback_data.purchase_id)
    order = await checkout.get_purchase(deps.db, callback_data.purchase_id, visit.user.id)
    if order is None:
        raise PurchaseGoneError
    settings, is_free = await deps.shop.settings(), order.quote.is_free
    way = deps.ways.require_open(callback_data.way, settings, is_free=is_free)
    words = invoice_words(visit.t, order)
    try:
        purchase = await checkout.pay(
            deps.db,
            way,
            deps.operators,
            order.id,
            visit.user.id,
            words,
            message_id=visit.message_id,
        )
    except PortError as error:
        log.warning("checkout_failed", way=way.name, error=str(error))
        await visit.show(provider_away_screen(visit.t, order))
        return
    message_id = await _show(visit, purchase)
    if message_id != purchase.message_id:
        await checkout.remember_message(deps.db, purchase.id, message_id)


async def confirm(
    _: TelegramObject, visit: Visit, callback_data: ConfirmPayment, answer: TapAnswer
) -> None:
    _bind(callback_data.purchase_id)
    try:
        purchase = await _ask(visit, callback_data.purchase_id)
    except PortError as error:
        log.warning("confirmation_failed", error=str(error))
        answer.alert(visit.t.plain("checkout-cannot-ask"))
        return
    if purchase.status is PurchaseStatus.PENDING:
        answer.alert(visit.t.plain("checkout-not-paid-yet"))
        return
    if purchase.status is PurchaseStatus.PAID:
        answer.toast(paid_toast(visit.t, purchase))
    await _show(visit, purchase)


async def cancel(
    event: TelegramObject, visit: Visit, callback_data: CancelPurchase, answer: TapAnswer
) -> None:
    _bind(callback_data.purchase_id)
    purchase = await checkout.cancel(visit.deps.db, callback_data.purchase_id, visit.user.id)
    answer.toast(visit.t.plain("checkout-cancelled-toast"))
    if purchase.kind is PurchaseKind.TOP_UP:
        await open_balance(event, visit)
    else:
        await show_plans(visit, purchase.subscription_id)


async def _show(visit: Visit, purchase: Purchase) -> int:
    result = await order_results.get_result(visit.deps.db, purchase)
    return await visit.show(checkout_screen(visit.t, purchase, clock.now(), visit.offer, result))


async def _ask(visit: Visit, purchase_id: UUID) -> Purchase:
    deps = visit.deps
    return await polling.confirm(deps.db, deps.ways, deps.operators, purchase_id, visit.user.id)


def _bind(purchase_id: UUID) -> None:
    structlog.contextvars.bind_contextvars(purchase=str(purchase_id))
