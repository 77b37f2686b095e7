"""What the Bot API says of a group and of its members."""

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.telegram.chats import require_bot_inside
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.models import Group
from sandbox.world.telegram.views import bot_user, group_chat, person_user
from sandbox.world.world import World

_MAY_NOT = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
_MAY = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
)


def bot_member(world: World, place: str) -> JsonObject:
    """Restricted it may do nothing that can be restricted."""
    member: JsonObject = {"user": bot_user(world), "status": place}
    if place == "administrator":
        member |= {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys(_MAY, True)
    if place == "restricted":
        member |= {"is_member": True, "until_date": 0} | dict.fromkeys(_MAY_NOT, False)
    if place == "kicked":
        member["until_date"] = 0
    return member


def list_administrators(world: World, group: Group) -> list[JsonValue]:
    require_bot_inside(group)
    founder: list[JsonValue] = [
        {"user": person_user(world, id_), "status": "creator", "is_anonymous": False}
        for id_ in group.members[:1]
    ]
    return [*founder, bot_member(world, group.bot)] if group.bot == "administrator" else founder


def get_group(group: Group) -> JsonObject:
    require_bot_inside(group)
    return group_chat(group) | {"permissions": {"can_send_messages": True}}


def get_group_member(world: World, group: Group, user_id: int) -> JsonObject:
    require_bot_inside(group)
    if user_id == world.state.bot.id:
        return bot_member(world, group.bot)
    if user_id not in world.state.people:
        raise bad_request("PARTICIPANT_ID_INVALID")
    user: JsonObject = {"user": person_user(world, user_id)}
    if user_id not in group.members:
        return user | {"status": "left"}
    if user_id == group.members[0]:
        return user | {"status": "creator", "is_anonymous": False}
    return user | {"status": "member"}
