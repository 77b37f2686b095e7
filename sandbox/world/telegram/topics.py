"""Forums: groups with topics, which users and an administrating bot make, close and delete."""

from pydantic import JsonValue

from sandbox.world.problems import Problem
from sandbox.world.telegram import chats
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.groups import announce, show_group
from sandbox.world.telegram.models import Group, Topic
from sandbox.world.world import World

GENERAL = 1
_COLOUR = 7322096
_MAX_NAME_LENGTH = 128


def add_topic(world: World, group: Group, name: str, actor_id: int) -> int:
    """The topic's id; the first one makes the group a forum."""
    if group.kind == "group":
        raise Problem(409, "Only a supergroup can have topics.")
    group.is_forum = True
    if not world.state.chats[group.id]:
        chats.next_message_id(world, group.id)  # a supergroup's first message is that it was made
    special: dict[str, JsonValue] = {"forum_topic_created": {"name": name, "icon_color": _COLOUR}}
    thread_id = announce(world, group, actor_id, special).message_id
    group.topics[thread_id] = Topic(name=name)
    show_group(world, group)
    return thread_id


def set_closed(world: World, group: Group, thread_id: int, *, closed: bool) -> None:
    if thread_id == GENERAL and group.is_forum:
        group.general_closed = closed
    else:
        _require_topic(group, thread_id).closed = closed
    show_group(world, group)


def delete_topic(world: World, group: Group, thread_id: int) -> None:
    """With all its messages, of which no bot is notified."""
    _require_topic(group, thread_id)
    del group.topics[thread_id]
    kept = world.state.chats[group.id]
    for message in [one for one in kept.values() if one.thread_id == thread_id]:
        del kept[message.message_id]
        world.hub.publish("delete", chat_id=group.id, message_id=message.message_id)
    show_group(world, group)


def create_forum_topic(world: World, params: Params) -> JsonValue:
    group = _require_managed(world, params, "create a topic")
    name = params.text("name").strip()[:_MAX_NAME_LENGTH]
    if not name:
        raise bad_request("topic name can't be empty")
    thread_id = add_topic(world, group, name, world.state.bot.id)
    return {"message_thread_id": thread_id, "name": name, "icon_color": _COLOUR}


def edit_forum_topic(world: World, params: Params) -> JsonValue:
    """Its name alone: the world has no icons."""
    group = _require_managed(world, params, "edit the topic")
    topic = group.topics[_read_topic(group, params)]
    name = params.text("name").strip()[:_MAX_NAME_LENGTH]
    if name in {"", topic.name}:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    show_group(world, group)
    return True


def close_general_forum_topic(world: World, params: Params) -> JsonValue:
    return _set_general_closed(world, params, closed=True)


def reopen_general_forum_topic(world: World, params: Params) -> JsonValue:
    return _set_general_closed(world, params, closed=False)


def _set_general_closed(world: World, params: Params, *, closed: bool) -> JsonValue:
    group = _require_managed(world, params, "close or open the topic")
    if group.general_closed is closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    set_closed(world, group, GENERAL, closed=closed)
    return True


def close_forum_topic(world: World, params: Params) -> JsonValue:
    group = _require_managed(world, params, "close or open the topic")
    set_closed(world, group, _read_topic(group, params), closed=True)
    return True


def reopen_forum_topic(world: World, params: Params) -> JsonValue:
    group = _require_managed(world, params, "close or open the topic")
    set_closed(world, group, _read_topic(group, params), closed=False)
    return True


def delete_forum_topic(world: World, params: Params) -> JsonValue:
    group = _require_managed(world, params, "delete the topic")
    delete_topic(world, group, _read_topic(group, params))
    return True


def _require_managed(world: World, params: Params, what: str) -> Group:
    group = world.state.groups.get(chats.require_known_chat(world, params))
    if group is None or not group.is_forum:
        raise bad_request("the chat is not a forum")
    chats.require_living(group)
    chats.require_bot_inside(group)
    if group.bot != "administrator":
        raise bad_request(f"not enough rights to {what}")
    return group


def _read_topic(group: Group, params: Params) -> int:
    thread_id = params.integer("message_thread_id") or 0
    if thread_id not in group.topics:
        raise bad_request("TOPIC_ID_INVALID")
    return thread_id


def _require_topic(group: Group, thread_id: int) -> Topic:
    topic = group.topics.get(thread_id)
    if topic is None:
        raise Problem(404, f"There is no such topic in {group.title}.")
    return topic
