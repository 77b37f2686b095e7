"""Pinned messages: the newest comes first."""

from pydantic import JsonValue

from sandbox.world.telegram import chats
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.world import World


def pin_chat_message(world: World, params: Params) -> JsonValue:
    chat_id, message_id = _require_right(world, params), params.integer("message_id")
    if message_id not in world.state.chats[chat_id]:
        raise bad_request("message to pin not found")
    pinned = world.state.pinned.setdefault(chat_id, [])
    world.state.pinned[chat_id] = [message_id, *(one for one in pinned if one != message_id)]
    return True


def unpin_chat_message(world: World, params: Params) -> JsonValue:
    """Without `message_id` the newest."""
    chat_id = _require_right(world, params)
    pinned = world.state.pinned.get(chat_id, [])
    message_id = params.integer("message_id") or next(iter(pinned), None)
    if message_id not in pinned:
        raise bad_request("message to unpin not found")
    pinned.remove(message_id)
    return True


def unpin_all_chat_messages(world: World, params: Params) -> JsonValue:
    world.state.pinned.pop(_require_right(world, params), None)
    return True


def _require_right(world: World, params: Params) -> int:
    chat_id = chats.require_open_chat(world, params)
    group = world.state.groups.get(chat_id)
    if group is not None and group.bot != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat_id
