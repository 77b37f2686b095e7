"""The panel's accounts: created, updated, removed, and used by somebody who opened the link."""

from datetime import UTC, timedelta

from sandbox.world.panel.models import AddUser, PanelUser
from sandbox.world.world import World

_SESSION = timedelta(minutes=2)
_FIRST_BYTES = 3 * 1024 * 1024
_BYTES_A_TICK = 640 * 1024


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
    _show(world, user)
    return user


def remove(world: World, uuid: str) -> bool:
    user = get_user(world, uuid)
    if user is None:
        return False
    user.removed = True
    world.hub.publish("panel_user", removed=user.uuid)
    return True


def connect(world: World, user: PanelUser) -> None:
    """Somebody's client read the link: traffic flows for a while."""
    now = world.clock.now()
    if user.expires_at <= now:
        return
    user.connected_until = now + _SESSION
    _use(world, user, _FIRST_BYTES)


def grow_usage(world: World) -> None:
    """Called every few seconds."""
    now = world.clock.now()
    for user in world.state.panel_users.values():
        until = user.connected_until
        if until is not None and not user.removed and now < min(until, user.expires_at):
            _use(world, user, _BYTES_A_TICK)


def _change(world: World, user: PanelUser, wanted: dict[str, object]) -> None:
    if user.removed:
        user.removed, user.used_bytes, user.online_at = False, 0, None
        user.created_calls += 1
        world.state.counters.panel_accounts_created += 1
    else:
        user.updates += 1
    for name, value in wanted.items():
        setattr(user, name, value)


def _use(world: World, user: PanelUser, used_bytes: int) -> None:
    user.used_bytes += used_bytes
    user.online_at = world.clock.now()
    _show(world, user)


def _show(world: World, user: PanelUser) -> None:
    if world.hub.listeners:
        world.hub.publish("panel_user", panel_user=user.for_page())
