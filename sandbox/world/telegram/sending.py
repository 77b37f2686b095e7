"""The Bot API methods that put something into a chat."""

from pydantic import JsonValue

from sandbox.world.telegram import chats, files, placing
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.formatting import (
    read_text,
    require_caption_length,
    require_message_text,
)
from sandbox.world.telegram.keyboards import read_inline_keyboard
from sandbox.world.telegram.models import Message, Text
from sandbox.world.world import World

_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def send_message(world: World, params: Params) -> JsonValue:
    text = read_text(params)
    if not text.text:
        raise bad_request("message text is empty")
    chat_id = chats.require_open_chat(world, params)
    require_message_text(text)
    return _send(world, params, chat_id, text, file_id=None)


def send_photo(world: World, params: Params) -> JsonValue:
    return _send_file(world, params, "photo")


def send_document(world: World, params: Params) -> JsonValue:
    return _send_file(world, params, "document")


def send_chat_action(world: World, params: Params) -> JsonValue:
    action = params.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat_id = chats.require_open_chat(world, params)
    placing.read_thread(world, params, chat_id)
    world.hub.publish("typing", chat_id=chat_id, action=action)
    return True


def _send_file(world: World, params: Params, kind: files.Kind) -> JsonValue:
    caption = read_text(params, name="caption", entities_name="caption_entities")
    chat_id = chats.require_open_chat(world, params, f"{kind}s")
    require_caption_length(caption)
    file = files.read_file(world, params, kind, files.field_source(params, kind))
    return _send(world, params, chat_id, caption, file_id=file.file_id)


def _send(
    world: World, params: Params, chat_id: int, body: Text, *, file_id: str | None
) -> JsonValue:
    message = Message(
        message_id=0,
        chat_id=chat_id,
        from_bot=True,
        date=world.clock.timestamp(),
        body=body,
        file_id=file_id,
        reply_markup=read_inline_keyboard(params),
    )
    return chats.send(world, placing.place(world, params, message))
