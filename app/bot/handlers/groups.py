"""Groups: a short hello, the link to the private chat, and Telegram's own events of the group."""

import structlog
from aiogram import Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.filters import Filter
from aiogram.types import ChatMemberRestricted, ChatMemberUpdated, Message

from app.bot.context import BotContext
from app.bot.deps import BotDeps
from app.bot.filters import command
from app.bot.i18n import load_translators
from app.bot.screens.tracking.groups import (
    group_cancelled_screen,
    group_hello_screen,
    group_private_screen,
)
from app.db.outage import is_outage
from app.domain.messages import Lane
from app.domain.ports import PortError
from app.services import group_chats
from app.services.tracking.cards import endings

_GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})

log = structlog.get_logger()


class _InGroup(Filter):
    async def __call__(self, event: Message | ChatMemberUpdated) -> bool:
        return event.chat.type in _GROUPS


class _IsCommand(Filter):
    async def __call__(self, message: Message) -> bool:
        return (message.text or "").startswith("/")


class _IsMigration(Filter):
    async def __call__(self, message: Message) -> bool:
        return bool(message.migrate_to_chat_id or message.migrate_from_chat_id)


def create_router() -> Router:
    """After all that works in groups: what is left are the shop's commands."""
    router = Router(name="groups")
    router.message.filter(_InGroup())
    router.message.register(show_group_hello, command("start"))
    router.message.register(show_group_hello, command("help"))
    router.message.register(cancel_group_dialogue, command("cancel"))
    router.message.register(point_to_private_chat, _IsCommand())
    return router


def create_group_events_router() -> Router:
    """Telegram's own events of a group; no user sent them, so there is no context."""
    router = Router(name="group_notes")
    router.message.register(record_chat_migration, _IsMigration())
    router.my_chat_member.register(record_group_membership, _InGroup())
    return router


async def show_group_hello(_: Message, context: BotContext) -> None:
    await context.show(group_hello_screen(context.t, context.deps.chains))


async def cancel_group_dialogue(
    _: Message, context: BotContext, raw_state: str | None = None
) -> None:
    """Where nothing was asked, it was for another bot."""
    if raw_state is not None:
        await context.show(group_cancelled_screen(context.t))


async def point_to_private_chat(_: Message, context: BotContext) -> None:
    await context.show(group_private_screen(context.t, await _get_link(context.deps)))


async def record_chat_migration(message: Message, deps: BotDeps) -> None:
    """It is said in both chats."""
    here = message.chat.id
    if message.migrate_to_chat_id is not None:
        await group_chats.migrate_group(deps.db, here, message.migrate_to_chat_id)
    elif message.migrate_from_chat_id is not None:
        await group_chats.migrate_group(deps.db, message.migrate_from_chat_id, here)


async def record_group_membership(event: ChatMemberUpdated, deps: BotDeps) -> None:
    try:
        if not _is_inside(event):
            await endings.leave_chat(deps.db, event.chat.id)
            return
        first = deps.languages.guess(event.from_user)
        language = await group_chats.add_group(
            deps.db, event.chat.id, event.chat.title or "", first
        )
        may_write = _may_write(event)
        await group_chats.set_group_rights(deps.db, event.chat.id, may_write=may_write)
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("group_rights_not_recorded")  # the group's next update records it
        return
    if language is not None and may_write:
        await _send_hello(deps, event.chat.id, language)


async def _send_hello(deps: BotDeps, chat_id: int, language: str) -> None:
    screen = group_hello_screen(load_translators().get(language), deps.chains)
    try:
        await deps.sender.send(chat_id, screen, lane=Lane.USER)
    except PortError as error:  # perhaps nobody may write there
        log.info("group_hello_unsent", reason=str(error))


def _is_inside(event: ChatMemberUpdated) -> bool:
    member = event.new_chat_member
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status in {ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR}


def _may_write(event: ChatMemberUpdated) -> bool:
    member = event.new_chat_member
    return not isinstance(member, ChatMemberRestricted) or member.can_send_messages


async def _get_link(deps: BotDeps) -> str | None:
    """None while the bot's name is not known from Telegram."""
    if deps.account is None:
        return None
    try:
        return f"https://t.me/{await deps.account.get_username()}"
    except PortError:
        return None
