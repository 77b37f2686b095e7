"""Groups: what their members write and tap, which updates the bot gets, and who comes and goes."""

from typing import Literal

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.person import Person
from sandbox.world.problems import Problem
from sandbox.world.telegram import chats, people
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.group_views import bot_member
from sandbox.world.telegram.models import Group, Message, Text
from sandbox.world.telegram.privacy import is_heard
from sandbox.world.telegram.typed import read_typed
from sandbox.world.telegram.views import bot_user, group_chat, person_user
from sandbox.world.world import World

Place = Literal["member", "left"]
BotPlace = Literal["administrator", "member", "restricted", "kicked"]


def require_group(world: World, group_id: int) -> Group:
    group = world.state.groups.get(group_id)
    if group is None:
        raise Problem(404, "There is no such group.")
    return group


def require_membership(world: World, person: Person, group_id: int) -> Group:
    group = require_group(world, group_id)
    if group.migrated_to is not None or group.deleted:
        raise Problem(409, f"Nobody can write in {group.title} any more.")
    if person.id not in group.members:
        raise Problem(409, f"{person.first_name} is not in {group.title}.")
    return group


def send_text(
    world: World,
    person: Person,
    group_id: int,
    text: str,
    reply_to: int | None = None,
    thread_id: int | None = None,
) -> JsonObject:
    """The ids of the message and of its update, which is null where the bot does not get it."""
    group = require_membership(world, person, group_id)
    replied = world.state.chats[group.id].get(reply_to or 0)
    if thread_id is not None and thread_id not in group.topics:
        raise Problem(404, f"There is no such topic in {group.title}.")
    message = Message(
        message_id=0,
        chat_id=group.id,
        from_bot=False,
        sender_id=person.id,
        date=world.clock.timestamp(),
        body=read_typed(text),
        reply_to_message_id=replied.message_id if replied else thread_id,
        thread_id=thread_id or (replied.thread_id if replied else None),
    )
    message.unheard = not is_heard(world, group, message)
    message.message_id = chats.next_message_id(world, group.id)
    view = chats.add_message(world, message)
    update_id = None if message.unheard else people.tell(world, person, message, view)
    return {"message_id": message.message_id, "update_id": update_id}


def add_group(
    world: World, title: str, members: list[int], kind: Literal["group", "supergroup"]
) -> Group:
    """The first member makes it, with the bot in it from the start."""
    group = Group(id=next_group_id(world, kind), title=title, kind=kind, bot="left")
    group.members = list(dict.fromkeys(members))
    world.state.groups[group.id] = group
    world.state.chats[group.id] = {}
    set_bot(world, group, "member")
    return group


def next_group_id(world: World, kind: Literal["group", "supergroup"]) -> int:
    first = -4_000_000_000 if kind == "group" else -1_002_200_000_000
    known = (one.id for one in world.state.groups.values() if one.kind == kind)
    return min(known, default=first) - 1


def set_member(world: World, group: Group, person: Person, place: Place) -> None:
    if (person.id in group.members) == (place == "member"):
        return
    user = person_user(world, person.id)
    if place == "member":
        group.members.append(person.id)
    else:
        group.members.remove(person.id)
    announce(world, group, person.id, _coming(user, place))
    show_group(world, group)


def set_bot(world: World, group: Group, place: BotPlace) -> None:
    """Notify the bot by `my_chat_member`, and the group when it comes or goes."""
    if group.bot == place:
        return
    actor_id = group.members[0] if group.members else min(world.state.people)
    was_inside = group.has_bot
    update: JsonObject = {
        "chat": group_chat(group),
        "from": person_user(world, actor_id),
        "date": world.clock.timestamp(),
        "old_chat_member": bot_member(world, group.bot),
        "new_chat_member": bot_member(world, place),
    }
    group.bot = place
    what = f"my_chat_member: {place} in {group.title}"
    queue = f"chat:{group.id}"
    world.updates.enqueue("my_chat_member", queue, update, what=what, person_id=actor_id)
    if was_inside != group.has_bot:
        gone: Place = "left" if was_inside else "member"
        announce(world, group, actor_id, _coming(bot_user(world), gone))
    show_group(world, group)


def leave_chat(world: World, params: Params) -> JsonValue:
    group = world.state.groups.get(params.integer("chat_id") or 0)
    if group is None:
        raise bad_request("chat not found")
    chats.require_bot_inside(group)
    group.bot = "left"
    announce(world, group, world.state.bot.id, _coming(bot_user(world), "left"))
    show_group(world, group)
    return True


def show_group(world: World, group: Group) -> None:
    world.hub.publish("group", group=group.model_dump())


def _coming(user: JsonValue, place: Place) -> JsonObject:
    if place == "left":
        return {"left_chat_member": user}
    return {"new_chat_members": [user], "new_chat_member": user}


def announce(world: World, group: Group, actor_id: int, special: JsonObject) -> Message:
    """Service messages reach a bot in any mode, as long as it is inside."""
    from_bot = actor_id == world.state.bot.id
    message = Message(
        message_id=chats.next_message_id(world, group.id),
        chat_id=group.id,
        from_bot=from_bot,
        sender_id=None if from_bot else actor_id,
        date=world.clock.timestamp(),
        body=Text(text=""),
        special=special,
        unheard=not group.has_bot,
    )
    if "forum_topic_created" in special:
        message.thread_id = message.message_id
    view = chats.add_message(world, message)
    if not message.unheard and not from_bot:
        what = next(iter(special))
        queue = f"chat:{group.id}"
        world.updates.enqueue("message", queue, view, what=what, person_id=actor_id)
    return message
