"""What Marzban 0.8 and PasarGuard 5 remember of their users, and what they take of a request."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, JsonValue

from sandbox.world.clock import iso
from sandbox.world.panel.models import PanelAccount, Served

Kind = Literal["marzban", "pasarguard"]
Status = Literal["active", "disabled", "limited", "expired", "on_hold"]
_Count = Annotated[int, Field(ge=0, strict=True)]


def _to_seconds(value: object) -> object:
    if isinstance(value, str):
        instant = datetime.fromisoformat(value)
        return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())
    return value


class NextPlan(BaseModel):
    data_limit: int | None = None
    expire: int | None = None
    add_remaining_traffic: bool = False
    fire_on_either: bool = True


class UserOrder(BaseModel):
    """Null and left out are the same: nothing changes."""

    status: Literal["active", "disabled", "on_hold"] | None = None
    expire: Annotated[int | None, BeforeValidator(_to_seconds)] = None
    data_limit: _Count | None = None
    data_limit_reset_strategy: Literal["no_reset", "day", "week", "month", "year"] | None = None
    note: Annotated[str, Field(max_length=500)] | None = None
    on_hold_expire_duration: _Count | None = None
    next_plan: NextPlan | None = None
    # Marzban's
    proxies: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    inbounds: dict[str, list[str]] = Field(default_factory=dict)
    # PasarGuard's
    group_ids: list[int] | None = None
    hwid_limit: int | None = None


class NewUser(UserOrder):
    username: Annotated[str, Field(pattern=r"^\w{3}[a-zA-Z0-9_@.-]*$", max_length=32)]


class Hwid(BaseModel):
    """A device, by the headers of its client; only PasarGuard keeps them."""

    id: int
    hwid: str
    device_os: str | None
    os_version: str | None
    device_model: str | None
    created_at: datetime
    last_used_at: datetime


class MarzbanUser(PanelAccount):
    kind: Kind
    id: int
    username: str
    status: Status
    expire: int | None
    data_limit: int | None
    data_limit_reset_strategy: str
    note: str | None
    on_hold_expire_duration: int | None
    next_plan: NextPlan | None
    protocols: dict[str, str]  # their key
    inbounds: dict[str, list[str]]
    group_ids: list[int]
    hwid_limit: int | None
    hwids: dict[str, Hwid] = Field(default_factory=dict)
    created_at: datetime
    links_from: int  # serial numbers of links: those before are dead
    lifetime_before: int = 0
    link: str  # the newest, for the page

    def is_on(self, now: datetime) -> bool:  # noqa: ARG002 - a job turns it off
        has_servers = bool(self.group_ids if self.kind == "pasarguard" else self.protocols)
        return self.status in {"active", "on_hold"} and has_servers

    @property
    def expires_at(self) -> datetime | None:
        return datetime.fromtimestamp(self.expire, UTC) if self.expire else None

    def for_page(self) -> dict[str, JsonValue]:
        return {
            "panel": self.kind,
            "uuid": f"{self.kind}:{self.id}",
            "name": self.username,
            "expires_at": iso(self.expires_at) if self.expires_at else None,
            "traffic_limit_bytes": self.data_limit or 0,
            "device_limit": self.hwid_limit or 0,
            "used_bytes": self.used_bytes,
            "online_at": iso(self.online_at) if self.online_at else None,
            "subscription_url": self.link,
            "created_calls": 1,
            "updates": self.updates,
        }

    def for_clients(self) -> Served:
        key = next(iter(self.protocols.values()), "")
        return Served(self.username, key, self.data_limit or 0, self.expires_at)


def _make_inbounds() -> dict[str, list[str]]:
    return {"vless": ["VLESS TCP REALITY"], "trojan": ["TROJAN WS"]}


def _make_groups() -> dict[int, str]:
    return {1: "everybody", 2: "premium"}


class Marzban(BaseModel):
    """`logins`: the tokens that were given for a password."""

    kind: Kind
    version: str
    last_id: int = 0
    last_link: int = 0
    users: dict[str, MarzbanUser] = Field(default_factory=dict)  # by name
    inbounds: dict[str, list[str]] = Field(default_factory=_make_inbounds)
    groups: dict[int, str] = Field(default_factory=_make_groups)
    logins: list[str] = Field(default_factory=list)
