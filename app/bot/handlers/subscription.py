"""Shows what a person has, the key as a picture, and replaces a key that went astray."""

import structlog
from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import NewLinkPage, QrPage, RenewLink, SetAutoRenew, SubscriptionPage
from app.bot.filters import command
from app.bot.screens.errors import waiting_screen
from app.bot.screens.new_link import confirm_new_link_screen, new_link_panel_away_screen
from app.bot.screens.subscription import (
    auto_renew_toast,
    get_usable_key,
    no_subscription_screen,
    qr_screen,
    subscription_screen,
    subscriptions_screen,
)
from app.bot.slowly import and_tell
from app.bot.visit import TapAnswer, Visit
from app.core import clock
from app.domain.ports import PortError
from app.services.access import new_links, subscriptions
from app.services.purchases import renewals

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="subscription")
    router.message.register(open_subscription, command("subscription"))
    router.callback_query.register(open_page, SubscriptionPage.filter())
    router.callback_query.register(open_qr, QrPage.filter())
    router.callback_query.register(ask_new_link, NewLinkPage.filter())
    router.callback_query.register(renew_link, RenewLink.filter())
    router.callback_query.register(set_auto_renew, SetAutoRenew.filter())
    return router


async def open_subscription(_: TelegramObject, visit: Visit) -> None:
    """The only one at once, of several the choice."""
    await _show(visit, None)


async def open_page(_: TelegramObject, visit: Visit, callback_data: SubscriptionPage) -> None:
    await _show(visit, callback_data.subscription_id)


async def open_qr(_: TelegramObject, visit: Visit, callback_data: QrPage) -> None:
    """A new message: a text cannot become a picture. Without a key, the page that says why."""
    id_ = callback_data.subscription_id
    page = await subscriptions.get_page(visit.deps.db, None, visit.user.id, id_)
    link = get_usable_key(page.subscription, clock.now()) if page else None
    if page is None or link is None:
        await _show(visit, id_)
    else:
        message_id = await visit.send(qr_screen(visit.t, link, page.subscription.id))
        await subscriptions.note_shown_key(visit.deps.db, visit.user.id, link, message_id)


async def ask_new_link(_: TelegramObject, visit: Visit, callback_data: NewLinkPage) -> None:
    """What cannot be done is said before it is asked for."""
    id_ = callback_data.subscription_id
    await new_links.check(visit.deps.db, visit.user.id, id_)
    await visit.show(confirm_new_link_screen(visit.t, id_))


async def renew_link(
    _: TelegramObject, visit: Visit, callback_data: RenewLink, answer: TapAnswer
) -> None:
    deps, id_ = visit.deps, callback_data.subscription_id
    try:
        await new_links.renew_link(deps.db, deps.panel, visit.user.id, id_)
    except PortError as error:
        log.warning("new_link_failed", subscription=id_, error=str(error))
        await visit.show(new_link_panel_away_screen(visit.t, id_))
        return
    answer.toast(visit.t.plain("new-link-toast"))
    await _show(visit, id_)


async def set_auto_renew(
    _: TelegramObject, visit: Visit, callback_data: SetAutoRenew, answer: TapAnswer
) -> None:
    id_, on = callback_data.subscription_id, callback_data.on
    await renewals.set_auto_renew(visit.deps.db, visit.user.id, id_, on=on)
    answer.toast(auto_renew_toast(visit.t, visit.offer, on=on))
    await _show(visit, id_)


async def _show(visit: Visit, subscription_id: int | None) -> None:
    db, t = visit.deps.db, visit.t
    pages = await subscriptions.list_pages(db, visit.user.id)
    if subscription_id is None and len(pages) > 1:
        await visit.show(subscriptions_screen(t, pages, clock.now()))
        return
    reading = subscriptions.get_page(db, visit.deps.panel, visit.user.id, subscription_id)
    page = await and_tell(visit, reading, waiting_screen(t))
    if page is None:
        await visit.show(no_subscription_screen(t))
    else:
        await visit.show(subscription_screen(t, page, clock.now(), visit.offer))
