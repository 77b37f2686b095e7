"""What Remnawave's own services do with a user, read from users.service.ts of 3.3.2 and 2.8.1."""

import secrets
from uuid import uuid4

from sandbox.world.panel.remnawave.models import (
    CreateUser,
    Remnawave,
    RemnawaveUser,
    Revoke,
    Status,
    UpdateUser,
)
from sandbox.world.panel.remnawave.webhooks import announce
from sandbox.world.panel.usage import show_account
from sandbox.world.world import World


class RemnawaveError(Exception):
    """One of the panel's own: its status and its code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def find_user(panel: Remnawave, **wanted: object) -> RemnawaveUser:
    for user in panel.users.values():
        if all(getattr(user, name) == value for name, value in wanted.items()):
            return user
    raise RemnawaveError(404, "A063", "User with specified params not found")


def create_user(world: World, order: CreateUser) -> RemnawaveUser:
    panel, now = world.state.remnawave, world.clock.now()
    short_uuid = order.short_uuid or secrets.token_urlsafe(12)
    for user in panel.users.values():
        if user.username == order.username:
            raise RemnawaveError(400, "A019", "User username already exists")
        if user.short_uuid == short_uuid:
            raise RemnawaveError(400, "A020", "User short UUID already exists")
    squads = [str(uuid) for uuid in order.active_internal_squads or ()]
    if not panel.squads.keys() >= set(squads):
        raise RemnawaveError(500, "A018", "Failed to create user")
    panel.last_id += 1
    user = RemnawaveUser(
        id=panel.last_id,
        uuid=str(uuid4()),
        short_uuid=short_uuid,
        username=order.username,
        status=order.status,
        traffic_limit_bytes=order.traffic_limit_bytes or 0,
        traffic_limit_strategy=order.traffic_limit_strategy or "NO_RESET",
        expire_at=order.expire_at,
        telegram_id=order.telegram_id,
        email=order.email,
        description=order.description,
        tag=order.tag,
        hwid_device_limit=order.hwid_device_limit,
        external_squad_uuid=str(order.external_squad_uuid) if order.external_squad_uuid else None,
        squads=squads,
        trojan_password=order.trojan_password or _make_password(),
        vless_uuid=str(order.vless_uuid or uuid4()),
        ss_password=order.ss_password or _make_password(),
        created_at=order.created_at or now,
        updated_at=now,
        subscription_url=_build_link(world, short_uuid),
    )
    panel.users[user.id] = user
    world.state.counters.panel_accounts_created += 1
    show_account(world, user)
    return user


def update_user(world: World, order: UpdateUser) -> RemnawaveUser:
    panel, now = world.state.remnawave, world.clock.now()
    try:
        user = _find_ordered(panel, order)
    except RemnawaveError:
        raise RemnawaveError(404, "A025", "User not found") from None
    sent = order.model_fields_set - {"username", "id", "uuid", "status"}
    status = _choose_status(user, order)
    if order.traffic_limit_bytes is not None:
        user.last_triggered_threshold = 0
    squads = [str(uuid) for uuid in order.active_internal_squads or ()]
    if not panel.squads.keys() >= set(squads):
        raise RemnawaveError(500, "A039", "Update user error")
    for name in sent - {"active_internal_squads", "external_squad_uuid"}:
        setattr(user, name, getattr(order, name))
    if order.active_internal_squads is not None:
        user.squads = squads
    user.status, user.updated_at = status, now
    user.updates += 1
    show_account(world, user)
    return user


def _find_ordered(panel: Remnawave, order: UpdateUser) -> RemnawaveUser:
    if panel.is_second and order.uuid is not None:
        return find_user(panel, uuid=str(order.uuid))
    if not panel.is_second and order.id is not None:
        return find_user(panel, id=order.id)
    return find_user(panel, username=order.username)


def _choose_status(user: RemnawaveUser, order: UpdateUser) -> Status:
    limit, end = order.traffic_limit_bytes, order.expire_at
    if user.status == "ACTIVE":
        return order.status or "ACTIVE"
    grows = limit is not None and (limit > user.traffic_limit_bytes or limit == 0)
    # A past end was refused before.
    is_later = end is not None and end != user.expire_at and order.status is None
    revives = {"LIMITED": grows, "EXPIRED": is_later}.get(user.status, False)
    return "ACTIVE" if order.status == "ACTIVE" or revives else user.status


def enable(world: World, user: RemnawaveUser) -> None:
    if user.status == "ACTIVE":
        raise RemnawaveError(400, "A030", "User already enabled")
    user.status = "ACTIVE"
    show_account(world, user)


def disable(world: World, user: RemnawaveUser) -> None:
    if user.status == "DISABLED":
        raise RemnawaveError(400, "A029", "User already disabled")
    user.status = "DISABLED"
    show_account(world, user)


def reset_traffic(world: World, user: RemnawaveUser) -> None:
    if user.status == "LIMITED":
        user.status = "ACTIVE"
    user.lifetime_before += user.used_bytes
    user.used_bytes = 0
    user.last_triggered_threshold = 0
    user.last_traffic_reset_at = world.clock.now()
    show_account(world, user)


def revoke(world: World, user: RemnawaveUser, order: Revoke) -> None:
    """Every call makes another link, and other secrets of the protocols."""
    if not order.revoke_only_passwords:
        user.short_uuid = order.short_uuid or secrets.token_urlsafe(12)
        user.subscription_url = _build_link(world, user.short_uuid)
    user.trojan_password, user.ss_password = _make_password(), _make_password()
    user.vless_uuid = str(uuid4())
    user.sub_revoked_at = user.updated_at = world.clock.now()
    show_account(world, user)


def delete_user(world: World, user: RemnawaveUser) -> None:
    del world.state.remnawave.users[user.id]
    world.hub.publish("panel_user", removed=user.uuid)


def run_jobs(world: World) -> None:
    """As the panel's, which look every 30 and 45 seconds for who is over the end or the limit."""
    now = world.clock.now()
    for user in world.state.remnawave.users.values():
        is_alive = user.status in {"ACTIVE", "LIMITED"}
        if is_alive and user.expire_at <= now:
            user.status = "EXPIRED"
            announce(world, user, "user.expired")
        elif user.status == "ACTIVE" and 0 < user.traffic_limit_bytes <= user.used_bytes:
            user.status = "LIMITED"
            announce(world, user, "user.limited")


def _build_link(world: World, short_uuid: str) -> str:
    return f"{world.config.public_url}/remnawave/sub/{short_uuid}"


def _make_password() -> str:
    return secrets.token_urlsafe(24)
