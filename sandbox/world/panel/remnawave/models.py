"""What Remnawave remembers of its users, and what it takes of a request."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from sandbox.world.clock import iso
from sandbox.world.panel.models import PanelAccount, Served

Status = Literal["ACTIVE", "DISABLED", "LIMITED", "EXPIRED"]
Strategy = Literal["NO_RESET", "DAY", "WEEK", "MONTH", "MONTH_ROLLING"]
_Username = Annotated[str, Field(min_length=3, max_length=36, pattern=r"^[a-zA-Z0-9_-]+$")]
_Tag = Annotated[str, Field(max_length=16, pattern=r"^[A-Z0-9_]+$")]
_Password = Annotated[str, Field(min_length=8, max_length=32)]
_Count = Annotated[int, Field(ge=0, strict=True)]


class _Call(BaseModel):
    """What a call does not know it drops in silence, as the panel's own parser does."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class UserFields(_Call):
    never_null: ClassVar = frozenset(
        {"traffic_limit_bytes", "traffic_limit_strategy", "active_internal_squads", "status"}
    )

    traffic_limit_bytes: _Count | None = None
    traffic_limit_strategy: Strategy | None = None
    description: str | None = None
    tag: _Tag | None = None
    telegram_id: Annotated[int, Field(strict=True)] | None = None
    email: Annotated[str, Field(pattern=r"^\S+@\S+\.\S+$")] | None = None
    hwid_device_limit: _Count | None = None
    active_internal_squads: list[UUID] | None = None
    external_squad_uuid: UUID | None = None

    @model_validator(mode="after")
    def _check_nulls(self) -> Self:
        for name in sorted(self.never_null & self.model_fields_set):
            if getattr(self, name) is None:
                raise PydanticCustomError("null", "{field}: null", {"field": to_camel(name)})
        return self


class CreateUser(UserFields):
    never_null: ClassVar = UserFields.never_null | {"hwid_device_limit", "description"}

    username: _Username
    status: Status = "ACTIVE"
    short_uuid: str | None = None
    vless_uuid: UUID | None = None
    trojan_password: _Password | None = None
    ss_password: _Password | None = None
    expire_at: AwareDatetime
    created_at: AwareDatetime | None = None


class UpdateUser(UserFields):
    """Of 2.x: `uuid` or `username`; of 3.x: `id` or `username`."""

    username: str | None = None
    id: int | None = None
    uuid: UUID | None = None
    status: Literal["ACTIVE", "DISABLED"] | None = None
    expire_at: AwareDatetime | None = None


class Revoke(_Call):
    revoke_only_passwords: bool = False
    short_uuid: Annotated[str, Field(min_length=16, max_length=64)] | None = None


class DeviceRemoval(_Call):
    """Of 2.x: `userUuid`; of 3.x: `userId`. Without `hwid`, all of the user's."""

    user_id: Annotated[int, Field(strict=True)] | None = None
    user_uuid: UUID | None = None
    hwid: str | None = None


class HwidDevice(BaseModel):
    hwid: str
    platform: str | None = None
    os_version: str | None = None
    device_model: str | None = None
    user_agent: str | None = None
    request_ip: str | None = None
    created_at: datetime
    updated_at: datetime


class RemnawaveUser(PanelAccount):
    id: int
    uuid: str  # until 2.8
    short_uuid: str
    username: str
    status: Status
    traffic_limit_bytes: int
    traffic_limit_strategy: Strategy
    expire_at: datetime
    telegram_id: int | None
    email: str | None
    description: str | None
    tag: str | None
    hwid_device_limit: int | None
    external_squad_uuid: str | None
    squads: list[str]
    trojan_password: str
    vless_uuid: str
    ss_password: str
    last_triggered_threshold: int = 0
    sub_revoked_at: datetime | None = None
    last_traffic_reset_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    lifetime_before: int = 0  # of traffic that was reset
    devices: dict[str, HwidDevice] = Field(default_factory=dict)  # by hwid
    subscription_url: str

    def is_on(self, now: datetime) -> bool:  # noqa: ARG002 - a job turns it off
        return self.status == "ACTIVE" and bool(self.squads)

    def for_page(self) -> dict[str, JsonValue]:
        return {
            "panel": "remnawave",
            "uuid": self.uuid,
            "name": self.username,
            "expires_at": iso(self.expire_at),
            "traffic_limit_bytes": self.traffic_limit_bytes,
            "device_limit": self.hwid_device_limit or 0,
            "used_bytes": self.used_bytes,
            "online_at": iso(self.online_at) if self.online_at else None,
            "subscription_url": self.subscription_url,
            "created_calls": 1,
            "updates": self.updates,
        }

    def for_clients(self) -> Served:
        return Served(self.username, self.vless_uuid, self.traffic_limit_bytes, self.expire_at)


def _make_squads() -> dict[str, str]:
    return {
        "0b3a4c1e-6c0e-4c65-9d3c-2f1d2a3b4c5d": "Default-Squad",
        "1d5e7f90-1234-4f6a-8b7c-9d0e1f2a3b4c": "Premium",
    }


class Remnawave(BaseModel):
    version: str = "3.3.2"
    last_id: int = 0
    users: dict[int, RemnawaveUser] = Field(default_factory=dict)
    squads: dict[str, str] = Field(default_factory=_make_squads)

    @property
    def is_second(self) -> bool:
        return self.version.startswith("2.")

    @property
    def has_tags(self) -> bool:
        """Squads, since 3.4."""
        return not self.version.startswith(("2.", "3.0.", "3.1.", "3.2.", "3.3."))
