"""How users, chats and messages look to the bot and to the page."""

import re

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.person import Person
from sandbox.world.telegram.formatting import to_html
from sandbox.world.telegram.models import (
    SIZE_MARK,
    BotCommand,
    Channel,
    Entity,
    Group,
    Message,
    StoredFile,
)
from sandbox.world.world import World

_SMALLER_SIDES = (("s", 90), ("m", 320), ("x", 800))
_INVOICE = re.compile(r"#invoice-([\w-]+)")
_OF_CHAT = "chat:"  # what begins a list's scope, and a chat's id ends


def bot_user(world: World) -> JsonObject:
    bot = world.state.bot
    return {"id": bot.id, "is_bot": True, "first_name": bot.first_name, "username": bot.username}


def person_user(world: World, person_id: int) -> JsonObject:
    person = world.state.people[person_id]
    user: JsonObject = {"id": person.id, "is_bot": False} | _names(person)
    return user | ({"language_code": person.language_code} if person.language_code else {})


def private_chat(world: World, person_id: int) -> JsonObject:
    person = world.state.people[person_id]
    return {"id": person.id} | _names(person) | {"type": "private"}


def _names(person: Person) -> JsonObject:
    """Of a deleted account none is left."""
    if person.deleted:
        return {"first_name": ""}
    names: JsonObject = {"first_name": person.first_name}
    names |= {"last_name": person.last_name} if person.last_name else {}
    return names | ({"username": person.username} if person.username else {})


def group_chat(group: Group) -> JsonObject:
    chat: JsonObject = {"id": group.id, "title": group.title, "type": group.kind}
    return chat | {"is_forum": True} if group.is_forum else chat


def chat_of(world: World, chat_id: int) -> JsonObject:
    group, channel = world.state.groups.get(chat_id), world.state.channels.get(chat_id)
    if channel is not None:
        return channel_chat(channel)
    return private_chat(world, chat_id) if group is None else group_chat(group)


def channel_chat(channel: Channel) -> JsonObject:
    return {
        "id": channel.id,
        "title": channel.title,
        "username": channel.username,
        "type": "channel",
    }


def origin_of(world: World, message: Message) -> JsonObject:
    """Who wrote it first, as what is forwarded or replied to elsewhere says it."""
    if message.forward_origin is not None:
        return message.forward_origin
    if message.chat_id in world.state.channels:
        chat = chat_of(world, message.chat_id)
        return {
            "type": "channel",
            "chat": chat,
            "message_id": message.message_id,
            "date": message.date,
        }
    return {"type": "user", "sender_user": _sender(world, message), "date": message.date}


def _sender(world: World, message: Message) -> JsonObject:
    if message.from_bot:
        return bot_user(world)
    return person_user(world, message.sender_id or message.chat_id)


def message_for_bot(world: World, message: Message, *, with_reply: bool = True) -> JsonObject:
    chat = chat_of(world, message.chat_id)
    view: JsonObject = {"message_id": message.message_id, "chat": chat, "date": message.date}
    if message.chat_id in world.state.channels:  # which write in nobody's name
        view["sender_chat"] = chat
    else:
        view["from"] = _sender(world, message)
    if message.media_group_id is not None:
        view["media_group_id"] = message.media_group_id
    if message.forward_origin is not None:
        view["forward_origin"] = message.forward_origin
    if message.edit_date is not None:
        view["edit_date"] = message.edit_date
    original = world.state.chats[message.chat_id].get(message.reply_to_message_id or 0)
    if with_reply and original is not None:
        view["reply_to_message"] = message_for_bot(world, original, with_reply=False)
    if message.external_reply is not None:
        view["external_reply"] = message.external_reply
    if message.quote is not None:
        view["quote"] = message.quote
    view |= _thread(world, message, original) | content_of(world, message)
    if message.reply_markup is not None:
        view["reply_markup"] = message.reply_markup
    return view


