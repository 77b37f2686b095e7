"""From a payment method to a paid order, or back."""

from uuid import UUID

import structlog
from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import CancelPurchase, ConfirmPayment, PayOrder
from app.bot.context import BotContext, TapAnswer
from app.bot.handlers.balance import open_balance
from app.bot.handlers.onchain.paying import show_networks
from app.bot.handlers.plans import show_plans
from app.bot.handlers.subscription import show_subscription
from app.bot.screens.checkout import (
    checkout_screen,
    describe_invoice,
    paid_toast,
    provider_away_screen,
)
from app.core import clock
from app.db.models import Purchase
from app.domain.onchain.networks import ONCHAIN_METHOD
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.ports import PortError
from app.services.payments import checkout, polling
from app.services.purchases import order_results
from app.services.purchases.orders import PurchaseGoneError

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="checkout")
    router.callback_query.register(choose_payment_method, PayOrder.filter())
    router.callback_query.register(show_payment_status, ConfirmPayment.filter())
    router.callback_query.register(cancel_checkout, CancelPurchase.filter())
    return router


async def choose_payment_method(
    _: TelegramObject, context: BotContext, callback_data: PayOrder
) -> None:
    deps = context.deps
    _bind(callback_data.purchase_id)
    order = await checkout.get_purchase(deps.db, callback_data.purchase_id, context.user.id)
    if order is None:
        raise PurchaseGoneError
    if callback_data.method == ONCHAIN_METHOD and not order.quote.is_free:
        await show_networks(context, order.id)
        return
    settings, is_free = await deps.shop.settings(), order.quote.is_free
    method = deps.payment_methods.require_open(callback_data.method, settings, is_free=is_free)
    invoice_text = describe_invoice(context.t, order)
    try:
        purchase = await checkout.pay_order(
            deps.db,
            method,
            order.id,
            context.user.id,
            invoice_text,
            message_id=context.message_id,
        )
    except PortError as error:
        log.warning("checkout_failed", method=method.name, error=str(error))
        await context.show(provider_away_screen(context.t, order))
        return
    message_id = await _show(context, purchase)
    if message_id != purchase.message_id:
        await checkout.save_checkout_message(deps.db, purchase.id, message_id)


async def show_payment_status(
    _: TelegramObject, context: BotContext, callback_data: ConfirmPayment, answer: TapAnswer
) -> None:
    _bind(callback_data.purchase_id)
    try:
        purchase = await _ask(context, callback_data.purchase_id)
    except PortError as error:
        log.warning("confirmation_failed", error=str(error))
        answer.alert(context.t.plain("checkout-cannot-ask"))
        return
    if purchase.status is PurchaseStatus.PENDING:
        answer.alert(context.t.plain("checkout-not-paid-yet"))
        return
    if purchase.status is PurchaseStatus.PAID:
        answer.toast(paid_toast(context.t, purchase))
    await _show(context, purchase)


async def cancel_checkout(
    event: TelegramObject, context: BotContext, callback_data: CancelPurchase, answer: TapAnswer
) -> None:
    _bind(callback_data.purchase_id)
    purchase = await checkout.cancel_order(
        context.deps.db, callback_data.purchase_id, context.user.id
    )
    answer.toast(context.t.plain("checkout-cancelled-toast"))
    if purchase.kind is PurchaseKind.TOP_UP:
        await open_balance(event, context)
    elif purchase.extra_id is not None:
        await show_subscription(context, purchase.subscription_id)
    else:
        await show_plans(context, purchase.subscription_id)


async def _show(context: BotContext, purchase: Purchase) -> int:
    result = await order_results.get_order_result(context.deps.db, purchase)
    return await context.show(
        checkout_screen(context.t, purchase, clock.now(), context.offer, result)
    )


async def _ask(context: BotContext, purchase_id: UUID) -> Purchase:
    deps = context.deps
    return await polling.confirm_payment(
        deps.db, deps.payment_methods, purchase_id, context.user.id
    )


def _bind(purchase_id: UUID) -> None:
    structlog.contextvars.bind_contextvars(purchase=str(purchase_id))
