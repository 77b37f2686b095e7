"""What users do in their chats, and the updates that the bot gets of it."""

from sandbox.world.json_types import JsonObject
from sandbox.world.person import Person
from sandbox.world.problems import Problem
from sandbox.world.telegram import chats, files
from sandbox.world.telegram.callbacks import new_callback_query
from sandbox.world.telegram.errors import ApiError
from sandbox.world.telegram.models import Message, Text
from sandbox.world.telegram.typed import read_typed
from sandbox.world.telegram.views import (
    bot_user,
    chat_of,
    message_for_bot,
    person_user,
    private_chat,
)
from sandbox.world.world import World

_MAX_CALLBACK_DATA_BYTES = 64
_WHAT_LENGTH = 60


def send_picture(world: World, person: Person, caption: str, content: bytes) -> JsonObject:
    """The ids of the message and of its update."""
    if not person.started or person.bot_blocked:
        raise Problem(409, f"{person.first_name} has to press Start first.")
    try:
        file = files.keep_photo(world, content)
    except ApiError as error:
        raise Problem(400, error.description) from None
    body = read_typed(caption) if caption.strip() else Text(text="")
    return _send(world, person, body, file_id=file.file_id)


def send_text(
    world: World, person: Person, text: str, reply_to_message_id: int | None = None
) -> JsonObject:
    """The ids of the message and of its update. /start also takes back a block."""
    body = read_typed(text)
    if person.bot_blocked and not text.startswith("/start"):
        raise Problem(409, f"{person.first_name} has blocked the bot; /start takes it back.")
    if person.bot_blocked:
        set_blocked(world, person, blocked=False)
    if not person.started:
        person.started = True
        show_person(world, person)
    return _send(world, person, body, reply_to_message_id)


def _send(
    world: World,
    person: Person,
    body: Text,
    reply_to_message_id: int | None = None,
    *,
    file_id: str | None = None,
) -> JsonObject:
    known = world.state.chats[person.id]
    message = Message(
        message_id=chats.next_message_id(world, person.id),
        chat_id=person.id,
        from_bot=False,
        date=world.clock.timestamp(),
        body=body,
        file_id=file_id,
        reply_to_message_id=reply_to_message_id if reply_to_message_id in known else None,
    )
    view = chats.add_message(world, message)
    return {"message_id": message.message_id, "update_id": tell(world, person, message, view)}


def tell(world: World, person: Person, message: Message, view: JsonObject) -> int:
    """The id of the update by which the bot gets this message."""
    return world.updates.enqueue(
        "message",
        f"chat:{message.chat_id}",
        view,
        what=f"message: {message.body.text}"[:_WHAT_LENGTH],
        person_id=person.id,
        chat_id=message.chat_id,
    )


def tap(
    world: World,
    person: Person,
    message_id: int,
    data: str,
    chat_id: int | None = None,
    *,
    inaccessible: bool = False,
) -> JsonObject:
    """Any data is sent, because a changed client can send what no button says.

    `chat_id` is the group whose member the user is, when it is not the chat with the bot. Of an
    inaccessible message the bot gets the place only, and the date 0.
    """
    chat_id = chat_id or person.id
    message = world.state.chats[chat_id].get(message_id)
    if message is None or not message.from_bot:
        raise Problem(404, "There is no such message of the bot in this chat.")
    if not 1 <= len(data.encode()) <= _MAX_CALLBACK_DATA_BYTES:
        raise Problem(400, f"A button's data has 1 to {_MAX_CALLBACK_DATA_BYTES} bytes.")
    query_id = new_callback_query(world, person.id)
    query: JsonObject = {
        "id": query_id,
        "from": person_user(world, person.id),
        "message": _inaccessible(world, message)
        if inaccessible
        else message_for_bot(world, message),
        "chat_instance": str(-(abs(chat_id) ** 3)),
        "data": data,
    }
    update_id = world.updates.enqueue(
        "callback_query", f"user:{person.id}", query, what=f"callback: {data}", person_id=person.id
    )
    return {"callback_query_id": query_id, "update_id": update_id}


def _inaccessible(world: World, message: Message) -> JsonObject:
    chat = chat_of(world, message.chat_id)
    return {"message_id": message.message_id, "chat": chat, "date": 0}


def set_blocked(world: World, person: Person, *, blocked: bool) -> None:
    """Notify the bot by `my_chat_member`, as Telegram does, when this changes something."""
    if person.bot_blocked == blocked:
        return
    person.bot_blocked = blocked
    show_person(world, person)
    update: JsonObject = {
        "chat": private_chat(world, person.id),
        "from": person_user(world, person.id),
        "date": world.clock.timestamp(),
        "old_chat_member": _membership(world, blocked=not blocked),
        "new_chat_member": _membership(world, blocked=blocked),
    }
    what = f"my_chat_member: {'blocked' if blocked else 'unblocked'}"
    world.updates.enqueue(
        "my_chat_member", f"chat:{person.id}", update, what=what, person_id=person.id
    )


def show_person(world: World, person: Person) -> None:
    world.hub.publish("person", person=person.model_dump())


def _membership(world: World, *, blocked: bool) -> JsonObject:
    if blocked:
        return {"user": bot_user(world), "status": "kicked", "until_date": 0}
    return {"user": bot_user(world), "status": "member"}
