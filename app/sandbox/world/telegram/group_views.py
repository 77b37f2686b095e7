"""What the Bot API says of a group and of its members."""

from typing import TYPE_CHECKING

from pydantic import JsonValue

from app.sandbox.world.telegram.chats import require_bot_inside
from app.sandbox.world.telegram.errors import bad_request
from app.sandbox.world.telegram.models import Group
from app.sandbox.world.telegram.views import bot_user, group_chat, person_user

if TYPE_CHECKING:
    from app.sandbox.world.world import World

JsonObject = dict[str, JsonValue]


def get_group(group: Group) -> JsonObject:
    require_bot_inside(group)
    return group_chat(group) | {"permissions": {"can_send_messages": True}}


def get_group_member(world: "World", group: Group, user_id: int) -> JsonObject:
    require_bot_inside(group)
    if user_id == world.state.bot.id:
        return {"user": bot_user(world), "status": "member"}
    if user_id not in world.state.people:
        raise bad_request("PARTICIPANT_ID_INVALID")
    user: JsonObject = {"user": person_user(world, user_id)}
    if user_id not in group.members:
        return user | {"status": "left"}
    if user_id == group.members[0]:
        return user | {"status": "creator", "is_anonymous": False}
    return user | {"status": "member"}
