"""Shows a user's subscriptions, the key as a picture, and replaces a key that leaked."""

import structlog
from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import (
    KeyQrPage,
    NewLinkPage,
    OpenSubscription,
    RenewLink,
    SetAutoRenew,
)
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import command
from app.bot.late_notice import with_waiting_screen
from app.bot.screens.errors import waiting_screen
from app.bot.screens.new_link import confirm_new_link_screen, new_link_panel_away_screen
from app.bot.screens.subscription import (
    auto_renew_toast,
    get_usable_key,
    key_qr_screen,
    no_subscription_screen,
    subscription_screen,
    subscriptions_screen,
)
from app.core import clock
from app.domain.ports import PortError
from app.services.access import new_links, subscriptions
from app.services.purchases import renewals

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="subscription")
    router.message.register(open_subscription, command("subscription"))
    router.callback_query.register(open_subscription_page, OpenSubscription.filter())
    router.callback_query.register(open_key_qr, KeyQrPage.filter())
    router.callback_query.register(ask_new_link, NewLinkPage.filter())
    router.callback_query.register(confirm_new_link, RenewLink.filter())
    router.callback_query.register(toggle_auto_renew, SetAutoRenew.filter())
    return router


async def open_subscription(_: TelegramObject, context: BotContext) -> None:
    """The only one at once, of several the choice."""
    await show_subscription(context, None)


async def open_subscription_page(
    _: TelegramObject, context: BotContext, callback_data: OpenSubscription
) -> None:
    await show_subscription(context, callback_data.subscription_id)


async def open_key_qr(_: TelegramObject, context: BotContext, callback_data: KeyQrPage) -> None:
    """A new message: a text cannot become a picture. Without a key, the page that says why."""
    id_ = callback_data.subscription_id
    page = await subscriptions.get_subscription_page(context.deps.db, None, context.user.id, id_)
    link = get_usable_key(page.subscription, clock.now()) if page else None
    if page is None or link is None:
        await show_subscription(context, id_)
    else:
        message_id = await context.send(key_qr_screen(context.t, link, page.subscription.id))
        await subscriptions.save_shown_key_message(
            context.deps.db, context.user.id, link, message_id
        )


async def ask_new_link(_: TelegramObject, context: BotContext, callback_data: NewLinkPage) -> None:
    """What cannot be done is said before it is asked for."""
    id_ = callback_data.subscription_id
    await new_links.check_link_renewal(context.deps.db, context.user.id, id_)
    await context.show(confirm_new_link_screen(context.t, id_))


async def confirm_new_link(
    _: TelegramObject, context: BotContext, callback_data: RenewLink, answer: TapAnswer
) -> None:
    deps, id_ = context.deps, callback_data.subscription_id
    try:
        await new_links.renew_subscription_link(deps.db, deps.panel, context.user.id, id_)
    except PortError as error:
        log.warning("new_link_failed", subscription=id_, error=str(error))
        await context.show(new_link_panel_away_screen(context.t, id_))
        return
    answer.toast(context.t.plain("new-link-toast"))
    await show_subscription(context, id_)


async def toggle_auto_renew(
    _: TelegramObject, context: BotContext, callback_data: SetAutoRenew, answer: TapAnswer
) -> None:
    id_, on = callback_data.subscription_id, callback_data.on
    await renewals.set_subscription_auto_renew(context.deps.db, context.user.id, id_, on=on)
    answer.toast(auto_renew_toast(context.t, context.offer, on=on))
    await show_subscription(context, id_)


async def show_subscription(context: BotContext, subscription_id: int | None) -> None:
    db, t = context.deps.db, context.t
    pages = await subscriptions.list_subscription_pages(db, context.user.id)
    if subscription_id is None and len(pages) > 1:
        await context.show(subscriptions_screen(t, pages, clock.now()))
        return
    reading = subscriptions.get_subscription_page(
        db, context.deps.panel, context.user.id, subscription_id
    )
    page = await with_waiting_screen(context, reading, waiting_screen(t))
    if page is None:
        await context.show(no_subscription_screen(t))
    else:
        await context.show(subscription_screen(t, page, clock.now(), context.offer))
