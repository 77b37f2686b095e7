"""Answers of Remnawave 2.8 and 3.x, as far as they are read, and its refusals."""

from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, ValidationError

from app.clients.http import HttpAnswer
from app.clients.panels.panel_server import name_device
from app.domain.ports import Device, RefusedError


class _Metadata(BaseModel):
    version: str


class _Traffic(BaseModel):
    used_bytes: int = Field(alias="usedTrafficBytes")
    online_at: AwareDatetime | None = Field(alias="onlineAt")


class _Squad(BaseModel):
    uuid: str
    name: str = ""


class RemnawaveAccount(BaseModel):
    uuid: UUID | None = None  # until 2.8
    id: int
    username: str
    telegram_id: Annotated[int | None, Field(alias="telegramId")] = None
    short_uuid: str = Field(alias="shortUuid")
    status: Literal["ACTIVE", "DISABLED", "LIMITED", "EXPIRED"]
    expires_at: AwareDatetime = Field(alias="expireAt")
    traffic_limit_bytes: int = Field(alias="trafficLimitBytes")
    device_limit: int | None = Field(alias="hwidDeviceLimit")
    squads: list[_Squad] = Field(alias="activeInternalSquads")
    link: str = Field(alias="subscriptionUrl")
    traffic: _Traffic = Field(alias="userTraffic")

    @property
    def path(self) -> str:
        return f"/users/{self.uuid or self.id}"

    @property
    def devices_path(self) -> str:
        return f"/hwid/devices/{self.uuid or self.id}"

    @property
    def as_owner(self) -> dict[str, JsonValue]:
        """How a call names the account whose devices it means."""
        return {"userUuid": str(self.uuid)} if self.uuid else {"userId": self.id}


class RemnawaveDevice(BaseModel):
    """What its client said of it in headers."""

    hwid: str
    platform: str | None = None
    os_version: Annotated[str | None, Field(alias="osVersion")] = None
    model: Annotated[str | None, Field(alias="deviceModel")] = None
    seen_at: Annotated[AwareDatetime | None, Field(alias="updatedAt")] = None

    def to_device(self) -> Device:
        name = name_device(self.model, self.platform, self.os_version)
        return Device(self.hwid, name, self.seen_at)


class _Devices(BaseModel):
    devices: list[RemnawaveDevice]


class _Squads(BaseModel):
    squads: list[_Squad] = Field(alias="internalSquads")


class RemnawaveMetadataAnswer(BaseModel):
    response: _Metadata


class _AccountPage(BaseModel):
    accounts: list[RemnawaveAccount] = Field(alias="users")
    next_cursor: Annotated[str | int | None, Field(alias="nextCursor")] = None


class RemnawaveAccountPageAnswer(BaseModel):
    response: _AccountPage


class RemnawaveAccountAnswer(BaseModel):
    response: RemnawaveAccount


class RemnawaveSquadsAnswer(BaseModel):
    response: _Squads


class RemnawaveDevicesAnswer(BaseModel):
    response: _Devices


class _Refusal(BaseModel):
    code: str = Field(alias="errorCode", pattern=r"^[A-Z]\d{1,4}$")


def get_error_code(answer: HttpAnswer) -> str | None:
    """What the panel's own refusals have, and a proxy's have not."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        return None
    try:
        return _Refusal.model_validate_json(answer.body).code
    except ValidationError:
        return None


def raise_refusal(answer: HttpAnswer, method: str) -> None:
    if answer.status >= HTTPStatus.BAD_REQUEST:
        code = get_error_code(answer) or "without a code of Remnawave's"
        raise RefusedError(f"panel {method}: HTTP {answer.status} {code}")
