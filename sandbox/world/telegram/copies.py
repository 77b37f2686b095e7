"""Messages sent once more, as copies that hide where they come from or as forwarded ones."""

from typing import Final

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.telegram import chats, placing
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.formatting import read_text, require_caption_length
from sandbox.world.telegram.keyboards import read_inline_keyboard
from sandbox.world.telegram.message_ids import read_message_ids
from sandbox.world.telegram.models import Message
from sandbox.world.telegram.views import origin_of
from sandbox.world.world import World

_AT_ONCE: Final = 100


def copy_message(world: World, params: Params) -> JsonValue:
    source = _require_source(world, params, "copy")
    if source.special is not None:
        raise bad_request("the message can't be copied")
    copy = _again(world, source, chats.require_open_chat(world, params))
    if "caption" in params.values and source.file_id is not None:
        copy.body = read_text(params, name="caption", entities_name="caption_entities")
        require_caption_length(copy.body)
    copy.reply_markup = read_inline_keyboard(params)
    return {"message_id": _send(world, params, copy)["message_id"]}


def forward_message(world: World, params: Params) -> JsonValue:
    source = _require_source(world, params, "forward")
    if source.special is not None and "invoice" not in source.special:
        raise bad_request("the message can't be forwarded")
    return _send(world, params, _forwarded(world, source, params))


def copy_messages(world: World, params: Params) -> JsonValue:
    """Those that are not there, or can't be copied, are left out."""
    chat_id = chats.require_open_chat(world, params)
    copies = [_again(world, one, chat_id) for one in _sources(world, params)]
    return [{"message_id": _send(world, params, one)["message_id"]} for one in copies]


def forward_messages(world: World, params: Params) -> JsonValue:
    forwarded = [_forwarded(world, one, params) for one in _sources(world, params)]
    return [{"message_id": _send(world, params, one)["message_id"]} for one in forwarded]


def _require_source(world: World, params: Params, verb: str) -> Message:
    message_id = params.integer("message_id")
    if message_id is None:
        raise bad_request("message identifier is not specified")
    source = world.state.chats[_source_chat(world, params)].get(message_id)
    if source is None:
        raise bad_request(f"message to {verb} not found")
    return source


def _sources(world: World, params: Params) -> list[Message]:
    known = world.state.chats[_source_chat(world, params)]
    found = [known[id_] for id_ in read_message_ids(params, _AT_ONCE) if id_ in known]
    return [message for message in found if message.special is None]


def _source_chat(world: World, params: Params) -> int:
    return chats.require_known_chat(world, Params({"chat_id": params.values.get("from_chat_id")}))


def _again(world: World, source: Message, chat_id: int) -> Message:
    return Message(
        message_id=0,
        chat_id=chat_id,
        from_bot=True,
        date=world.clock.timestamp(),
        body=source.body,
        file_id=source.file_id,
    )


def _forwarded(world: World, source: Message, params: Params) -> Message:
    """What was forwarded before keeps the name of its first writer."""
    again = _again(world, source, chats.require_open_chat(world, params))
    again.special, again.star_slug = source.special, source.star_slug
    again.forward_origin = origin_of(world, source)
    return again


def _send(world: World, params: Params, message: Message) -> JsonObject:
    return chats.send(world, placing.place(world, params, message))
