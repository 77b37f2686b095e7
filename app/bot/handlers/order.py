"""From the tap on a term to an order that shows its price, and how it can be paid."""

from uuid import UUID

import structlog
from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import Buy, BuyWithBalance, OrderPage, Renew, UseBalance
from app.bot.handlers.plans import show_plans
from app.bot.screens.checkout import checkout_screen, panel_away_screen
from app.bot.screens.order import order_screen, target_screen
from app.bot.visit import TapAnswer, Visit
from app.core import clock
from app.db.models import Purchase
from app.domain.payments import PurchaseStatus
from app.domain.ports import PortError
from app.domain.ways import BALANCE
from app.services.payments.order_page import get_order_page
from app.services.purchases import orders
from app.services.purchases.plans import PlanGoneError

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="order")
    router.callback_query.register(buy, Buy.filter())
    router.callback_query.register(renew, Renew.filter())
    router.callback_query.register(buy_with_balance, BuyWithBalance.filter())
    router.callback_query.register(open_order, OrderPage.filter())
    router.callback_query.register(use_balance, UseBalance.filter())
    return router


async def buy(_: TelegramObject, visit: Visit, callback_data: Buy, answer: TapAnswer) -> None:
    purchase = await _place(visit, callback_data, answer)
    if purchase is not None:
        await show_order(visit, purchase.id)


async def renew(
    event: TelegramObject, visit: Visit, callback_data: Renew, answer: TapAnswer
) -> None:
    """One tap from a reminder to the ways to pay; the plans where the same is not sold any more."""
    id_ = callback_data.subscription_id
    try:
        term_id = await orders.get_last_term(visit.deps.db, visit.user.id, id_)
    except PlanGoneError:
        answer.toast(visit.t.plain("renew-plan-gone-toast"))
        term_id = None
    if term_id is None:
        await show_plans(visit, id_)
    else:
        await buy(event, visit, Buy(term_id=term_id, subscription_id=id_), answer)


async def buy_with_balance(
    _: TelegramObject, visit: Visit, callback_data: BuyWithBalance, answer: TapAnswer
) -> None:
    """The order at today's price, with what is on the balance in it."""
    wanted = Buy(
        term_id=callback_data.term_id,
        subscription_id=callback_data.subscription_id,
        is_new=callback_data.is_new,
    )
    purchase = await _place(visit, wanted, answer)
    if purchase is not None:
        use = BALANCE not in visit.shop.ways_off
        order = await orders.use_balance(visit.deps.db, purchase.id, visit.user.id, use=use)
        await show_order(visit, order.id)


async def _place(visit: Visit, callback_data: Buy, answer: TapAnswer) -> Purchase | None:
    """None where something else was shown."""
    deps = visit.deps
    if deps.panel is None:
        answer.alert(visit.t.plain("checkout-not-open"))
        return None
    target = callback_data.subscription_id
    if target is None and not callback_data.is_new:
        choice = await orders.choose_target(deps.db, visit.user.id, callback_data.term_id)
        if choice.is_open:
            await visit.show(
                target_screen(visit.t, callback_data.term_id, choice.subscriptions, choice.changes)
            )
            return None
        target = choice.only
    try:
        return await orders.place(
            deps.db,
            deps.panel,
            visit.user.id,
            callback_data.term_id,
            target,
            is_separate=callback_data.is_new,
        )
    except PortError as error:
        log.warning("order_failed", error=str(error))
        await visit.show(panel_away_screen(visit.t, callback_data))
        return None


async def open_order(_: TelegramObject, visit: Visit, callback_data: OrderPage) -> None:
    await show_order(visit, callback_data.purchase_id)


async def use_balance(_: TelegramObject, visit: Visit, callback_data: UseBalance) -> None:
    order = await orders.use_balance(
        visit.deps.db, callback_data.purchase_id, visit.user.id, use=callback_data.use
    )
    await show_order(visit, order.id)


async def show_order(visit: Visit, purchase_id: UUID) -> None:
    """With the ways to pay while it is open; else how it ended."""
    structlog.contextvars.bind_contextvars(purchase=str(purchase_id))
    page = await get_order_page(visit.deps.db, visit.deps.ways, purchase_id, visit.user.id)
    is_open = page.purchase.status in {PurchaseStatus.CREATED, PurchaseStatus.PENDING}
    if is_open and page.purchase.expires_at > clock.now():
        await visit.show(order_screen(visit.t, page, clock.now(), visit.offer))
    else:
        screen = checkout_screen(visit.t, page.purchase, clock.now(), visit.offer, page.result)
        await visit.show(screen)