def _thread(world: World, message: Message, original: Message | None) -> JsonObject:
    """A reply outside of topics has a thread, too: that of its first message, which is no topic."""
    if message.thread_id is not None:
        return {"message_thread_id": message.thread_id, "is_topic_message": True}
    group = world.state.groups.get(message.chat_id)
    if original is None or group is None or group.kind == "group":
        return {}
    known = world.state.chats[message.chat_id]
    while before := known.get(original.reply_to_message_id or 0):
        original = before
    return {"message_thread_id": original.message_id}


def message_for_page(world: World, message: Message) -> JsonObject:
    view = message_for_bot(world, message) | {"html": to_html(message.body)}
    if message.reply_to_message_id is not None:
        view["reply_to_message_id"] = message.reply_to_message_id
    if message.star_slug is not None:
        view["star_slug"] = message.star_slug
    if message.star_title is not None:
        view["star_title"] = message.star_title
    if message.unheard:
        view["unheard"] = True
    if message.file_id is not None:
        view["file_url"] = f"/world/files/{message.file_id}"
    return view


def bot_for_page(world: World) -> JsonObject:
    bot = world.state.bot
    return {
        "id": bot.id,
        "username": bot.username,
        "first_name": bot.first_name,
        "commands": _commands(world, "all_private_chats"),
        "group_commands": _commands(world, "all_group_chats"),
        "chat_commands": _chat_commands(world),
        "description": dict[str, JsonValue](bot.descriptions),
        "short_description": dict[str, JsonValue](bot.short_descriptions),
    }


def _commands(world: World, scope: str) -> JsonObject:
    known = world.state.bot.commands
    return _by_language(known.get("default", {}) | known.get(scope, {}))


def _chat_commands(world: World) -> JsonObject:
    """By the chats that have lists of their own."""
    return {
        scope.removeprefix(_OF_CHAT): _by_language(known)
        for scope, known in world.state.bot.commands.items()
        if scope.startswith(_OF_CHAT)
    }


def _by_language(known: dict[str, list[BotCommand]]) -> JsonObject:
    return {
        language: [command.model_dump() for command in listed] for language, listed in known.items()
    }


def invoice_hash_in(message: Message) -> str | None:
    """The invoice that this message lets somebody pay, by a button or by a link."""
    links = [message.body.text, *(entity.url or "" for entity in message.body.entities)]
    found = _INVOICE.search(f"{message.reply_markup or ''} {' '.join(links)}")
    return found[1] if found else None


def content_of(world: World, message: Message) -> JsonObject:
    if message.special is not None:
        return message.special
    entities: list[JsonValue] = [_entity(entity) for entity in message.body.entities]
    if message.file_id is None:
        text: JsonObject = {"text": message.body.text}
        return text | ({"entities": entities} if entities else {})
    file = world.state.files[message.file_id]
    view: JsonObject
    if file.kind == "photo":
        view = {"photo": [*photo_sizes(file)]}
    else:
        named: JsonObject = {"file_name": file.file_name, "mime_type": file.mime_type}
        view = {"document": file_view(file) | named}
    if message.body.text:
        view["caption"] = message.body.text
    return view | ({"caption_entities": entities} if entities else {})


def file_view(file: StoredFile) -> JsonObject:
    return {
        "file_id": file.file_id,
        "file_unique_id": file.file_unique_id,
        "file_size": len(file.content),
    }


def photo_sizes(file: StoredFile) -> list[JsonObject]:
    """The picture itself comes last, before it what Telegram makes of it for small screens."""
    longest = max(file.width, file.height)
    smaller: list[JsonObject] = [
        {
            "file_id": f"{file.file_id}{SIZE_MARK}{letter}",
            "file_unique_id": f"{file.file_unique_id}{letter}",
            "file_size": max(1, len(file.content) * side // longest),
            "width": max(1, file.width * side // longest),
            "height": max(1, file.height * side // longest),
        }
        for letter, side in _SMALLER_SIDES
        if side < longest
    ]
    return [*smaller, file_view(file) | {"width": file.width, "height": file.height}]


def _entity(entity: Entity) -> JsonObject:
    return entity.model_dump(exclude_none=True)
