"""From the tap on a term to an order that shows its price, and how it can be paid."""

from uuid import UUID

import structlog
from aiogram import Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import TelegramObject

from app.bot.callbacks import (
    BuyGift,
    BuyTerm,
    BuyTermWithBalance,
    OpenOrder,
    RenewSubscription,
    UseBalance,
)
from app.bot.context import BotContext, TapAnswer
from app.bot.handlers.plans import show_plans
from app.bot.screens.channels import join_to_buy_screen
from app.bot.screens.checkout import checkout_screen, panel_away_screen
from app.bot.screens.order import order_screen, order_target_screen
from app.core import clock
from app.db.models import Purchase
from app.domain.payment_methods import BALANCE_METHOD
from app.domain.payments import PurchaseStatus
from app.domain.ports import PortError
from app.services.payments.order_page import get_order_page
from app.services.purchases import orders
from app.services.purchases.channel_membership import (
    MembershipUnknownError,
    NotMemberError,
    require_channel_member,
)
from app.services.purchases.plans import PlanGoneError

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="order")
    router.callback_query.register(buy_term, BuyTerm.filter())
    router.callback_query.register(order_renewal, RenewSubscription.filter())
    router.callback_query.register(buy_term_with_balance, BuyTermWithBalance.filter())
    router.callback_query.register(buy_gift, BuyGift.filter())
    router.callback_query.register(open_order, OpenOrder.filter())
    router.callback_query.register(toggle_balance, UseBalance.filter())
    return router


async def buy_term(
    _: TelegramObject, context: BotContext, callback_data: BuyTerm, answer: TapAnswer
) -> None:
    purchase = await _place(context, callback_data, answer)
    if purchase is not None:
        await show_order(context, purchase.id)


async def order_renewal(
    event: TelegramObject, context: BotContext, callback_data: RenewSubscription, answer: TapAnswer
) -> None:
    """One tap from a reminder to the payment methods; the plans where it is not sold any more."""
    id_ = callback_data.subscription_id
    try:
        term_id = await orders.get_last_term_id(context.deps.db, context.user.id, id_)
    except PlanGoneError:
        answer.toast(context.t.plain("renew-plan-gone-toast"))
        term_id = None
    if term_id is None:
        await show_plans(context, id_)
    else:
        await buy_term(event, context, BuyTerm(term_id=term_id, subscription_id=id_), answer)


async def buy_term_with_balance(
    _: TelegramObject, context: BotContext, callback_data: BuyTermWithBalance, answer: TapAnswer
) -> None:
    """The order at today's price, with what is on the balance in it."""
    wanted = BuyTerm(
        term_id=callback_data.term_id,
        subscription_id=callback_data.subscription_id,
        is_new=callback_data.is_new,
    )
    purchase = await _place(context, wanted, answer)
    if purchase is not None:
        await _show_with_balance(context, purchase)


async def buy_gift(
    _: TelegramObject, context: BotContext, callback_data: BuyGift, answer: TapAnswer
) -> None:
    deps = context.deps
    if deps.panel is None:
        answer.alert(context.t.plain("checkout-not-open"))
        return
    if not await _may_buy(context, callback_data, answer):
        return
    purchase = await orders.place_order(
        deps.db, deps.panel, context.user.id, callback_data.term_id, None, is_gift=True
    )
    if callback_data.use_balance:
        await _show_with_balance(context, purchase)
    else:
        await show_order(context, purchase.id)


async def _show_with_balance(context: BotContext, purchase: Purchase) -> None:
    use = BALANCE_METHOD not in context.shop.ways_off
    order = await orders.set_order_balance_use(
        context.deps.db, purchase.id, context.user.id, use=use
    )
    await show_order(context, order.id)


async def _place(context: BotContext, callback_data: BuyTerm, answer: TapAnswer) -> Purchase | None:
    """None where something else was shown."""
    deps = context.deps
    if deps.panel is None:
        answer.alert(context.t.plain("checkout-not-open"))
        return None
    if not await _may_buy(context, callback_data, answer):
        return None
    target = callback_data.subscription_id
    if target is None and not callback_data.is_new:
        choice = await orders.choose_order_target(deps.db, context.user.id, callback_data.term_id)
        if choice.is_open:
            await context.show(
                order_target_screen(
                    context.t, callback_data.term_id, choice.subscriptions, choice.changes
                )
            )
            return None
        target = choice.only
    try:
        return await orders.place_order(
            deps.db,
            deps.panel,
            context.user.id,
            callback_data.term_id,
            target,
            is_separate=callback_data.is_new,
        )
    except PortError as error:
        log.warning("order_failed", error=str(error))
        await context.show(panel_away_screen(context.t, callback_data))
        return None


async def _may_buy(context: BotContext, wanted: CallbackData, answer: TapAnswer) -> bool:
    """Else the way to the shop's channel was shown. Where Telegram does not say, they may."""
    deps, channel = context.deps, context.shop.buying_channel
    if channel is None:
        return True
    user_id, topic = context.user.id, "buying-channel"
    try:
        await require_channel_member(deps.db, deps.channels, user_id, channel, topic)
    except NotMemberError as error:
        answer.toast(context.t.plain(error.text_key))
        await context.show(join_to_buy_screen(context.t, channel, wanted))
        return False
    except MembershipUnknownError:
        return True
    return True


async def open_order(_: TelegramObject, context: BotContext, callback_data: OpenOrder) -> None:
    await show_order(context, callback_data.purchase_id)


async def toggle_balance(_: TelegramObject, context: BotContext, callback_data: UseBalance) -> None:
    order = await orders.set_order_balance_use(
        context.deps.db, callback_data.purchase_id, context.user.id, use=callback_data.use
    )
    await show_order(context, order.id)


async def show_order(context: BotContext, purchase_id: UUID) -> None:
    """With the payment methods while it is open; else how it ended."""
    structlog.contextvars.bind_contextvars(purchase=str(purchase_id))
    page = await get_order_page(
        context.deps.db, context.deps.payment_methods, purchase_id, context.user.id
    )
    is_open = page.purchase.status in {PurchaseStatus.CREATED, PurchaseStatus.PENDING}
    if is_open and page.purchase.expires_at > clock.now():
        await context.show(order_screen(context.t, page, clock.now(), context.offer))
    else:
        screen = checkout_screen(context.t, page.purchase, clock.now(), context.offer, page.result)
        await context.show(screen)
