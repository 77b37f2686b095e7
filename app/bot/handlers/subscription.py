"""Shows what a person has, and the key as a picture."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import QrPage, SubscriptionPage
from app.bot.filters import command
from app.bot.screens.subscription import (
    get_usable_key,
    no_subscription_screen,
    qr_screen,
    subscription_screen,
)
from app.bot.visit import Visit
from app.core import clock
from app.services import subscriptions


def create_router() -> Router:
    router = Router(name="subscription")
    router.message.register(open_subscription, command("subscription"))
    router.callback_query.register(open_subscription, SubscriptionPage.filter())
    router.callback_query.register(open_qr, QrPage.filter())
    return router


async def open_subscription(_: TelegramObject, visit: Visit) -> None:
    page = await subscriptions.get_page(visit.deps.db, visit.deps.panel, visit.user.id)
    if page is None:
        await visit.show(no_subscription_screen(visit.t))
    else:
        await visit.show(subscription_screen(visit.t, page, clock.now()))


async def open_qr(event: TelegramObject, visit: Visit) -> None:
    """A new message: a text cannot become a picture. Without a key, the page that says why."""
    page = await subscriptions.get_page(visit.deps.db, None, visit.user.id)
    link = get_usable_key(page.subscription, clock.now()) if page else None
    if link is None:
        await open_subscription(event, visit)
    else:
        await visit.send(qr_screen(visit.t, link))
