"""The world's panels as the contract sees them: one adapter each, and a look behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from app.clients.panels import PanelClient
from app.clients.panels.marzban import create_marzban
from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.pasarguard import PasarGuardPanel
from app.clients.panels.remnawave import RemnawavePanel
from app.clients.panels.three_x_ui import ThreeXUiPanel
from app.clients.panels.xray_api import XrayPanel
from sandbox.world import WorldServer
from sandbox.world.panel.accounts import add_or_update, remove
from sandbox.world.panel.marzban.devices import note_hwid
from sandbox.world.panel.marzban.models import Kind, Marzban, MarzbanUser, NewUser
from sandbox.world.panel.marzban.users import create_user as create_marzban_user
from sandbox.world.panel.marzban.users import review_users
from sandbox.world.panel.models import AddUser, PanelUser
from sandbox.world.panel.remnawave.models import CreateUser, HwidDevice, Remnawave, RemnawaveUser
from sandbox.world.panel.remnawave.users import create_user as create_remnawave_user
from sandbox.world.panel.remnawave.users import run_jobs
from sandbox.world.panel.three_x_ui.clients import add_client, disable_depleted
from sandbox.world.panel.three_x_ui.models import AddOrder, ClientOrder, ThreeXUi, XuiClient


@dataclass(frozen=True, slots=True)
class Held:
    """What the panel holds of one account; `devices` None where the panel knows none."""

    expires_at: datetime
    traffic_limit_bytes: int
    device_limit: int | None
    used_bytes: int
    is_on: bool
    writes: int


class PanelStage(Protocol):
    """`states` are those that an account can fall into besides working."""

    world: WorldServer
    states: frozenset[str]
    knows_telegram_ids: bool
    page_size: int  # of its list
    has_names: bool  # accounts are found by our name; else by the id of the access
    has_versions: bool
    has_relative_links: bool
    has_link_ids: bool  # of ours: what is there tells whether a new link was made
    renews_tokens: bool  # by itself, as often as they end

    def open(self, **config: object) -> PanelClient: ...

    def held(self) -> list[Held]:
        """Of all accounts that are there, one each."""
        ...

    def use(self, used_bytes: int) -> None:
        """On the only account."""
        ...

    def bring_into(self, state: str) -> None:
        """The only account."""
        ...

    def add_foreign(self, name: str, expires_at: datetime) -> None:
        """By hand, for the Telegram id 5005 where the panel has such a field."""
        ...

    def remove_first(self) -> None:
        """The first of its list."""
        ...

    def add_device(self, hwid: str) -> None: ...

    def list_devices(self) -> list[str] | None:
        """None where the panel knows none."""
        ...

    def count_logins(self) -> int:
        """By password, of all adapters."""
        ...


class XrayStage:
    states: frozenset[str] = frozenset()
    has_names = has_versions = has_relative_links = has_link_ids = renews_tokens = False
    knows_telegram_ids = False
    page_size = 500

    def __init__(self, world: WorldServer) -> None:
        self.world = world

    def open(self, **config: object) -> PanelClient:
        return _open(XrayPanel, f"{self.world.url}/panel", self.world, config)

    def held(self) -> list[Held]:
        now = self.world.world.clock.now()
        return [
            Held(
                user.expires_at,
                user.traffic_limit_bytes,
                user.device_limit,
                user.used_bytes,
                user.is_on(now),
                user.updates,
            )
            for user in self._users()
        ]

    def use(self, used_bytes: int) -> None:
        (user,) = self._users()
        user.used_bytes = used_bytes

    def bring_into(self, state: str) -> None:
        raise NotImplementedError(state)

    def add_foreign(self, name: str, expires_at: datetime) -> None:
        order = AddUser(uuid=uuid4(), name=name, expires_at=expires_at, traffic_limit_bytes=7)
        add_or_update(self.world.world, order)

    def remove_first(self) -> None:
        remove(self.world.world, min(user.uuid for user in self._users()))

    def add_device(self, hwid: str) -> None: ...

    def list_devices(self) -> None: ...

    def count_logins(self) -> int:
        return 0

    def _users(self) -> list[PanelUser]:
        return [user for user in self.world.world.state.panel_users.values() if not user.removed]


class RemnawaveStage:
    states = frozenset({"disabled", "limited", "expired"})
    has_names = has_versions = has_relative_links = has_link_ids = knows_telegram_ids = True
    renews_tokens = False
    page_size = 500

    def __init__(self, world: WorldServer, version: str = "3.3.2") -> None:
        self.world = world
        self.panel.version = version

    @property
    def panel(self) -> Remnawave:
        return self.world.world.state.remnawave

    def open(self, **config: object) -> PanelClient:
        return _open(RemnawavePanel, f"{self.world.url}/remnawave", self.world, config)

    def held(self) -> list[Held]:
        run_jobs(self.world.world)
        return [
            Held(
                user.expire_at,
                user.traffic_limit_bytes,
                user.hwid_device_limit,
                user.used_bytes,
                user.is_on(self.world.world.clock.now()),
                user.updates,
            )
            for user in self.panel.users.values()
        ]

    def use(self, used_bytes: int) -> None:
        self._user.used_bytes = used_bytes

    def bring_into(self, state: str) -> None:
        user, now = self._user, self.world.world.clock.now()
        if state == "limited":
            user.used_bytes = user.traffic_limit_bytes
        elif state == "expired":
            user.expire_at = now
        else:
            user.status = "DISABLED"
        run_jobs(self.world.world)
        assert user.status == state.upper()

    def add_foreign(self, name: str, expires_at: datetime) -> None:
        values = {"username": name, "expireAt": expires_at, "trafficLimitBytes": 7}
        order = CreateUser.model_validate({**values, "telegramId": 5005})
        create_remnawave_user(self.world.world, order)

    def remove_first(self) -> None:
        del self.panel.users[min(self.panel.users)]

    def add_device(self, hwid: str) -> None:
        now = self.world.world.clock.now()
        self._user.devices[hwid] = HwidDevice(hwid=hwid, created_at=now, updated_at=now)

    def list_devices(self) -> list[str] | None:
        return [*self._user.devices]

    def count_logins(self) -> int:
        return 0

    @property
    def _user(self) -> RemnawaveUser:
        (user,) = self.panel.users.values()
        return user


class ThreeXUiStage:
    states = frozenset({"disabled", "limited", "expired"})
    has_names = has_versions = has_link_ids = knows_telegram_ids = True
    has_relative_links = renews_tokens = False
    page_size = 200

    def __init__(self, world: WorldServer, version: str = "3.6.0") -> None:
        self.world = world
        self.panel.version = version

    @property
    def panel(self) -> ThreeXUi:
        return self.world.world.state.three_x_ui

    def open(self, **config: object) -> PanelClient:
        return _open(ThreeXUiPanel, f"{self.world.url}/3x-ui/secret", self.world, config)

    def held(self) -> list[Held]:
        disable_depleted(self.world.world)
        now = self.world.world.clock.now()
        return [
            Held(
                client.expires_at or now,
                client.order.totalGB,
                client.order.limitIp,
                client.used_bytes,
                client.is_on(now),
                client.updates,
            )
            for client in self.panel.clients.values()
        ]

    def use(self, used_bytes: int) -> None:
        self._client.used_bytes = used_bytes

    def bring_into(self, state: str) -> None:
        client, now = self._client, self.world.world.clock.now()
        if state == "limited":
            client.used_bytes = client.order.totalGB
        elif state == "expired":
            client.order.expiryTime = int(now.timestamp() * 1000)
        else:
            client.order.enable = False
        disable_depleted(self.world.world)

    def add_foreign(self, name: str, expires_at: datetime) -> None:
        ms = int(expires_at.timestamp() * 1000)
        client = ClientOrder(email=name, expiryTime=ms, totalGB=7, tgId=5005)
        add_client(self.world.world, AddOrder(client=client, inboundIds=[1]))

    def remove_first(self) -> None:
        del self.panel.clients[next(iter(self.panel.clients))]

    def add_device(self, hwid: str) -> None:
        self._client.client_ips[hwid] = self.world.world.clock.now()

    def list_devices(self) -> list[str] | None:
        return [*self._client.client_ips]

    def count_logins(self) -> int:
        return 0

    @property
    def _client(self) -> XuiClient:
        (client,) = self.panel.clients.values()
        return client


class MarzbanStage:
    states = frozenset({"disabled", "limited", "expired", "on_hold"})
    has_names = has_versions = has_relative_links = True
    has_link_ids = knows_telegram_ids = False
    page_size = 200

    def __init__(self, world: WorldServer, kind: Kind, *, has_api_key: bool = False) -> None:
        self.world = world
        self._kind = kind
        self.renews_tokens = not has_api_key

    @property
    def panel(self) -> Marzban:
        state = self.world.world.state
        return state.marzban if self._kind == "marzban" else state.pasarguard

    def open(self, **config: object) -> PanelClient:
        create = create_marzban if self._kind == "marzban" else PasarGuardPanel
        prefix = "admin:" if self.renews_tokens else "pg_key_"
        key = {"key": f"{prefix}{self.world.world.config.panel_key}"}
        return _open(create, f"{self.world.url}/{self._kind}", self.world, key | config)

    def held(self) -> list[Held]:
        review_users(self.world.world)
        now = self.world.world.clock.now()
        return [
            Held(
                user.expires_at or now,
                user.data_limit or 0,
                user.hwid_limit,
                user.used_bytes,
                user.is_on(now),
                user.updates,
            )
            for user in self.panel.users.values()
        ]

    def use(self, used_bytes: int) -> None:
        self.user.used_bytes = used_bytes

    def bring_into(self, state: str) -> None:
        user, now = self.user, self.world.world.clock.now()
        if state == "limited":
            user.used_bytes = user.data_limit or 0
        elif state == "expired":
            user.expire = int(now.timestamp())
        elif state == "on_hold":
            user.status, user.expire, user.on_hold_expire_duration = "on_hold", None, 86_400
        else:
            user.status = "disabled"
        review_users(self.world.world)
        assert user.status == state

    def add_foreign(self, name: str, expires_at: datetime) -> None:
        order = NewUser(
            username=name,
            expire=int(expires_at.timestamp()),
            data_limit=7,
            proxies={"vless": {}} if self._kind == "marzban" else {},
            group_ids=[1],
        )
        create_marzban_user(self.world.world, self.panel, order)

    def remove_first(self) -> None:
        del self.panel.users[next(iter(self.panel.users))]

    def add_device(self, hwid: str) -> None:
        note_hwid(self.world.world, self.user, {"x-hwid": hwid})

    def list_devices(self) -> list[str] | None:
        return [*self.user.hwids]

    def count_logins(self) -> int:
        return len(self.panel.logins)

    @property
    def user(self) -> MarzbanUser:
        (user,) = self.panel.users.values()
        return user


def _open(
    kind: Callable[[PanelConfig], PanelClient],
    url: str,
    world: WorldServer,
    config: dict[str, object],
) -> PanelClient:
    values = {"url": url, "key": world.world.config.panel_key, **config}
    return kind(PanelConfig(**values))  # type: ignore[arg-type]
