"""What the two do with a user: crud.py of Marzban 0.8.4, crud/user.py of PasarGuard 5.2.1."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sandbox.world.panel.marzban.models import Marzban, MarzbanUser, NewUser, UserOrder
from sandbox.world.panel.usage import show_account
from sandbox.world.world import World

_SORTED_BY: Final[dict[str, Callable[[MarzbanUser], Any]]] = {
    "username": lambda user: user.username,
    "used_traffic": lambda user: user.used_bytes,
    "data_limit": lambda user: user.data_limit or 0,
    "expire": lambda user: user.expire or 0,
    "created_at": lambda user: user.created_at,
}


class MarzbanError(Exception):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def find_user(panel: Marzban, name: str) -> MarzbanUser:
    """Marzban's names have no case."""
    user = panel.users.get(_to_key(panel, name))
    if user is None:
        raise MarzbanError(404, "User not found")
    return user


def sort_users(panel: Marzban, sort: str | None) -> list[MarzbanUser]:
    """By several fields, each the other way round with a minus before it."""
    listed = [*panel.users.values()]
    for option in reversed(sort.strip(",").split(",") if sort else []):
        name = option.removeprefix("-")
        if name not in _SORTED_BY:
            raise MarzbanError(400, f'"{option}" is not a valid sort option')
        listed.sort(key=_SORTED_BY[name], reverse=option.startswith("-"))
    return listed


def create_user(world: World, panel: Marzban, order: NewUser) -> MarzbanUser:
    key = _to_key(panel, order.username)
    _check(panel, order, is_new=True)
    if key in panel.users:
        raise MarzbanError(409, "User already exists")
    panel.last_id += 1
    user = MarzbanUser(
        kind=panel.kind,
        id=panel.last_id,
        username=order.username,
        status=order.status or "active",
        expire=order.expire or None,
        data_limit=order.data_limit or None,
        data_limit_reset_strategy=order.data_limit_reset_strategy or "no_reset",
        note=order.note,
        on_hold_expire_duration=order.on_hold_expire_duration,
        next_plan=order.next_plan,
        protocols={one: str(uuid4()) for one in order.proxies or {"vless": {}}},
        inbounds={one: order.inbounds.get(one) or panel.inbounds[one] for one in order.proxies},
        group_ids=order.group_ids or [],
        hwid_limit=order.hwid_limit,
        created_at=world.clock.now(),
        links_from=panel.last_link + 1,
        link="",
    )
    panel.users[key] = user
    world.state.counters.panel_accounts_created += 1
    show_account(world, user)
    return user


def update_user(world: World, panel: Marzban, user: MarzbanUser, order: UserOrder) -> None:
    now = world.clock.now()
    _check(panel, order, is_new=False)
    if order.proxies:  # protocols that are left out go, and without settings a new key is made
        kept = {one: str(uuid4()) for one in order.proxies}
        user.protocols = kept
    if order.group_ids is not None:
        user.group_ids = order.group_ids
    if order.status is not None:
        resolves = panel.kind == "pasarguard" and user.status == "disabled"
        user.status = order.status
        if resolves and order.status == "active":
            _resolve(user, now)
    steps = [_set_limit, _set_end] if panel.kind == "marzban" else [_set_end, _set_limit]
    for step in steps:
        step(user, order, now)
    for name in ("note", "data_limit_reset_strategy", "on_hold_expire_duration", "hwid_limit"):
        value = getattr(order, name)
        if value is not None:
            setattr(user, name, value)
    user.next_plan = order.next_plan  # left out, it is gone
    user.updates += 1
    show_account(world, user)


def _set_limit(user: MarzbanUser, order: UserOrder, _now: datetime) -> None:
    if order.data_limit is None:
        return
    user.data_limit = order.data_limit or None
    if user.status in {"expired", "disabled"}:
        return
    if user.data_limit and user.used_bytes >= user.data_limit:
        user.status = "limited"
    elif user.status != "on_hold":
        user.status = "active"


def _set_end(user: MarzbanUser, order: UserOrder, now: datetime) -> None:
    if order.expire is None:
        return
    user.expire = order.expire or None
    if user.status in {"active", "expired"}:
        is_over = user.expire is not None and user.expire <= now.timestamp()
        user.status = "expired" if is_over else "active"


def _resolve(user: MarzbanUser, now: datetime) -> None:
    user.status = "active"
    review_user(user, now)


def reset_usage(world: World, panel: Marzban, user: MarzbanUser) -> None:
    """Marzban means to leave disabled ones alone, but `expired or disabled` is `expired`."""
    user.lifetime_before += user.used_bytes
    user.used_bytes = 0
    user.next_plan = None
    revives = {"limited"} if panel.kind == "pasarguard" else {"limited", "disabled", "on_hold"}
    if user.status in revives:
        user.status = "active"
    show_account(world, user)


def revoke(world: World, panel: Marzban, user: MarzbanUser) -> None:
    user.links_from = panel.last_link + 1
    user.protocols = {one: str(uuid4()) for one in user.protocols}
    show_account(world, user)


def delete_user(world: World, panel: Marzban, user: MarzbanUser) -> None:
    del panel.users[_to_key(panel, user.username)]
    world.hub.publish("panel_user", removed=f"{user.kind}:{user.id}")


def make_token(panel: Marzban, user: MarzbanUser) -> str:
    """Another one for each answer; all of them work until the user's links are revoked."""
    panel.last_link += 1
    return _sign(panel, f"{user.username}.{panel.last_link}")


def find_by_token(panel: Marzban, token: str) -> MarzbanUser | None:
    name, _, rest = token.partition(".")
    serial = rest.partition(".")[0]
    user = panel.users.get(_to_key(panel, name))
    is_good = serial.isdigit() and _sign(panel, f"{name}.{serial}") == token
    return user if user and is_good and int(serial) >= user.links_from else None


def review_users(world: World) -> None:
    """The panel's job, every ten seconds or so."""
    for panel in (world.state.marzban, world.state.pasarguard):
        for user in panel.users.values():
            review_user(user, world.clock.now())


def review_user(user: MarzbanUser, now: datetime) -> None:
    if user.status != "active":
        return
    if user.data_limit and user.used_bytes >= user.data_limit:
        user.status = "limited"
    elif user.expire and user.expire <= now.timestamp():
        user.status = "expired"


def _check(panel: Marzban, order: UserOrder, *, is_new: bool) -> None:
    if panel.kind == "pasarguard":
        if (is_new and not order.group_ids) or order.group_ids == []:
            raise MarzbanError(422, "you must select at least one group")
        if any(id_ not in panel.groups for id_ in order.group_ids or ()):
            raise MarzbanError(404, "Group not found")
        return
    if is_new and not order.proxies:
        raise MarzbanError(422, "Each user needs at least one proxy")
    for protocol in order.proxies:
        if protocol not in panel.inbounds:
            raise MarzbanError(400, f"Protocol {protocol} is disabled on your server")
    known = {tag for tags in panel.inbounds.values() for tag in tags}
    for tag in (tag for tags in order.inbounds.values() for tag in tags):
        if tag not in known:
            raise MarzbanError(422, f"Inbound {tag} doesn't exist")


def _to_key(panel: Marzban, name: str) -> str:
    return name.lower() if panel.kind == "marzban" else name


def _sign(panel: Marzban, text: str) -> str:
    return f"{text}.{hashlib.sha256(f'{panel.kind}{text}'.encode()).hexdigest()[:20]}"
