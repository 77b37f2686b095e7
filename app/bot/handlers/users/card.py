"""`/person` and the home's search find a user; their card is one message with tabs.

Each look is on record before it is shown.
"""

import html
import re
from contextlib import suppress
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator, command
from app.bot.i18n import Html
from app.bot.operator_callbacks import UserCardPage, UserSearchPage, UserTab
from app.bot.renderer import NOTIFICATION_RENDERERS
from app.bot.screens.users.card import (
    notification_line,
    user_card_screen,
    user_devices_screen,
    user_ledger_screen,
    user_notifications_screen,
    user_panel_away_screen,
    user_payments_screen,
    user_referrals_screen,
)
from app.bot.screens.users.lookup import (
    how_to_look_up_user_screen,
    namesakes_screen,
    user_not_found_screen,
)
from app.bot.user_input import read_user_query
from app.core import clock
from app.db.models import OutboxMessage, User
from app.domain.operator_roles import Permission
from app.domain.ports import PortError
from app.domain.user_lookup import UserQuery, clean_searched_name, parse_user_query
from app.services import audit
from app.services.access.devices import DevicesUnknownError, list_subscription_devices
from app.services.operations import user_page
from app.services.operations.user_lookup import MAX_NAMESAKES, find_user, find_users_by_name
from app.services.payments.balance_page import get_balance_history, get_purchase_history

# Their pictures would be drawn for a line of text.
_WITH_PICTURE: Final = frozenset({"key-ready", "trial-key-ready", "new-key", "moved-key"})
_LINKED_ID: Final = re.compile(r"[0-9]{1,15}")
_TAG: Final = re.compile(r"<[^>]*>")
_DEVICE_LISTS: Final = 2  # asked of the panel for one tap


class UserSearchDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="user_card")
    may_view = FromOperator(Permission.VIEW_USERS)
    router.message.register(look_up_user, may_view, command("person"))
    router.callback_query.register(ask_for_user, may_view, UserSearchPage.filter())
    router.callback_query.register(open_user_card, may_view, UserCardPage.filter())
    router.message.register(read_searched_user, may_view, AnswerTo(UserSearchDialogue.typing))
    return router


async def ask_for_user(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await _ask(context, state)


async def look_up_user(
    _: TelegramObject, context: BotContext, command: CommandObject, state: FSMContext
) -> None:
    """`/person <@name, id, order, invoice, name …>`; alone it asks."""
    typed = (command.args or "").strip()
    await _look_up(context, state, parse_user_query(typed), typed)


async def read_searched_user(message: Message, context: BotContext, state: FSMContext) -> None:
    await _look_up(context, state, read_user_query(message), (message.text or "").strip())


async def open_user_link(context: BotContext, about: str) -> bool:
    """Of `?start=u_1001`, for operators; to all others it says nothing."""
    if not context.may(Permission.VIEW_USERS) or not _LINKED_ID.fullmatch(about):
        return False
    await show_user_card(context, int(about))
    return True


async def open_user_card(
    _: TelegramObject, context: BotContext, callback_data: UserCardPage
) -> None:
    id_, tab, number = callback_data.user_id, callback_data.tab, callback_data.number
    if tab is UserTab.MAIN:
        await show_user_card(context, id_)
        return
    await _record_look(context, id_, tab)
    user = await user_page.require_user(context.deps.db, id_)
    if tab is UserTab.PAYMENTS:
        purchases = await get_purchase_history(context.deps.db, id_, number)
        screen = user_payments_screen(context.t, user, purchases, context.role, clock.now())
    elif tab is UserTab.LEDGER:
        ledger = await get_balance_history(context.deps.db, id_, number)
        screen = user_ledger_screen(context.t, user, ledger)
    elif tab is UserTab.REFERRALS:
        friends = await user_page.get_referral_page(context.deps.db, id_)
        screen = user_referrals_screen(context.t, user, friends)
    elif tab is UserTab.NOTIFICATIONS:
        sent = await user_page.get_notification_history(context.deps.db, id_, number)
        lines = [_describe(context, row) for row in sent.notifications]
        screen = user_notifications_screen(context.t, user, lines, number, more=sent.has_more)
    else:
        await _show_devices(context, user)
        return
    await context.show(screen)


async def show_user_card(context: BotContext, user_id: int) -> None:
    """Raises UnknownUserError."""
    page = await user_page.require_user_page(context.deps.db, user_id)
    await _record_look(context, user_id, UserTab.MAIN)
    await context.show(user_card_screen(context.t, page, context.role, clock.now()))


async def _ask(context: BotContext, state: FSMContext) -> None:
    await state.set_state(UserSearchDialogue.typing)
    await context.show(how_to_look_up_user_screen(context.t))


async def _look_up(
    context: BotContext, state: FSMContext, query: UserQuery | None, typed: str
) -> None:
    """By what is theirs alone, else by how their name begins. A miss leaves the question open."""
    db, name = context.deps.db, clean_searched_name(typed)
    if query is None and name is None:
        await _ask(context, state)
        return
    if found := await find_user(db, query) if query else None:
        async with ended_afterwards(state):
            page = await user_page.require_user_page(db, found.id, found.purchase_id)
            await _record_look(context, found.id, UserTab.MAIN)
            now = clock.now()
            await context.show(
                user_card_screen(context.t, page, context.role, now, found=found, typed=typed)
            )
        return
    users = await find_users_by_name(db, name) if name else []
    if not users:
        await context.show(user_not_found_screen(context.t, typed))
    elif len(users) == 1:
        async with ended_afterwards(state):
            await show_user_card(context, users[0].id)
    else:
        await audit.record_data_access(
            db, context.user.id, "names_listed", "users", count=len(users)
        )
        await context.show(namesakes_screen(context.t, typed, users, MAX_NAMESAKES))


async def _show_devices(context: BotContext, user: User) -> None:
    deps = context.deps
    try:
        rows = await user_page.list_running_subscriptions(deps.db, user.id)
        listed = [
            await list_subscription_devices(deps.db, deps.panel, user.id, row.id)
            for row in rows[:_DEVICE_LISTS]
        ]
    except DevicesUnknownError:
        listed = []
    except PortError:
        await context.show(user_panel_away_screen(context.t, user))
        return
    await context.show(user_devices_screen(context.t, user, listed, clock.now()))


def _describe(context: BotContext, row: OutboxMessage) -> Html:
    """By the first line that the user reads, in the operator's language."""
    title = row.template
    if title in _WITH_PICTURE:
        title = context.t.plain("user-notification-key")
    else:
        with suppress(LookupError):  # of an older release
            text = NOTIFICATION_RENDERERS[title](context.t, row.values).text
            title = html.unescape(_TAG.sub("", text)).strip().partition("\n")[0]
    return notification_line(context.t, title, row.status, row.sent_at or row.created_at)


async def _record_look(context: BotContext, user_id: int, tab: UserTab) -> None:
    await audit.record_data_access(
        context.deps.db,
        context.user.id,
        "person_viewed",
        f"user:{user_id}",
        tab=tab.name.lower(),
    )
