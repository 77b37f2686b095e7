"""Finds and keeps chats and messages, and notifies the page of what became of them."""

import asyncio

from sandbox.world.json_types import JsonObject
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request, forbidden, too_many_requests
from sandbox.world.telegram.models import Group, Message
from sandbox.world.telegram.views import invoice_hash_in, message_for_bot, message_for_page
from sandbox.world.world import World


def require_known_chat(world: World, params: Params) -> int:
    if not params.text("chat_id"):
        raise bad_request("chat_id is empty")
    chat_id = _find_chat(world, params)
    if chat_id is None:
        raise bad_request("chat not found")
    world.state.chats.setdefault(chat_id, {})
    return chat_id


def _find_chat(world: World, params: Params) -> int | None:
    """By its number, or by its @name, which finds channels and no users."""
    asked, number = params.text("chat_id"), params.integer("chat_id")
    state = world.state
    if not asked.startswith("@"):
        return number if number in state.people | state.groups | state.channels else None
    name = asked.removeprefix("@").lower()
    named = (one.id for one in state.channels.values() if one.username.lower() == name)
    return next(named, None)


def require_open_chat(world: World, params: Params, what: str = "text messages") -> int:
    """The id of a chat that the bot may write to; `what` is named where it may not."""
    chat_id = require_known_chat(world, params)
    group = world.state.groups.get(chat_id)
    if group is not None:
        require_living(group)
        require_bot_inside(group)
        if group.bot == "restricted":
            raise bad_request(f"not enough rights to send {what} to the chat")
        return chat_id
    if chat_id in world.state.channels:
        if world.state.knobs.channels != "ok":
            raise forbidden("bot is not a member of the channel chat")
        return chat_id
    person = world.state.people[chat_id]
    if person.deleted:
        raise forbidden("user is deactivated")
    if person.bot_blocked:
        raise forbidden("bot was blocked by the user")
    if not person.started:
        raise forbidden("bot can't initiate conversation with a user")
    return chat_id


def require_living(group: Group) -> None:
    if group.migrated_to is not None:
        raise bad_request(
            "group chat was upgraded to a supergroup chat", migrate_to_chat_id=group.migrated_to
        )
    if group.deleted:
        raise forbidden("the group chat was deleted")


def require_bot_inside(group: Group) -> None:
    if group.bot == "kicked":
        raise forbidden(f"bot was kicked from the {group.kind} chat")
    if group.bot == "left":
        raise forbidden(f"bot is not a member of the {group.kind} chat")


def take_sending_slot(world: World, chat_id: int) -> None:
    wait_seconds = world.limits.take(chat_id, asyncio.get_running_loop().time())
    if wait_seconds is not None:
        world.state.counters.limit_429s += 1
        raise too_many_requests(wait_seconds)


def send(world: World, message: Message) -> JsonObject:
    """A new message of the bot, where its chat's limit lets it pass."""
    take_sending_slot(world, message.chat_id)
    message.message_id = next_message_id(world, message.chat_id)
    return add_message(world, message)


def add_message(world: World, message: Message) -> JsonObject:
    """Keep and show a new message; its view for the bot."""
    world.state.chats[message.chat_id][message.message_id] = message
    return _show(world, "message", message)


def show_edit(world: World, message: Message) -> JsonObject:
    message.edit_date = world.clock.timestamp()
    return _show(world, "edit", message)


def next_message_id(world: World, chat_id: int) -> int:
    """Supergroups and channels count by themselves; all the bot's other chats share one count."""
    group = world.state.groups.get(chat_id)
    is_basic = group is not None and group.kind == "group"
    if chat_id in world.state.people or is_basic:
        world.state.counters.message_id += 1
        return world.state.counters.message_id
    counted = world.state.counters.in_supergroups
    counted[chat_id] = counted.get(chat_id, max(world.state.chats[chat_id], default=0)) + 1
    return counted[chat_id]


def _show(world: World, event: str, message: Message) -> JsonObject:
    if world.hub.listeners and message.chat_id not in world.state.channels:
        page_view = message_for_page(world, message)
        world.hub.publish(event, chat_id=message.chat_id, message=page_view)
    in_private = message.chat_id in world.state.people
    if message.from_bot and in_private and (hash_ := invoice_hash_in(message)):
        _remember_payer(world, hash_, message.chat_id)
    return message_for_bot(world, message)


def _remember_payer(world: World, hash_: str, person_id: int) -> None:
    for invoice in world.state.invoices.values():
        if invoice.hash == hash_ and invoice.person_id != person_id:
            invoice.person_id = person_id
            world.hub.publish("invoice", invoice=invoice.for_page())
