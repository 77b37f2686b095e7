"""The Bot API methods that change or remove what stands in a chat."""

from contextlib import suppress
from datetime import timedelta

from pydantic import JsonValue

from sandbox.world.telegram import chats, files
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import ApiError, bad_request
from sandbox.world.telegram.formatting import (
    read_text,
    require_caption_length,
    require_message_text,
)
from sandbox.world.telegram.keyboards import read_inline_keyboard
from sandbox.world.telegram.message_ids import read_message_ids
from sandbox.world.telegram.models import Message, Text
from sandbox.world.world import World

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_DELETED_AT_ONCE = 100
_DELETABLE = timedelta(hours=48)


def edit_message_text(world: World, params: Params) -> JsonValue:
    text = read_text(params)
    if not text.text:
        raise bad_request("message text is empty")
    message = _require_own_message(world, params)
    require_message_text(text)
    if message.file_id is not None or message.special is not None:
        raise bad_request("there is no text in the message to edit")
    return _edit(world, params, message, body=text, file_id=None)


def edit_message_caption(world: World, params: Params) -> JsonValue:
    caption = read_text(params, name="caption", entities_name="caption_entities")
    message = _require_own_message(world, params)
    require_caption_length(caption)
    if message.file_id is None:
        raise bad_request("there is no caption in the message to edit")
    return _edit(world, params, message, body=caption, file_id=message.file_id)


def edit_message_reply_markup(world: World, params: Params) -> JsonValue:
    message = _require_own_message(world, params)
    return _edit(world, params, message, body=message.body, file_id=message.file_id)


def edit_message_media(world: World, params: Params) -> JsonValue:
    media = params.json("media", "media")
    if not isinstance(media, dict):
        raise bad_request("there is no media in the request")
    kind, source = media.get("type"), media.get("media")
    if not isinstance(source, str) or kind not in ("photo", "document"):
        raise bad_request("can't parse InputMedia: media type is invalid")
    caption = read_text(Params(media), name="caption", entities_name="caption_entities")
    message = _require_own_message(world, params)
    require_caption_length(caption)
    if message.special is not None:
        raise bad_request("message media can't be edited")
    file = files.read_file(world, params, "photo" if kind == "photo" else "document", source)
    return _edit(world, params, message, body=caption, file_id=file.file_id)


def delete_messages(world: World, params: Params) -> JsonValue:
    """Those that are not there any more, or may not be deleted, are left out."""
    for message_id in read_message_ids(params, _DELETED_AT_ONCE):
        with suppress(ApiError):
            delete_message(
                world, Params({"chat_id": params.values.get("chat_id"), "message_id": message_id})
            )
    chats.require_known_chat(world, params)
    return True


def delete_message(world: World, params: Params) -> JsonValue:
    chat_id = chats.require_known_chat(world, params)
    message_id = params.integer("message_id")
    if message_id is None:
        raise bad_request("message identifier is not specified")
    message = world.state.chats[chat_id].get(message_id)
    if message is None:
        raise bad_request("message to delete not found")
    group = world.state.groups.get(chat_id)
    if group is not None:
        chats.require_living(group)
        chats.require_bot_inside(group)
        if not message.from_bot:
            raise bad_request("message can't be deleted")
    if world.clock.timestamp() - message.date > _DELETABLE.total_seconds():
        raise bad_request("message can't be deleted for everyone")
    del world.state.chats[chat_id][message_id]
    world.hub.publish("delete", chat_id=chat_id, message_id=message_id)
    return True


def _require_own_message(world: World, params: Params) -> Message:
    chat_id = chats.require_open_chat(world, params)
    message_id = params.integer("message_id")
    if message_id is None:
        raise bad_request("message identifier is not specified")
    message = world.state.chats[chat_id].get(message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return message


def _edit(
    world: World, params: Params, message: Message, *, body: Text, file_id: str | None
) -> JsonValue:
    keyboard = read_inline_keyboard(params)
    same_body = body == message.body and file_id == message.file_id
    if same_body and keyboard == message.reply_markup:
        raise bad_request(_NOT_MODIFIED)
    chats.take_sending_slot(world, message.chat_id)
    message.body, message.file_id, message.reply_markup = body, file_id, keyboard
    return chats.show_edit(world, message)
