"""The accounts of the xray_api panel: created, updated, removed."""

from datetime import UTC

from sandbox.world.panel.models import AddUser, PanelUser
from sandbox.world.panel.usage import show_account
from sandbox.world.world import World


def get_user(world: World, uuid: str) -> PanelUser | None:
    user = world.state.panel_users.get(uuid.lower())
    return None if user is None or user.removed else user


def add_or_update(world: World, order: AddUser) -> PanelUser:
    uuid = str(order.uuid)
    wanted = order.model_dump(exclude={"uuid"})
    wanted["expires_at"] = order.expires_at.astimezone(UTC)
    user = world.state.panel_users.get(uuid)
    if user is None:
        link = f"{world.config.public_url}/panel/sub/{uuid}"
        user = PanelUser(uuid=uuid, subscription_url=link, **wanted)
        world.state.panel_users[uuid] = user
        world.state.counters.panel_accounts_created += 1
    else:
        _change(world, user, wanted)
    show_account(world, user)
    return user


def remove(world: World, uuid: str) -> bool:
    user = get_user(world, uuid)
    if user is None:
        return False
    user.removed = True
    world.hub.publish("panel_user", removed=user.uuid)
    return True


def _change(world: World, user: PanelUser, wanted: dict[str, object]) -> None:
    if user.removed:
        user.removed, user.used_bytes, user.online_at = False, 0, None
        user.created_calls += 1
        world.state.counters.panel_accounts_created += 1
    else:
        user.updates += 1
    for name, value in wanted.items():
        setattr(user, name, value)
