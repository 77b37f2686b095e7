"""Where a new message of the bot stands: in which topic, and what it replies to, or quotes."""

from dataclasses import dataclass
from typing import Final

from sandbox.world.json_types import JsonObject
from sandbox.world.telegram import chats
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.models import Message
from sandbox.world.telegram.quotes import quote_all, read_quote
from sandbox.world.telegram.views import chat_of, content_of, origin_of
from sandbox.world.world import World

_NOT_FOUND: Final = "message to be replied not found"


@dataclass(frozen=True)
class _Reply:
    """The call's own words, and the message that they name; None where that may be missing."""

    asked: JsonObject
    original: Message | None


def place(world: World, params: Params, message: Message) -> Message:
    reply = _read_reply(world, params, message.chat_id)
    message.thread_id = _read_thread(world, params, message.chat_id, reply)
    original = reply.original
    if original is None:
        return message
    message.quote = read_quote(reply.asked, original.body)
    if original.chat_id == message.chat_id:
        message.reply_to_message_id = original.message_id
    else:
        message.external_reply = _show_external(world, original)
        message.quote = message.quote or quote_all(original.body)
    return message


def read_thread(world: World, params: Params, chat_id: int) -> int | None:
    """The topic that the message goes to, looked up as the server does; None is General.

    A group without topics takes any number for none, a private chat knows none.
    """
    return _read_thread(world, params, chat_id, _Reply({}, None))


def _read_thread(world: World, params: Params, chat_id: int, reply: _Reply) -> int | None:
    thread_id = params.integer("message_thread_id") or None
    group = world.state.groups.get(chat_id)
    if group is None or not group.is_forum:
        if group is None and thread_id is not None:
            raise bad_request("message thread not found")
        return None
    replied = reply.original
    if thread_id is None and replied is not None and replied.chat_id == chat_id:
        thread_id = replied.thread_id
    if thread_id is not None and thread_id not in group.topics:
        raise bad_request("message thread not found")
    is_closed = group.topics[thread_id].closed if thread_id else group.general_closed
    if is_closed and group.bot != "administrator":
        raise bad_request("TOPIC_CLOSED")
    return thread_id


def _read_reply(world: World, params: Params, chat_id: int) -> _Reply:
    """Telegram takes the older parameters only where there are no `reply_parameters`."""
    asked = params.json("reply_parameters", "reply parameters")
    if asked is None:
        asked = {
            "message_id": params.integer("reply_to_message_id") or 0,
            "allow_sending_without_reply": params.flag("allow_sending_without_reply"),
        }
    if not isinstance(asked, dict):
        raise bad_request("object expected as reply parameters")
    if not asked:
        return _Reply({}, None)
    if "message_id" not in asked:
        raise bad_request('can\'t find field "message_id"')
    message_id = Params(asked).integer("message_id")
    if message_id is None:
        raise bad_request('field "message_id" must be a valid Number')
    if message_id <= 0:
        return _Reply({}, None)
    original = world.state.chats[_chat_of_reply(world, asked, chat_id)].get(message_id)
    if original is None and not Params(asked).flag("allow_sending_without_reply"):
        raise bad_request(_NOT_FOUND)
    return _Reply(asked, original)


def _chat_of_reply(world: World, asked: JsonObject, chat_id: int) -> int:
    params = Params({"chat_id": asked.get("chat_id")})
    if not params.text("chat_id"):
        return chat_id
    replied_in = chats.require_known_chat(world, params)
    group = world.state.groups.get(replied_in)
    if group is not None and group.kind == "supergroup":
        chats.require_bot_inside(group)
    return replied_in


def _show_external(world: World, original: Message) -> JsonObject:
    view: JsonObject = {"origin": origin_of(world, original)}
    chat = chat_of(world, original.chat_id)
    if chat["type"] in ("supergroup", "channel"):
        view |= {"chat": chat, "message_id": original.message_id}
    texts = ("text", "entities", "caption", "caption_entities")
    content = content_of(world, original)
    return view | {name: value for name, value in content.items() if name not in texts}
