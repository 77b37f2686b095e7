"""What becomes of a group: it is upgraded to a supergroup under another id, or deleted."""

from sandbox.world.problems import Problem
from sandbox.world.telegram.groups import announce, next_group_id, show_group
from sandbox.world.telegram.models import Group
from sandbox.world.world import World


def migrate(world: World, group: Group, *, told: bool) -> Group:
    """The supergroup that it is from now on. Both chats say so, unless those updates are lost."""
    if group.kind != "group" or group.migrated_to is not None or group.deleted:
        raise Problem(409, f"{group.title} cannot be upgraded.")
    new = group.model_copy(
        update={"id": next_group_id(world, "supergroup"), "kind": "supergroup"}, deep=True
    )
    world.state.groups[new.id] = new
    world.state.chats[new.id] = {}
    if told:
        actor_id = group.members[0] if group.members else min(world.state.people)
        announce(world, group, actor_id, {"migrate_to_chat_id": new.id})
        announce(world, new, actor_id, {"migrate_from_chat_id": group.id})
    group.migrated_to = new.id
    show_group(world, group)
    show_group(world, new)
    return new


def delete(world: World, group: Group) -> None:
    group.deleted = True
    show_group(world, group)
