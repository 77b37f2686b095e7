"""Channels that the bot may look into: who is a member, and who comes and goes."""

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.person import Person
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.chats import require_bot_inside
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.group_views import get_group, get_group_member, list_administrators
from sandbox.world.telegram.models import Channel, Group, Membership
from sandbox.world.telegram.views import bot_user, channel_chat, person_user, private_chat
from sandbox.world.world import World

_RIGHTS = (
    "can_manage_chat",
    "can_change_info",
    "can_post_messages",
    "can_edit_messages",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_manage_direct_messages",
    "can_send_welcome_messages",
)


def find_channel(world: World, name: str) -> Channel | None:
    """By its number, or by its username with or without the @."""
    wanted = name.strip().removeprefix("@").lower()
    for channel in world.state.channels.values():
        if wanted in (channel.username.lower(), str(channel.id)):
            return channel
    return None


def add_channel(world: World, username: str, title: str) -> Channel:
    channel = Channel(id=min(world.state.channels) - 1, username=username, title=title)
    world.state.channels[channel.id] = channel
    show_channel(world, channel)
    return channel


def set_membership(world: World, channel: Channel, person: Person, status: Membership) -> None:
    channel.members[person.id] = status
    show_channel(world, channel)


def show_channel(world: World, channel: Channel) -> None:
    world.hub.publish("channel", channel=channel.model_dump(mode="json"))


def get_chat(world: World, params: Params) -> JsonValue:
    common: JsonObject = {
        "accent_color_id": 4,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": True,
            "limited_gifts": True,
            "unique_gifts": True,
            "premium_subscription": False,
            "gifts_from_channels": True,
        },
    }
    known = _require_chat(world, params)
    if isinstance(known, Group):
        return get_group(known) | common
    if isinstance(known, Channel):
        return channel_chat(known) | common
    return private_chat(world, known.id) | common


def get_chat_member(world: World, params: Params) -> JsonValue:
    known = _require_chat(world, params)
    user_id = params.integer("user_id")
    if user_id is None or user_id <= 0:
        raise bad_request("invalid user_id specified")
    if isinstance(known, Group):
        return get_group_member(world, known, user_id)
    if not isinstance(known, Channel):
        return _private_member(world, known, user_id)
    is_admin = world.state.knobs.channels == "ok"
    if user_id == world.state.bot.id:
        return _bot_member(world, is_admin=is_admin)
    if not is_admin:
        raise bad_request("member list is inaccessible")
    if user_id not in world.state.people:
        raise bad_request("PARTICIPANT_ID_INVALID")
    status = known.members.get(user_id, "left")
    member: JsonObject = {"user": person_user(world, user_id), "status": status}
    return member | ({"until_date": 0} if status == "kicked" else {})


def get_chat_administrators(world: World, params: Params) -> JsonValue:
    known = _require_chat(world, params)
    if isinstance(known, Group):
        return list_administrators(world, known)
    if not isinstance(known, Channel):
        raise bad_request("there are no administrators in the private chat")
    if world.state.knobs.channels != "ok":
        raise bad_request("member list is inaccessible")
    return [_bot_member(world, is_admin=True)]


def get_chat_member_count(world: World, params: Params) -> JsonValue:
    """With the bot, and of a private chat both."""
    known = _require_chat(world, params)
    if isinstance(known, Group):
        require_bot_inside(known)
        return len(known.members) + 1
    if isinstance(known, Channel):
        return 1 + list(known.members.values()).count("member")
    return 2


def _private_member(world: World, person: Person, user_id: int) -> JsonObject:
    if user_id == world.state.bot.id:
        return {"user": bot_user(world), "status": "member"}
    if user_id != person.id:
        raise bad_request("user not found")
    return {"user": person_user(world, user_id), "status": "member"}


def _bot_member(world: World, *, is_admin: bool) -> JsonObject:
    if not is_admin:
        return {"user": bot_user(world), "status": "left"}
    rights: JsonObject = dict.fromkeys(_RIGHTS, True)
    place: JsonObject = {"status": "administrator", "can_be_edited": False, "is_anonymous": False}
    return {"user": bot_user(world)} | place | rights


def _require_chat(world: World, params: Params) -> Channel | Group | Person:
    name = params.text("chat_id")
    if not name:
        raise bad_request("chat_id is empty")
    channel = find_channel(world, name) if name.startswith(("@", "-")) else None
    number = params.integer("chat_id") or 0
    known = channel or world.state.groups.get(number) or world.state.people.get(number)
    if known is None:
        raise bad_request("chat not found")
    return known
